/** Summaries of models. */
import { currentAccelerator } from '../accelerators/accelerator.js';
import { noGradSync } from '../autograd/modes.js';
import { type Device, type DeviceLike, toDevice } from '../core/device.js';
import { type DType, float32 } from '../core/dtype.js';
import { RuntimeError, TypeError, ValueError } from '../core/errors.js';
import { isPlainObject } from '../core/plain.js';
import { formatValue } from '../core/repr.js';
import { signature } from '../core/signature/signature.js';
import { Tensor } from '../core/tensor.js';
import { ops } from '../dispatch/registry.js';
import { Module } from '../nn/module.js';
import { CalledLayers } from './called_layers.js';
import { type ColumnName, columnNames, type RowSetting, rowSettings } from './layer_table.js';
import { ModelStatistics } from './model_statistics.js';

/** The size of a model's argument, or of each. */
export type InputSize = readonly number[] | readonly (readonly number[])[];

/** Options of a summary: its looks, and the call that it is of. */
export interface SummaryOptions {
  /** The size of the model's argument, or of each, with the batch. */
  inputSize?: InputSize | null;
  /** The arguments instead: one, a list, or an object by names. */
  inputData?: Tensor | readonly unknown[] | Readonly<Record<string, unknown>> | null;
  /** Where sizes get a dimension of 1 for the batch. */
  batchDim?: number | null;
  /** The columns. Default: `output_size` and `num_params`. */
  colNames?: Iterable<ColumnName> | null;
  /** The width of columns. Default 25. */
  colWidth?: number;
  /** How many steps down the tree are shown. Default 3. */
  depth?: number;
  /** Where the model is called, with tensors of `inputSize`. Default: where it is. */
  device?: DeviceLike | null;
  /** The types of tensors of `inputSize`. Default: float32. */
  dtypes?: readonly DType[] | null;
  /** Whether the model is called as in training, in evaluation, or as it stands. Default `same`. */
  mode?: 'train' | 'eval' | 'same';
  /** The looks of rows. Default: `depth`. */
  rowSettings?: Iterable<RowSetting> | null;
  /** 0: nothing is printed, 1: the table, 2: with each layer's parameters. Default 1. */
  verbose?: number;
  /** Further arguments of the model, by name. */
  kwargs?: Readonly<Record<string, unknown>> | null;
}

const ofSummary = /* @__PURE__ */ signature(
  "summary(Any model, Any input_size=None, Any input_data=None, int? batch_dim=None, Any col_names=None, int col_width=25, int depth=3, Device? device=None, Any dtypes=None, 'train'|'eval'|'same' mode='same', Any row_settings=None, int verbose=1, Dict? kwargs=None)",
);

/** Columns that only a call fills. */
const ofCalls: readonly ColumnName[] = ['input_size', 'output_size', 'mult_adds'];

/** Bytes that Python has for a storage besides its contents: torchinfo counts them. */
const storageOverhead = 64;

/**
 * The layers of a model with their sizes, parameters and multiplications: a table, which is also printed unless `verbose` is 0. Sizes are
 * those of a call, if an input is given.
 *
 * @example
 * summary(net, { inputSize: [1, 3, 224, 224], colNames: ['input_size', 'output_size', 'num_params', 'mult_adds'] });
 */
export function summary(
  ...args:
    | [model: Module, options?: SummaryOptions]
    | [
        model: Module,
        inputSize: InputSize | null,
        ...rest: [
          inputData?: SummaryOptions['inputData'],
          batchDim?: number | null,
          options?: SummaryOptions,
        ],
      ]
    | [options: SummaryOptions & { model: Module }]
): ModelStatistics {
  const given = ofSummary.bind(args);
  const { batchDim, colWidth, depth, mode, verbose, inputSize, inputData } = given;
  const { model } = given;
  if (!(model instanceof Module))
    throw new TypeError(`${formatValue(model)} is not an instance of torch.nn.Module`);
  const kwargs = given.kwargs as Readonly<Record<string, unknown>> | null;
  const hasInput = (inputSize ?? inputData ?? null) !== null;
  const columns = chosen(
    given.colNames ?? (hasInput ? ['output_size', 'num_params'] : ['num_params']),
    columnNames,
    'ColumnSettings',
  );
  const rows = new Set(chosen(given.rowSettings ?? ['depth'], rowSettings, 'RowSettings'));
  if (colWidth <= 0) throw new ValueError(`Column width must be greater than 0: col_width=${colWidth}`);
  if (![0, 1, 2].includes(verbose))
    throw new ValueError('Verbose must be either 0 (quiet), 1 (default), or 2 (verbose).');
  if (inputSize !== null && inputData !== null)
    throw new RuntimeError('Only one of (inputData, inputSize) should be specified.');
  const lacking = columns.filter((column) => ofCalls.includes(column));
  if (!hasInput && lacking.length > 0)
    throw new ValueError(
      `You must pass inputData or inputSize in order to use columns: {${lacking.map((name) => `'${name}'`).join(', ')}}`,
    );

  const calls = new CalledLayers(model, batchDim);
  const device = inputSize === null ? null : given.device === null ? deviceOf(model) : toDevice(given.device);
  const sizes = inputSize === null ? [] : sizesOf(inputSize);
  const types = (given.dtypes ?? null) as readonly DType[] | null;
  const inputs =
    inputSize === null
      ? argumentsOf(inputData)
      : made(sizes, batchDim, types ?? sizes.map(() => float32), device!);
  if (inputs === null) calls.list();
  else
    calls.during(() => {
      const { training } = model;
      try {
        if (mode !== 'same') model.train(mode === 'train');
        noGradSync(() => {
          if (device !== null) model.to(device);
          const named = kwargs === null ? {} : (movedTo(kwargs, device) as Record<string, unknown>);
          const byName = isPlainObject(inputs) ? { ...inputs, ...named } : named;
          const last = Object.keys(byName).length > 0 ? [byName] : [];
          call(model, isPlainObject(inputs) ? last : [...(inputs as readonly unknown[]), ...last]);
        });
      } catch (error) {
        const executed = calls.layers.filter((layer) => layer.executed);
        throw new RuntimeError(
          `Failed to run torchinfo: ${(error as Error).message}. Executed layers up to: [${executed.map(String).join(', ')}]`,
          { cause: error },
        );
      } finally {
        model.train(training);
      }
    });
  const shown = inputSize === null ? shapesIn(inputs) : sizes;
  const result = new ModelStatistics(calls.layers, shown, bytesOf(inputs), {
    depth,
    verbose,
    columns,
    columnWidth: colWidth,
    rows,
  });
  if (verbose > 0) console.log(String(result));
  return result;
}

function call(model: Module, args: readonly unknown[]): void {
  const forward = model.forward as (...args: unknown[]) => unknown;
  forward.apply(model, [...args]);
}

function chosen<T extends string>(given: unknown, known: readonly T[], owner: string): T[] {
  return [...(given as Iterable<T>)].map((name) => {
    if (!known.includes(name)) throw new ValueError(`${formatValue(name)} is not a valid ${owner}`);
    return name;
  });
}

/** The device of the first parameter, else the one that there is beside the CPU. */
function deviceOf(model: Module): Device {
  const [first] = model.parameters();
  return first?.device ?? currentAccelerator() ?? toDevice('cpu');
}

/** The size of each argument. */
function sizesOf(given: unknown): (readonly number[])[] {
  if (!Array.isArray(given))
    throw new TypeError(
      'Input_size is not a recognized type. Please ensure input_size is valid.\nFor multiple inputs to the network, ensure input_size is a list of tuple sizes.',
    );
  if (given.length === 0 || given.flat(10).some((size) => !(size > 0)))
    throw new ValueError('Input_data is invalid, or negative size found in input_data.');
  return typeof given[0] === 'number' ? [given as number[]] : (given as number[][]);
}

function made(
  sizes: readonly (readonly number[])[],
  batchDim: number | null,
  dtypes: readonly DType[],
  device: Device,
): Tensor[] {
  return sizes.slice(0, dtypes.length).map((size, i) => {
    const input = ops.rand([...size]);
    return (batchDim === null ? input : input.unsqueeze(batchDim)).to(device).to(dtypes[i]);
  });
}

/** The arguments of the call: by position, or an object by names; null for none. */
function argumentsOf(data: unknown): readonly unknown[] | Readonly<Record<string, unknown>> | null {
  if (data === null) return null;
  if (data instanceof Tensor) return [data];
  if (Array.isArray(data)) return data;
  if (isPlainObject(data)) return data as Record<string, unknown>;
  throw new TypeError(`inputData is a tensor, a list or an object of them, not ${formatValue(data)}`);
}

/** The values in lists and objects, changed. */
function mapped(value: unknown, change: (tensor: Tensor) => unknown): unknown {
  if (value instanceof Tensor) return change(value);
  if (Array.isArray(value)) return value.map((one) => mapped(one, change));
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, mapped(one, change)]));
}

const movedTo = (value: unknown, device: Device | null): unknown =>
  device === null ? value : mapped(value, (tensor) => tensor.to(device));

const shapesIn = (inputs: unknown): unknown[] => {
  const shapes = mapped(inputs, (tensor) => [...tensor.shape]);
  return inputs === null ? [] : Array.isArray(shapes) ? shapes : [shapes];
};

function bytesOf(inputs: unknown): number {
  let bytes = 0;
  mapped(inputs, (tensor) => {
    bytes += tensor.storage.nbytes + storageOverhead;
  });
  return bytes;
}
