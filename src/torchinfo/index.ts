/// <reference lib="esnext.disposable" preserve="true" />
/** `flambeau/torchinfo`: tables of a model's layers, as Python's torchinfo prints them (Yep, "torchinfo", 2020). */
export type { LayerInfo } from './layer_info.js';
export type { ColumnName, RowSetting } from './layer_table.js';
export type { ModelStatistics } from './model_statistics.js';
export { type InputSize, type SummaryOptions, summary } from './summary.js';
export type * from './types.js';
