import type { Tensor } from '../../core/tensor.js';
import type { ProcessGroup } from '../process_group.js';
import { allReduce } from '../reducing_collectives.js';
import type { Steps } from './collective_steps.js';
import type { GradBucket } from './grad_bucket.js';

/** What a communication hook gives: the reduced gradients, or how they are got. */
export type Reduced = Tensor | PromiseLike<Tensor> | Generator<PromiseLike<unknown>, Tensor, void>;

/**
 * Reduces the gradients of a bucket in the place of `allReduce`: it gives a tensor like `bucket.buffer()`.
 *
 * A generator yields each collective that it waits for, begun with `asyncOp: true`. So it goes on during the backward pass where the backend can block; after an
 * asynchronous function gradients are there when `ddp.finish()` has been awaited.
 */
export type CommHook<State = unknown> = (state: State, bucket: GradBucket) => Reduced;

/** The steps of a hook. */
export function* stepsOf(reduced: Reduced): Steps<Tensor> {
  if (typeof (reduced as Steps<Tensor>).next === 'function') return yield* reduced as Steps<Tensor>;
  if (typeof (reduced as PromiseLike<Tensor>).then !== 'function') return reduced as Tensor;
  let result!: Tensor;
  yield (reduced as PromiseLike<Tensor>).then((tensor) => {
    result = tensor;
  });
  return result;
}

/** Adds up a tensor over all processes, in place. */
export function* summed(tensor: Tensor, group: ProcessGroup): Steps<Tensor> {
  yield allReduce(tensor, { group, asyncOp: true });
  return tensor;
}
