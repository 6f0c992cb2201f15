/** `torch.signal`: windows of signals. */
export { windows } from '../generated/signal_windows.js';
