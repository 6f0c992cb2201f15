/** Tables of layers as text. */
import type { LayerInfo } from './layer_info.js';

const titles = {
  kernel_size: 'Kernel Shape',
  groups: 'Groups',
  input_size: 'Input Shape',
  output_size: 'Output Shape',
  num_params: 'Param #',
  params_percent: 'Param %',
  mult_adds: 'Mult-Adds',
  trainable: 'Trainable',
} as const;

/** A column of a summary. */
export type ColumnName = keyof typeof titles;
/** A setting of the looks of rows. */
export type RowSetting = 'depth' | 'var_names' | 'ascii_only' | 'hide_recursive_layers';

export const columnNames = Object.keys(titles) as ColumnName[];
export const rowSettings: readonly RowSetting[] = [
  'depth',
  'var_names',
  'ascii_only',
  'hide_recursive_layers',
];

export interface TableSettings {
  readonly depth: number;
  readonly verbose: number;
  readonly columns: readonly ColumnName[];
  readonly columnWidth: number;
  readonly rows: ReadonlySet<RowSetting>;
}

/** Columns of a step down the tree. */
const indent = 5;
const leastNameWidth = 40;

/** A whole number with commas. */
export const grouped = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 0 });

const listed = (value: number | readonly number[] | null): string => {
  if (value === null || value === 0) return '--';
  if (typeof value === 'number') return String(value);
  return value.length === 0 ? '--' : `[${value.join(', ')}]`;
};

export class Table {
  private readonly nameWidth: number;

  constructor(
    private readonly layers: readonly LayerInfo[],
    private readonly totalParams: number,
    private readonly settings: TableSettings,
  ) {
    const longest = Math.max(
      0,
      ...layers.map((layer) => this.nameOf(layer).length + layer.depth * indent + 1),
    );
    this.nameWidth = longest >= leastNameWidth ? Math.ceil(longest / indent) * indent : leastNameWidth;
  }

  get width(): number {
    return this.settings.columns.length * this.settings.columnWidth + this.nameWidth;
  }

  header(): string {
    const { rows } = this.settings;
    const names = `${rows.has('var_names') ? ' (var_name)' : ''}${rows.has('depth') ? ':depth-idx' : ''}`;
    return this.row(`Layer (type${names})`, titles);
  }

  /** The rows, each with its end of line. */
  body(): string {
    const { depth, rows } = this.settings;
    return this.layers
      .filter((layer) => layer.depth <= depth && !(rows.has('hide_recursive_layers') && layer.isRecursive))
      .map((layer) => this.rowsOf(layer))
      .join('');
  }

  private nameOf({ className, varName, depth, depthIndex }: LayerInfo): string {
    const { rows } = this.settings;
    const name = rows.has('var_names') && varName !== '' ? `${className} (${varName})` : className;
    return rows.has('depth') && depth > 0 ? `${name}: ${depth}-${depthIndex}` : name;
  }

  private lead(depth: number): string {
    if (depth === 0) return '';
    const isAscii = this.settings.rows.has('ascii_only');
    if (depth === 1) return isAscii ? '+ ' : '├─';
    return (isAscii ? '|    ' : '│    ').repeat(depth - 1) + (isAscii ? '+ ' : '└─');
  }

  private row(name: string, values: Readonly<Partial<Record<ColumnName, string>>>): string {
    const { columns, columnWidth } = this.settings;
    const cells = columns.map((column) => `${(values[column] ?? '').padEnd(columnWidth)} `);
    return `${`${name.padEnd(this.nameWidth)} ${cells.join('')}`.trimEnd()}\n`;
  }

  private rowsOf(layer: LayerInfo): string {
    const isDeepest = layer.depth === this.settings.depth;
    const row = this.row(`${this.lead(layer.depth)}${this.nameOf(layer)}`, {
      kernel_size: listed(layer.kernelSize),
      groups: listed(layer.groups),
      input_size: listed(layer.inputSize),
      output_size: listed(layer.outputSize),
      num_params: countText(layer, isDeepest),
      params_percent: this.shareText(layer, isDeepest),
      mult_adds: macsText(layer, isDeepest),
      trainable: layer.trainable,
    });
    if (this.settings.verbose < 2) return row;
    const inner = layer.innerLayers.map(({ name, kernelSize, numParams }, i) =>
      this.row(`${this.lead(layer.depth + 1)}${name}`, {
        kernel_size: kernelSize,
        num_params: `${i === layer.innerLayers.length - 1 ? '└─' : '├─'}${grouped(numParams)}`,
      }),
    );
    return row + inner.join('');
  }

  private shareText(layer: LayerInfo, isDeepest: boolean): string {
    if (this.totalParams === 0) return '     --';
    if (layer.isRecursive) return '(recursive)';
    const count = isDeepest || layer.isLeafLayer ? layer.numParams : layer.leftoverParams();
    if (count === 0) return '     --';
    return `${((100 * count) / this.totalParams).toFixed(2)}%`.padStart(7);
  }
}

function countText(layer: LayerInfo, isDeepest: boolean): string {
  if (layer.numParams === 0) return '--';
  if (layer.isRecursive) return '(recursive)';
  if (isDeepest || layer.isLeafLayer)
    return layer.trainableParams > 0 ? grouped(layer.numParams) : `(${grouped(layer.numParams)})`;
  const left = layer.leftoverParams();
  return left > 0 ? grouped(left) : '--';
}

function macsText(layer: LayerInfo, isDeepest: boolean): string {
  if (layer.macs <= 0) return '--';
  if (layer.isLeafLayer) return grouped(layer.macs);
  if (!isDeepest) return '--';
  return grouped(
    layer.children.filter((child) => child.isLeafLayer).reduce((sum, child) => sum + child.macs, 0),
  );
}
