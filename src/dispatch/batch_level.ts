/**
 * Levels of `vmap`. A level knows which tensors stand for stacks of such tensors: a function sees one of them, and what it calls is
 * carried out for all at once, with only the modes beneath in sight.
 */
import type { Storage } from '../backends/backend.js';
import type { ModeStack } from '../core/context.js';
import { RuntimeError } from '../core/errors.js';
import { keep } from '../core/scope.js';
import { standForSeveral } from '../core/stand_ins.js';
import { moveTo, Tensor } from '../core/tensor.js';
import { batchOf, eachResult, type Member, mapTensors, runStacked } from './batching.js';
import { dispatch } from './dispatch.js';
import { carryOut, innermost, isMadeHere, type Mode, type Next, withModes } from './mode.js';
import type { Op } from './op.js';
import { type InPlaceOp, RecordedOp } from './recorded_op.js';

/** Behaviour of random ops in a `vmap`: refuse, draw for every one of the stack, or draw once. */
export type Randomness = 'error' | 'different' | 'same';

/** The tensor that another stands for: one with the stack's dimension, or (null) one that is the same for all. */
export interface Stacked {
  readonly tensor: Tensor;
  readonly dim: number | null;
}

export class BatchLevel implements Mode {
  readonly remembers = true;
  readonly isTransform = true;
  /** Levels count from 1. */
  readonly index: number;
  private readonly stacked = new WeakMap<Tensor, Stacked>();
  /** Memory that bodies of ops had made for one and that is now there for all, as rows. */
  private readonly spread = new WeakMap<Storage, Tensor>();

  constructor(
    /** The modes that it was entered in. */
    readonly below: ModeStack | null,
    readonly size: number,
    readonly randomness: Randomness,
  ) {
    this.index = (innermost(BatchLevel)?.index ?? 0) + 1;
  }

  /** A tensor that stands for all along a dimension of another, or is the same for all of them. */
  enter(tensor: Tensor, dim: number | null): Tensor {
    const { shape, strides, offset, storage, dtype } = tensor;
    const without = <T>(list: readonly T[]): readonly T[] => list.filter((_, d) => d !== dim);
    const logical = new Tensor(storage, dtype, without(shape), without(strides), offset);
    this.set(logical, { tensor, dim });
    return logical;
  }

  /** Makes a tensor known as the same for all; what there is for it takes its history. */
  note(tensor: Tensor): Tensor {
    if (this.get(tensor) !== null) return tensor;
    const { shape, strides, offset, storage, dtype } = tensor;
    const whole = new Tensor(storage, dtype, shape, strides, offset);
    [whole.autograd, whole.base] = [tensor.autograd, tensor.base];
    tensor.autograd = null;
    this.set(tensor, { tensor: whole, dim: null });
    return tensor;
  }

  /** Gives a result as it is outside, with the stack's dimension at `dim`; null: as a tensor that is the same for all. */
  leave(tensor: Tensor, dim: number | null): Tensor {
    const known = this.get(tensor);
    return withModes(this.below, () => {
      const whole = known?.tensor ?? tensor;
      if (dim === null) return whole;
      const front = known === null || known.dim === null ? this.expanded(whole) : this.front(known);
      return dim === 0 ? front : front.movedim(0, dim);
    });
  }

  /** Whether a tensor stands for several. */
  isStacked(tensor: Tensor): boolean {
    return (this.get(tensor)?.dim ?? null) !== null;
  }

  call(op: Op, args: unknown[], next: Next): unknown {
    const drawing = drawingOf(op);
    if (drawing !== null) return this.draw(op, drawing, args, next);
    if (op.isComposite) return carryOut(op.tensorsOf(args), () => op.execute(args));
    return this.knows(op, args) ? withModes(this.below, () => this.run(op, args)) : next(op, args);
  }

  private knows(op: Op, args: readonly unknown[]): boolean {
    return op.tensorsOf(args).some((t) => this.get(t) !== null);
  }

  private run(op: Op, args: readonly unknown[]): unknown {
    if (op.isInPlace) return this.change(op as InPlaceOp, args);
    if (!op.tensorsOf(args).some((t) => this.isStacked(t)))
      return eachResult(
        dispatch(
          op,
          mapTensors(op, args, (t) => this.memberOf(t).physical),
        ),
        (r) => this.enter(r, null),
      );
    const results = this.stack(op, batchOf(op), args, (given) => dispatch(op, given));
    const isView = op instanceof RecordedOp && op.isView;
    return eachResult(results, (r) => {
      const logical = this.enter(r, 0);
      if (isView) logical.base = (args[0] as Tensor).base ?? (args[0] as Tensor);
      return logical;
    });
  }

  private stack(
    op: Op,
    batch: unknown,
    args: readonly unknown[],
    run: (given: unknown[]) => unknown,
  ): unknown {
    return runStacked(op, batch, args, this.size, (t) => this.memberOf(t), run);
  }

  private change(op: InPlaceOp, args: readonly unknown[]): Tensor {
    const self = args[0] as Tensor;
    const isStacked = op.tensorsOf(args).some((t) => this.isStacked(t));
    if (isStacked && !this.isStacked(self)) this.spreadOut(self, op);
    // The copy from before the change is moved and aligned as the first argument is.
    const form = (given: readonly unknown[]): InPlaceOp =>
      op.before === null
        ? op
        : op.knowing(
            (given[0] as Tensor).shape.length === 0 ? op.before : this.like(op.before, given[0] as Tensor),
          );
    if (isStacked) this.stack(op, batchOf(op), args, (given) => dispatch(form(given), given));
    else {
      const given = mapTensors(op, args, (t) => this.memberOf(t).physical);
      dispatch(form(given), given);
    }
    if (self.base === null) self.viewVersion = self.storage.version;
    return self;
  }

  /** Finds the copy of a tensor in the sizes that this is given in. */
  private like(before: Tensor, given: Tensor): Tensor {
    const { physical } = this.memberOf(before);
    return physical.ndim === given.ndim ? physical : physical.reshape(given.shape);
  }

  /**
   * Makes what an op's body has made for one there for all.
   *
   * @throws RuntimeError in PyTorch's words where it was not the body that made it
   */
  private spreadOut(self: Tensor, op: Op): void {
    const { storage } = self;
    if (!isMadeHere(storage)) {
      const name = `aten::${op.schema.name}`;
      throw new RuntimeError(
        `vmap: ${name}(self, *extra_args) is not possible because there exists a Tensor \`other\` in extra_args that has more elements than \`self\`. This happened due to \`other\` being vmapped over but \`self\` not being vmapped over in a vmap. Please try to use out-of-place operators instead of ${name}. If said operator is being called inside the PyTorch framework, please file a bug report instead.`,
      );
    }
    const { physical } = this.memberOf(self.base ?? self);
    const length = storage.nbytes / self.dtype.itemsize;
    const rows = physical.asStrided([length], [1], 0).expand([this.size, length])._contiguousCopy();
    this.spread.set(storage, rows);
    this.get(self);
  }

  /** Finds what is known of a tensor. */
  private get(tensor: Tensor): Stacked | null {
    const rows = this.spread.get(tensor.storage);
    if (rows !== undefined) {
      const { shape, strides, offset } = tensor;
      const all = withModes(this.below, () =>
        rows.asStrided([this.size, ...shape], [rows.shape[1], ...strides], offset),
      );
      moveTo(tensor, rows.storage);
      this.set(tensor, { tensor: all, dim: 0 });
    }
    return this.stacked.get(tensor) ?? null;
  }

  private set(tensor: Tensor, stacked: Stacked): void {
    this.stacked.set(tensor, stacked);
    if (stacked.dim !== null) standForSeveral(tensor);
    keep(tensor, tensor.storage);
  }

  private memberOf(logical: Tensor): Member {
    const known = this.get(logical);
    if (known === null) return { logical, physical: logical, isStacked: false };
    return { logical, physical: this.front(known), isStacked: known.dim !== null };
  }

  private front({ tensor, dim }: Stacked): Tensor {
    return dim === null || dim === 0 ? tensor : tensor.movedim(dim, 0);
  }

  private expanded(tensor: Tensor): Tensor {
    return tensor.expand([this.size, ...tensor.shape]);
  }

  adopt(from: Tensor, to: Tensor): void {
    const known = this.get(from);
    if (known !== null) this.set(to, known);
  }

  shown(tensor: Tensor, print: (tensor: Tensor) => string): string | null {
    const known = this.get(tensor);
    if (known === null) return null;
    const value = withModes(this.below, () => print(known.tensor));
    if (known.dim === null) return value;
    const inset = value.replace(/^(?=.)/gm, '    ');
    return `BatchedTensor(lvl=${this.index}, bdim=${known.dim}, value=\n${inset}\n)`;
  }

  /** Finds what there is for a tensor: itself, where it is the same for all. */
  whole(tensor: Tensor): Stacked {
    return this.get(tensor) ?? { tensor, dim: null };
  }

  known(tensor: Tensor): Tensor | null {
    return this.get(tensor)?.tensor ?? null;
  }

  // ---- random numbers ---------------------------------------------------------------------------------------------

  private draw(op: Op, { draws }: Drawing, args: unknown[], next: Next): unknown {
    const { randomness } = this;
    if (randomness === 'error')
      throw new RuntimeError(
        "vmap: called random operation while in randomness error mode. Please either use the 'same' or 'different' randomness flags on vmap or perform the randomness operation out of vmap",
      );
    if (randomness === 'same' && !this.knows(op, args)) return next(op, args);
    const isStacked = op.tensorsOf(args).some((t) => this.isStacked(t));
    if (op.isInPlace) return withModes(this.below, () => this.drawInto(op as InPlaceOp, args, isStacked));
    if (randomness === 'same') {
      if (isStacked && draws !== 'like') throw sameError();
      const first = (t: Tensor): Tensor => (this.isStacked(t) ? this.memberOf(t).physical.select(0, 0) : t);
      return withModes(this.below, () =>
        this.enter(dispatch(op, mapTensors(op, args, first)) as Tensor, null),
      );
    }
    return withModes(this.below, () => this.enter(this.drawAll(op, draws, args), 0));
  }

  /** Draws for every one of the stack. */
  private drawAll(op: Op, draws: Drawing['draws'], args: unknown[]): Tensor {
    if (draws === 'size') {
      const { parameters } = op.schema;
      return dispatch(
        op,
        args.map((arg, i) => (parameters[i].name === 'size' ? [this.size, ...(arg as number[])] : arg)),
      ) as Tensor;
    }
    return this.stack(op, draws === 'like' ? 'leading' : draws, args, (given) =>
      dispatch(op, given),
    ) as Tensor;
  }

  private drawInto(op: InPlaceOp, args: readonly unknown[], isStacked: boolean): Tensor {
    const self = args[0] as Tensor;
    if (this.randomness === 'same') {
      if (args.slice(1).some((arg) => arg instanceof Tensor) && isStacked) throw sameError();
      const { physical } = this.memberOf(self);
      if (!this.isStacked(self)) dispatch(op, [physical, ...args.slice(1)]);
      else physical.copy_(dispatch(op, [physical.newEmpty(self.shape), ...args.slice(1)]) as Tensor);
    } else {
      if (!this.isStacked(self)) {
        if (!isStacked && !isMadeHere(self.storage))
          throw new RuntimeError(
            'vmap: Cannot ask for different inplace randomness on an unbatched tensor. This will appear like same randomness. If this is necessary for your usage, please file an issue with functorch.',
          );
        this.spreadOut(self, op);
      }
      this.stack(op, 'broadcast', args, (given) => dispatch(op, given));
    }
    return self;
  }
}

interface Drawing {
  readonly draws: 'size' | 'like' | 'leading' | 'broadcast' | 'loop' | ((...args: never[]) => unknown);
}

/** A row's word on random numbers that it draws. */
const drawingOf = ({ row: { batch } }: Op): Drawing | null =>
  typeof batch === 'object' && batch !== null && 'draws' in batch ? (batch as Drawing) : null;

const sameError = (): RuntimeError =>
  new RuntimeError(
    'Vmap does not currently support same randomness with a batched tensor input. Please file an issue with functorch',
  );
