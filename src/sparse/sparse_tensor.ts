/**
 * Tensors that keep only some of their elements: where these are, and what they are.
 *
 * A sparse tensor has no memory of its own: it is made of ordinary tensors, and what is recorded for gradients is recorded for its
 * values. So an op on sparse tensors is a composition of ordinary ones, and has derivatives of every order without saying so.
 */
import { getDefaultDtype } from '../core/defaults.js';
import { checkAlive } from '../core/disposed.js';
import { bool, int64 } from '../core/dtype.js';
import { complexReader, elementReader } from '../core/elements.js';
import { NotImplementedError, RuntimeError } from '../core/errors.js';
import { inspect } from '../core/inspect.js';
import { formatShape, type Shape } from '../core/layout.js';
import type { ReadonlyList } from '../core/list.js';
import { Layout } from '../core/memory_format.js';
import { formatContents, withSuffixes } from '../core/printing.js';
import { formatTuple } from '../core/repr.js';
import { type Reach, reach } from '../core/scope.js';
import { gradNode, Tensor } from '../core/tensor.js';
import { noteOtherLayout } from '../dispatch/layouts.js';
import { belowAutograd } from '../dispatch/recording.js';
import { ops } from '../dispatch/registry.js';

/** Elements by their coordinates. */
export const sparseCoo = new Layout('sparse_coo', 2);
/** Elements by their columns, row after row. */
export const sparseCsr = new Layout('sparse_csr', 3);

/** The error of whatever would need the elements in one storage. */
function withoutStorage(): RuntimeError {
  return new RuntimeError(
    "Cannot access data pointer of Tensor that doesn't have storage: use Tensor.toDense() first",
  );
}

export abstract class SparseTensor extends Tensor {
  #parts: readonly [...Tensor[], Tensor];

  /** @param parts where the values are, and the values */
  protected constructor(shape: Shape, ...parts: readonly [...Tensor[], Tensor]) {
    const values = parts.at(-1)!;
    super(values.storage, values.dtype, shape, [], 0);
    this.#parts = parts;
    noteOtherLayout();
  }

  /** The names by which its parts are printed. */
  protected abstract readonly partNames: readonly string[];

  /** PyTorch's name of it as a backend. */
  abstract readonly backendName: string;

  /** The same elements by coordinates. */
  abstract toCoo(): SparseCooTensor;

  /** Such a tensor with other values in the same places. */
  abstract withValues(values: Tensor): SparseTensor;

  /** Its parts, the values last. */
  override get parts(): readonly [...Tensor[], Tensor] {
    return this.#parts;
  }

  /** The values of the elements that there are, [n, …]; without checks. */
  get elements(): Tensor {
    return this.#parts.at(-1)!;
  }

  // ---- what it shares with its values ---------------------------------------------------------------------------

  override get storage() {
    return this.elements.storage;
  }

  override set storage(storage) {
    this.elements.storage = storage;
  }

  override get dtype() {
    return this.elements.dtype;
  }

  override get autograd() {
    return this.elements.autograd;
  }

  override set autograd(state) {
    this.elements.autograd = state;
  }

  override get grad(): Tensor | null {
    const grad = this.elements.grad;
    return grad === null ? null : this.asGradient(grad);
  }

  override set grad(value: Tensor | null) {
    this.elements.grad = value instanceof SparseTensor ? value.elements : value;
  }

  /** @internal */
  override asGradient(grad: Tensor): Tensor {
    return grad instanceof SparseTensor ? grad : this.withGradients(grad);
  }

  /** Gradients of its values as one of it. */
  protected withGradients(grad: Tensor): Tensor {
    return this.withValues(grad);
  }

  /** @internal */
  override [reach](into: Reach): void {
    for (const part of this.#parts) into.value(part);
  }

  override dispose(): void {
    for (const part of this.#parts) part.dispose();
  }

  /** The same without its history. */
  detachedParts(): this {
    return this.withValues(this.elements.detach()) as this;
  }

  /** Becomes what another is. */
  become(other: SparseTensor): void {
    this.#parts = other.parts;
  }

  // ---- what it has not ------------------------------------------------------------------------------------------

  override get strides(): readonly number[] {
    throw withoutStorage();
  }

  override get offset(): number {
    throw withoutStorage();
  }

  override stride(): ReadonlyList<number>;
  override stride(dim: number | { dim: number }): number;
  override stride(...args: [] | [number | { dim: number }]): readonly number[] | number {
    return args.length === 0 ? this.shape.map(() => 0) : 0;
  }

  override storageOffset(): number {
    return 0;
  }

  override isContiguous(): boolean {
    return false;
  }

  override get nbytes(): number {
    throw new RuntimeError(
      'nbytes is not defined for sparse tensors.  If you want the size of the constituent tensors, add the nbytes of the indices and values.  If you want the size of the  equivalent dense tensor, multiply numel() by elementSize()',
    );
  }

  // ---- printing -------------------------------------------------------------------------------------------------

  override toString(): string {
    return this.printed(this.#parts);
  }

  override async toStringAsync(): Promise<string> {
    const there = this.#parts.map((part) => belowAutograd(() => part.detach().to('cpu')).ready());
    return this.printed(await Promise.all(there));
  }

  /** @param parts its parts on the host */
  private printed(parts: readonly Tensor[]): string {
    checkAlive(this, 'toString()');
    const prefix = 'tensor(';
    const indent = prefix.length;
    const { dtype, shape } = this;
    const suffixes: string[] = [];
    if (this.device.type !== 'cpu') suffixes.push(`device='${this.device}'`);
    suffixes.push(`size=${formatTuple(shape)}`, `nnz=${this.elements.shape[0]}`);
    const own = getDefaultDtype();
    if (![int64, bool, own, own.toComplex()].includes(dtype)) suffixes.push(`dtype=${dtype}`);
    const isSplit = this.layout === sparseCoo;
    const texts = this.partNames.map((name, i) => {
      const part = parts[i];
      const start = `${name}=tensor(`;
      const size = part.numel() === 0 ? `, size=${formatTuple(part.shape)}` : '';
      return `${start}${contents(part, indent + start.length)}${size})`;
    });
    suffixes.push(`layout=${this.layout}`);
    const node = gradNode(this.elements);
    if (node !== null) suffixes.push(`grad_fn=<${node.name()}>`);
    else if (this.requiresGrad) suffixes.push('requires_grad=True');
    return withSuffixes(prefix + texts.join(`,\n${' '.repeat(indent)}`), suffixes, indent, isSplit);
  }

  /** All that comparisons look at, as text. */
  get [Symbol.toStringTag](): string {
    if (this.isDisposed) return this[inspect]();
    const parts = this.#parts.map((part) => Reflect.get(part.detach(), Symbol.toStringTag) as string);
    return `${this.layout}, size=${formatTuple(this.shape)}: ${parts.join('; ')}`;
  }

  [inspect](): string {
    if (this.isDisposed) return `tensor(<disposed>, size=${formatShape(this.shape)})`;
    return this.toString();
  }
}

function contents(given: Tensor, indent: number): string {
  const tensor = belowAutograd(() => given.detach().contiguous());
  return formatContents(tensor.shape, tensor.dtype, indent, (positions) => {
    const read = (tensor.dtype.isComplex ? complexReader : elementReader)(tensor, 'toString');
    return positions.map((p) => read(tensor.offset + p));
  });
}

/** A tensor of elements by their coordinates. */
export class SparseCooTensor extends SparseTensor {
  protected readonly partNames = ['indices', 'values'];
  readonly backendName = 'SparseCPU';
  /** Whether no coordinates are there twice, and they are in order. */
  isOrdered: boolean;

  constructor(indices: Tensor, values: Tensor, shape: Shape, isOrdered = false) {
    super(shape, indices, values);
    this.isOrdered = isOrdered;
  }

  override get layout(): Layout {
    return sparseCoo;
  }

  override get isSparse(): boolean {
    return true;
  }

  /** Where the elements are, [dimensions, n]. */
  get places(): Tensor {
    return this.parts[0];
  }

  /** How many dimensions the coordinates have; the others are those of the values. */
  get sparseDims(): number {
    return this.places.shape[0];
  }

  override toCoo(): SparseCooTensor {
    return this;
  }

  /** The first elements of it. */
  narrowed(count: number): SparseCooTensor {
    const places = this.places.narrow(1, 0, count);
    return new SparseCooTensor(places, this.elements.narrow(0, 0, count), this.shape, this.isOrdered);
  }

  override withValues(values: Tensor): SparseCooTensor {
    return new SparseCooTensor(this.places, values, this.shape, this.isOrdered);
  }

  /** Elements at one place have one gradient. */
  protected override withGradients(grad: Tensor): Tensor {
    if (this.isOrdered || !this.places.isReadable) return this.withValues(grad);
    const [places, at] = ops.unique(this.places, { dim: 1, returnInverse: true });
    const values = grad.newZeros([places.shape[1], ...grad.shape.slice(1)]).indexCopy(0, at, grad);
    return new SparseCooTensor(places, values, this.shape);
  }

  override become(other: SparseCooTensor): void {
    super.become(other);
    this.isOrdered = other.isOrdered;
  }
}

/** A matrix of elements by their columns, row after row. */
export class SparseCsrTensor extends SparseTensor {
  protected readonly partNames = ['crow_indices', 'col_indices', 'values'];
  readonly backendName = 'SparseCsrCPU';

  constructor(rowStarts: Tensor, columns: Tensor, values: Tensor, shape: Shape) {
    super(shape, rowStarts, columns, values);
  }

  override get layout(): Layout {
    return sparseCsr;
  }

  override get isSparseCsr(): boolean {
    return true;
  }

  override toCoo(): SparseCooTensor {
    const [starts, columns] = this.parts;
    const rows = rowsOf(starts, columns.shape[0]);
    return new SparseCooTensor(stackRows(rows, columns), this.elements, this.shape, true);
  }

  override withValues(values: Tensor): SparseCsrTensor {
    const [starts, columns] = this.parts;
    return new SparseCsrTensor(starts, columns, values, this.shape);
  }
}

/** The row of each of so many elements. */
function rowsOf(starts: Tensor, count: number): Tensor {
  const positions = ops.arange(count, { dtype: int64, device: starts.device });
  return ops.searchsorted(starts.to(int64).contiguous(), positions, { right: true }).sub(1);
}

const stackRows = (rows: Tensor, columns: Tensor): Tensor => ops.stack([rows, columns.to(int64)]);

/** The error of an op that takes no such tensors, in PyTorch's words. */
export function refused(name: string, { backendName }: SparseTensor): NotImplementedError {
  return new NotImplementedError(
    `Could not run 'aten::${name}' with arguments from the '${backendName}' backend. Call toDense() first.`,
  );
}
