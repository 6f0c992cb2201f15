/** Communication hooks that reduce gradients as they are, or with fewer bits. */
import { bfloat16, type DType, float16 } from '../../core/dtype.js';
import type { Tensor } from '../../core/tensor.js';
import { groupOr, type ProcessGroup } from '../process_group.js';
import type { Steps } from './collective_steps.js';
import { type CommHook, stepsOf, summed } from './comm_hook.js';
import type { GradBucket } from './grad_bucket.js';

/** The average over all processes, in place. */
export function* averaged(tensor: Tensor, group: ProcessGroup): Steps<Tensor> {
  // The division comes first, so that halves do not overflow.
  tensor.div_(group.size());
  return yield* summed(tensor, group);
}

/**
 * Averages gradients as they are: what happens without a hook, to begin one's own with.
 *
 * @param processGroup the processes; null: all
 * @param bucket the gradients
 *
 * @example
 * ddp.registerCommHook(null, dist.allreduceHook);
 */
export function allreduceHook(processGroup: ProcessGroup | null, bucket: GradBucket): Steps<Tensor> {
  return averaged(bucket.buffer(), groupOr(processGroup));
}

function* compressed(dtype: DType, processGroup: ProcessGroup | null, bucket: GradBucket): Steps<Tensor> {
  const buffer = bucket.buffer();
  buffer.copy_(yield* averaged(buffer.to(dtype), groupOr(processGroup)));
  return buffer;
}

/**
 * Averages gradients in 16 bits, as float16: half as much is sent.
 *
 * @param processGroup the processes; null: all
 * @param bucket the gradients
 */
export function fp16CompressHook(processGroup: ProcessGroup | null, bucket: GradBucket): Steps<Tensor> {
  return compressed(float16, processGroup, bucket);
}

/**
 * Averages gradients in 16 bits, as bfloat16: half as much is sent.
 *
 * @param processGroup the processes; null: all
 * @param bucket the gradients
 */
export function bf16CompressHook(processGroup: ProcessGroup | null, bucket: GradBucket): Steps<Tensor> {
  return compressed(bfloat16, processGroup, bucket);
}

function wrapped<State>(dtype: DType, hook: CommHook<State>): CommHook<State> {
  return function* (state: State, bucket: GradBucket): Steps<Tensor> {
    const buffer = bucket.buffer();
    bucket.setBuffer(buffer.to(dtype));
    try {
      buffer.copy_(yield* stepsOf(hook(state, bucket)));
    } finally {
      bucket.setBuffer(buffer);
    }
    return buffer;
  };
}

/**
 * Lets a hook work with gradients in float16.
 *
 * @param hook the hook
 *
 * @example
 * ddp.registerCommHook(state, dist.fp16CompressWrapper(dist.powerSGDHook));
 */
export const fp16CompressWrapper = <State>(hook: CommHook<State>): CommHook<State> => wrapped(float16, hook);

/**
 * Lets a hook work with gradients in bfloat16.
 *
 * @param hook the hook
 */
export const bf16CompressWrapper = <State>(hook: CommHook<State>): CommHook<State> => wrapped(bfloat16, hook);
