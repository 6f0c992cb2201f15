/** `torch.utils.benchmark`: how long code takes. */
export { Compare } from './compare.js';
export { Measurement, TaskSpec } from './measurement.js';
export { Timer, type TimerCallback, type TimerGlobals } from './timer.js';
