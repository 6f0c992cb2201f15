/** `torch.signal`: windows of signals. */
export * as windows from '../generated/signal_windows.js';
