/// <reference lib="esnext.disposable" preserve="true" />
/** `flambeau/tensorboard`: files that TensorBoard shows, as `torch.utils.tensorboard` writes them. */
export type { HistogramBins } from './histogram_buckets.js';
export { type LogFile, type LogFolder, MemoryFolder } from './log_folder.js';
export type { Loggable } from './logged_values.js';
export type { CustomScalarsLayout, Hparam, HparamDomain, Hparams } from './summaries.js';
export { type Figure, SummaryWriter } from './summary_writer.js';
export type * from './types.js';
