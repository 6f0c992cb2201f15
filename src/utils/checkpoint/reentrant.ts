/** Checkpoints that run a backward pass of their own within the one that needs them. */
import { backward } from '../../autograd/backward.js';
import { currentPass } from '../../autograd/backward_pass.js';
import { Function, type FunctionContext } from '../../autograd/function.js';
import { enableGrad } from '../../autograd/modes.js';
import type { Gradient } from '../../autograd/node.js';
import { RuntimeError } from '../../core/errors.js';
import { libraryClass } from '../../core/object.js';
import { Tensor } from '../../core/tensor.js';
import { warn } from '../../core/warnings.js';
import { refusePromise, surroundings } from './surroundings.js';

type Body = (...args: readonly unknown[]) => Tensor | readonly Tensor[];

/** State that a call keeps: all but its tensors, and how it is run again. */
interface Kept {
  readonly body: Body;
  readonly args: readonly unknown[];
  readonly again: ReturnType<typeof surroundings>;
}

const calls = new WeakMap<FunctionContext, Kept>();

/** The function that a checkpoint with `useReentrant: true` is recorded as. */
export class CheckpointFunction extends Function {
  static override forward(
    ctx: FunctionContext,
    body: Body,
    preserveRngState: boolean,
    ...args: readonly unknown[]
  ): Tensor | readonly Tensor[] {
    const tensors = args.filter((arg) => arg instanceof Tensor);
    if (!tensors.some((tensor) => tensor.requiresGrad))
      warn('None of the inputs have requires_grad=True. Gradients will be None');
    calls.set(ctx, {
      body,
      args: args.map((arg) => (arg instanceof Tensor ? null : arg)),
      again: surroundings(args, preserveRngState),
    });
    ctx.saveForBackward(...tensors);
    ctx.tensorIndices = args.flatMap((arg, i) => (arg instanceof Tensor ? [i] : []));
    return refusePromise(body(...args));
  }

  static override backward(ctx: FunctionContext, ...grads: Tensor[]): readonly Gradient[] {
    if (currentPass()?.accumulates === false)
      throw new RuntimeError(
        'When useReentrant: true, torch.utils.checkpoint is incompatible with .grad() or passing an `inputs` parameter to .backward(). To resolve this error, you can either set useReentrant: false, or call .backward() without passing the `inputs` argument.',
      );
    const { body, args, again } = calls.get(ctx)!;
    const inputs = [...args];
    const { savedTensors } = ctx;
    for (const [i, position] of (ctx.tensorIndices as number[]).entries()) {
      const tensor = savedTensors[i];
      const input = tensor.detach();
      input.requiresGrad = tensor.requiresGrad;
      inputs[position] = input;
    }
    const result = again(() => enableGrad(() => body(...inputs)));
    const outputs = result instanceof Tensor ? [result] : result;
    const wanted = outputs.flatMap((output, i) =>
      output instanceof Tensor && output.requiresGrad ? [{ output, grad: grads[i] }] : [],
    );
    if (wanted.length === 0)
      throw new RuntimeError('none of output has requires_grad=True, this checkpoint() is not necessary');
    backward(
      wanted.map(({ output }) => output),
      wanted.map(({ grad }) => grad),
    );
    return [null, null, ...inputs.map((input) => (input instanceof Tensor ? input.grad : null))];
  }
}

libraryClass(CheckpointFunction);
