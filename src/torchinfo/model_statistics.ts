/** The sums of a summary. */
import { libraryClass } from '../core/object.js';
import type { Tensor } from '../core/tensor.js';
import type { LayerInfo } from './layer_info.js';
import { grouped, Table, type TableSettings } from './layer_table.js';

/** The rows of a summary, and their sums; printed, its table. */
export class ModelStatistics {
  /** The rows, in the order of the calls. */
  readonly summaryList: readonly LayerInfo[];
  /** The sizes of the model's arguments. */
  readonly inputSize: readonly unknown[];
  /** Bytes of the arguments. */
  readonly totalInput: number;
  readonly totalParams: number;
  readonly trainableParams: number;
  readonly totalParamBytes: number;
  /** Bytes of what layers give, and of its gradients. */
  readonly totalOutputBytes: number;
  readonly totalMultAdds: number;
  readonly #table: Table;

  /** @internal */
  constructor(
    layers: readonly LayerInfo[],
    inputSize: readonly unknown[],
    totalInput: number,
    settings: TableSettings,
  ) {
    const sum = (list: readonly LayerInfo[], of: (layer: LayerInfo) => number) =>
      list.reduce((all, layer) => all + of(layer), 0);
    const leaves = layers.filter(({ isLeafLayer }) => isLeafLayer);
    const roots = layers.filter(({ parentInfo }) => parentInfo === null);
    this.summaryList = layers;
    this.inputSize = inputSize;
    this.totalInput = totalInput;
    this.totalMultAdds = sum(leaves, ({ macs }) => macs);
    this.totalOutputBytes = sum(leaves, ({ numParams, outputBytes }) =>
      numParams > 0 ? 2 * outputBytes : 0,
    );
    this.totalParams = sum(roots, ({ numParams }) => numParams);
    this.trainableParams = sum(roots, ({ trainableParams }) => trainableParams);
    this.totalParamBytes = sum(roots, ({ paramBytes }) => paramBytes);
    markShared(layers);
    this.#table = new Table(layers, this.totalParams, settings);
  }

  toString(): string {
    const divider = '='.repeat(this.#table.width);
    const counts = [
      ['Total params', this.totalParams],
      ['Trainable params', this.trainableParams],
      ['Non-trainable params', this.totalParams - this.trainableParams],
    ] as const;
    const lines = [
      divider,
      `${this.#table.header()}${divider}`,
      `${this.#table.body()}${divider}`,
      ...counts.map(([name, count]) => `${name}: ${grouped(count)}`),
    ];
    if (this.inputSize.length > 0) {
      const { totalInput, totalOutputBytes, totalParamBytes } = this;
      lines.push(
        `Total mult-adds${readable(this.totalMultAdds, '')}`,
        divider,
        `Input size${readable(totalInput, 'B')}`,
        `Forward/backward pass size${readable(totalOutputBytes, 'B')}`,
        `Params size${readable(totalParamBytes, 'B')}`,
        `Estimated Total Size${readable(totalInput + totalOutputBytes + totalParamBytes, 'B')}`,
      );
    }
    return [...lines, divider].join('\n');
  }
}
libraryClass(ModelStatistics);

/** Rows whose parameters an earlier one has, too, are marked: counts of rows then add up. */
function markShared(layers: readonly LayerInfo[]): void {
  const seen = new Set<Tensor>();
  for (const layer of layers) {
    const own = layer.ownParameters();
    const isNew = own.some(([param]) => !seen.has(param));
    for (const [param] of own) seen.add(param);
    if (!isNew && own.some(([, count]) => count > 0)) layer.isRecursive = true;
  }
}

/** A number in the unit that suits it: ` (M): 1.25`. */
function readable(value: number, unit: string): string {
  for (const [prefix, factor] of [
    ['T', 1e12],
    ['G', 1e9],
    ['M', 1e6],
    ['k', 1e3],
  ] as const)
    if (value >= factor) {
      const scaled = value / factor;
      const text = Number.isInteger(scaled) ? grouped(scaled) : scaled.toFixed(2);
      return ` (${prefix}${unit}): ${text}`;
    }
  return `: ${grouped(value)}`;
}
