/** Differentiable functions of the user's own. */
import { NotImplementedError, RuntimeError } from '../core/errors.js';
import { libraryClass } from '../core/object.js';
import { typeName } from '../core/repr.js';
import type { Tensor } from '../core/tensor.js';
import { callFunction } from './function_call.js';
import type { CustomFunction, FunctionContext, Outputs, VmapInfo } from './function_context.js';
import type { Gradient } from './node.js';
import { callVmapped } from './vmapped_function.js';

export { FunctionContext } from './function_context.js';
export type { VmapInfo };

/**
 * A differentiable function of your own: extend it with static `forward(ctx, …)` and `backward(ctx, …)`, and call `apply`.
 *
 * @example
 * class Exp extends torch.autograd.Function {
 *   static override forward(ctx: torch.autograd.FunctionContext, x: torch.Tensor) {
 *     const y = x.exp();
 *     ctx.saveForBackward(y);
 *     return y;
 *   }
 *   static override backward(ctx: torch.autograd.FunctionContext, grad: torch.Tensor) {
 *     return grad.mul(ctx.savedTensors[0]);
 *   }
 * }
 * const y = Exp.apply(x);
 */
export class Function {
  /**
   * Computes the result(s); runs without recording. The context comes first, unless there is a `setupContext`.
   */
  static forward(..._args: never[]): Outputs {
    throw new RuntimeError('You must implement the forward function for custom autograd.Function.');
  }

  /**
   * Keeps for `backward` what it needs of the arguments and the result(s), where `forward` takes no context. Functions that are
   * differentiated both inside of a `vmap` and around it must be written so.
   */
  static setupContext(_ctx: FunctionContext, _inputs: readonly never[], _output: never): void {
    throw new NotImplementedError('setup_context is not implemented.');
  }

  /** The gradients of all arguments (null for what is no tensor), given those of the results. */
  static backward(_ctx: FunctionContext, ..._grads: Tensor[]): Gradient | readonly Gradient[] {
    throw new NotImplementedError(
      'You must implement either the backward or vjp method for your custom autograd.Function to use it with backward mode AD.',
    );
  }

  /**
   * The tangents of the results, given those of the arguments (zeros for tensors without, null for what is no tensor).
   */
  static jvp(_ctx: FunctionContext, ..._tangents: never[]): Gradient | readonly Gradient[] {
    throw new NotImplementedError(
      'You must implement the jvp function for custom autograd.Function to use it with forward mode AD.',
    );
  }

  /** Whether `torch.func.vmap` may carry out `forward`, `backward` and `jvp` for a whole stack at once. Default false. */
  static readonly generateVmapRule: boolean = false;

  /**
   * Runs the function for a whole stack, in `torch.func.vmap`: an alternative to `generateVmapRule`.
   *
   * @param info how many are stacked, and what becomes of random numbers
   * @param inDims by argument: the stack's dimension, null where it is the same for all
   * @param args the arguments, with that dimension
   * @returns the result(s), and where their stack's dimension is: one for all, or one for each
   */
  static vmap(
    _info: VmapInfo,
    _inDims: readonly (number | null)[],
    ..._args: never[]
  ): readonly [output: Outputs, outDims: number | null | readonly (number | null)[]] {
    throw new NotImplementedError(
      'To use autograd.Function with vmap, you must either override the vmap static method or set generateVmapRule = true.',
    );
  }

  /** Runs `forward` and records it. */
  static apply(...args: unknown[]): Tensor {
    return callFunction(partsOf(this), args) as Tensor;
  }
}

const about = 'For more details, please see https://pytorch.org/docs/main/notes/extending.func.html';

/** A class's parts as calls use them. */
function partsOf(of: typeof Function): CustomFunction {
  const isSeparate = of.setupContext !== Function.setupContext;
  const setup: CustomFunction['setup'] = (ctx, args, output) =>
    of.setupContext(ctx, args as never[], output as never);
  const parts: CustomFunction = {
    name: of.name,
    run(ctx, args) {
      if (!isSeparate) return of.forward(...([ctx, ...args] as never[]));
      const output = of.forward(...(args as never[]));
      setup(ctx, args, output);
      return output;
    },
    setup: isSeparate ? setup : null,
    backward: (ctx, ...grads) => of.backward(ctx, ...grads),
    jvp: (ctx, ...tangents) => of.jvp(ctx, ...tangents),
    generates: of.generateVmapRule,
    checkStacks() {
      const hasRule = of.vmap !== Function.vmap;
      if (hasRule !== of.generateVmapRule) return;
      throw new RuntimeError(
        hasRule
          ? `You tried to vmap over ${of.name}, but it has both generateVmapRule = true and an overridden vmap static method. Please set generateVmapRule = false or delete the overridden vmap static method to avoid ambiguity. ${about}`
          : `You tried to vmap over ${of.name}, but it does not have vmap support. Please override and implement the vmap static method or set generateVmapRule = true. ${about}`,
      );
    },
    stacked(info, dims, args) {
      parts.checkStacks();
      return of.generateVmapRule
        ? callVmapped(parts, info, dims, args)
        : checkedRule(of.vmap(info, dims, ...(args as never[])));
    },
  };
  return parts;
}

/** @throws RuntimeError in PyTorch's words unless it is a result and where its stack's dimension is */
function checkedRule(given: ReturnType<typeof Function.vmap>): ReturnType<typeof Function.vmap> {
  const isList = Array.isArray(given);
  if (!isList || given.length !== 2)
    throw new RuntimeError(
      `Expected the vmap static method to have two returns, an output and out_dims with pytree structure compatible with the output. Got ${isList ? `${given.length} returns` : `a <class '${typeName(given)}'>`} instead`,
    );
  const [output, dims] = given;
  if (Array.isArray(dims) && !(Array.isArray(output) && output.length === dims.length))
    throw new RuntimeError(
      `The autograd.Function's vmap static method returned an incompatible (output, out_dims) tuple. Expected out_dims=(${dims.join(', ')}) to be compatible with the structure of \`output\`. ${about}`,
    );
  return given;
}

libraryClass(Function);
