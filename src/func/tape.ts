/** A tape of what was computed of some tensors, which can be played with others in their place. */
import { Tensor } from '../core/tensor.js';
import { mapTensors } from '../dispatch/batching.js';
import { dispatch } from '../dispatch/dispatch.js';
import { type Mode, type Next, withMode } from '../dispatch/mode.js';
import type { Op } from '../dispatch/op.js';

/** The place of a tensor on the tape. */
class Place {
  constructor(readonly index: number) {}
}

interface Step {
  readonly compute: (args: unknown[]) => unknown;
  /** Places stand for tensors that differ from play to play; all others are as they were. */
  readonly args: readonly unknown[];
  readonly results: readonly Place[];
}

/** Notes the calls whose arguments come from its inputs; all others give constants. */
export class Tape implements Mode {
  /** Constants, and what is computed of them. */
  readonly remembers = true;
  private readonly steps: Step[] = [];
  private readonly places = new Map<Tensor, Place>();

  constructor(inputs: readonly Tensor[]) {
    for (const input of inputs) this.add(input);
  }

  /** Runs a function. */
  record<R>(fn: () => R): R {
    return withMode(this, fn);
  }

  call(op: Op, args: unknown[], next: Next): unknown {
    if (!op.tensorsOf(args).some((t) => this.places.has(t))) return next(op, args);
    if (op.isComposite) return op.execute(args);
    const [self] = args;
    // A constant that changes is a new one in each play.
    if (op.isInPlace && self instanceof Tensor && !this.places.has(self)) {
      const before = self.clone();
      const made = this.add(self);
      this.steps.push({ compute: () => before.clone(), args: [], results: [made] });
    }
    const given = this.given(op, args);
    const results = next(op, args);
    const list = [results].flat().filter((r) => r instanceof Tensor);
    this.steps.push({
      compute: (args) => dispatch(op, args),
      args: given,
      results: list.map((r) => this.places.get(r) ?? this.add(r)),
    });
    return results;
  }

  adopt(from: Tensor, to: Tensor): void {
    const place = this.places.get(from);
    if (place !== undefined) this.places.set(to, place);
  }

  private add(tensor: Tensor): Place {
    const place = new Place(this.places.size);
    this.places.set(tensor, place);
    return place;
  }

  private given(op: Op, args: readonly unknown[]): unknown[] {
    return mapTensors(op, args, (t) => this.places.get(t) ?? t);
  }

  /** Computes results that were noted, with other inputs. */
  play(inputs: readonly Tensor[], results: readonly Tensor[]): Tensor[] {
    const values: Tensor[] = [...inputs];
    const valueOf = (value: unknown): unknown => {
      if (value instanceof Place) return values[value.index];
      return Array.isArray(value) ? value.map(valueOf) : value;
    };
    for (const { compute, args, results } of this.steps)
      for (const [i, result] of [compute(args.map(valueOf))].flat().entries())
        values[results[i].index] = result as Tensor;
    return results.map((result) => {
      const place = this.places.get(result);
      return place === undefined ? result : values[place.index];
    });
  }
}
