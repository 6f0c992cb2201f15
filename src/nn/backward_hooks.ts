import { type Gradient, gradientEdge, Node, setHistory } from '../autograd/node.js';
import { context } from '../core/context.js';
import { RuntimeError } from '../core/errors.js';
import { Tensor } from '../core/tensor.js';
import { warn } from '../core/warnings.js';

/** Passes gradients on unchanged. It stands at a module's border, so that all of its gradients meet in one node. */
class Border extends Node {
  override name(): string {
    return 'BackwardHookFunctionBackward';
  }

  override apply(grads: readonly Gradient[]): readonly Gradient[] {
    return grads;
  }
}

/**
 * The backward hooks of one call of a module. A border node behind the outputs catches their gradients, one before the
 * inputs catches theirs, and there the user's hooks run.
 */
export class BackwardHooks {
  /** Which arguments are tensors behind a border; null where no input takes part in the graph. */
  #inputs: number[] | null = null;
  #inputCount = 0;
  #gradOutputs: Gradient[] | null = null;

  constructor(
    private readonly hooks: readonly ((gradInputs: Gradient[], gradOutputs: Gradient[]) => unknown)[],
    private readonly preHooks: readonly ((gradOutputs: Gradient[]) => unknown)[],
  ) {}

  /** The arguments, with tensors behind a border. */
  watchInputs(args: unknown[]): unknown[] {
    this.#inputCount = args.length;
    const [result, positions] = withBorder(args, (border) =>
      border.registerHook((gradInputs) => {
        // Gradients that reach the input past the output (in a double backward pass) are none of the hooks' business.
        if (this.#gradOutputs === null) return undefined;
        const inputs = this.#runHooks(spread(positions!, gradInputs, args.length));
        return positions!.map((i) => inputs[i]);
      }),
    );
    this.#inputs = positions;
    return result;
  }

  /** The output, with its tensors behind a border. */
  watchOutput(output: unknown): unknown {
    const many = Array.isArray(output);
    const outputs: unknown[] = many ? output : [output];
    const [result, positions] = withBorder(outputs, (border) =>
      border.registerHook((_, given) => {
        let grads = spread(positions!, given, outputs.length);
        for (const hook of this.preHooks) {
          const changed = asList(hook(grads));
          if (changed === null) continue;
          if (changed.length !== grads.length)
            throw new RuntimeError(
              `Backward pre hook returned an invalid number of grad_output, got ${changed.length}, but expected ${grads.length}`,
            );
          grads = changed;
        }
        this.#gradOutputs = [...grads];
        if (this.#inputs === null && this.hooks.length > 0)
          warn(
            'Full backward hook is firing when gradients are computed with respect to module outputs since no inputs require gradients. See https://docs.pytorch.org/docs/main/generated/torch.nn.Module.html#torch.nn.Module.register_full_backward_hook for more details.',
          );
        if (this.#inputs === null) this.#runHooks(new Array<Gradient>(this.#inputCount).fill(null), true);
        return positions!.map((i) => grads[i]);
      }),
    );
    return many ? result : result[0];
  }

  #runHooks(gradInputs: Gradient[], noInputs = false): Gradient[] {
    let result = gradInputs;
    for (const hook of this.hooks) {
      const changed = asList(hook(result, this.#gradOutputs!));
      if (changed === null) continue;
      if (noInputs && changed.some((g) => g !== null))
        throw new RuntimeError(
          'Backward hook for Modules where no input requires gradient should always return None or None for all gradients.',
        );
      if (changed.length !== result.length)
        throw new RuntimeError(
          `Backward hook returned an invalid number of grad_input, got ${changed.length}, but expected ${result.length}`,
        );
      result = changed;
    }
    this.#gradOutputs = null;
    return result;
  }
}

/** Values with their tensors behind one new border, and where those stand; unchanged where no graph is recorded. */
function withBorder(values: unknown[], watch: (border: Border) => void): [unknown[], number[] | null] {
  const tensors = values.filter((value) => value instanceof Tensor);
  if (!context().grad || !tensors.some((t) => t.requiresGrad)) return [values, null];
  const border = new Border();
  border.edges = tensors.map(gradientEdge);
  border.results = tensors;
  watch(border);
  const positions: number[] = [];
  const result = values.map((value, i) => {
    if (!(value instanceof Tensor)) return value;
    const alias = value.detach();
    setHistory(alias, border, positions.length);
    positions.push(i);
    return alias;
  });
  return [result, positions];
}

function spread(positions: readonly number[], grads: readonly Gradient[], length: number): Gradient[] {
  const result = new Array<Gradient>(length).fill(null);
  for (const [i, position] of positions.entries()) result[position] = grads[i];
  return result;
}

function asList(result: unknown): Gradient[] | null {
  if (result === undefined || result === null) return null;
  return result instanceof Tensor ? [result] : (result as Gradient[]);
}
