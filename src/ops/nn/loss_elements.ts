/** Losses that compare two tensors element by element and reduce, recorded as one node like PyTorch's. */
import { Tensor } from '../../core/tensor.js';
import type { Stack } from '../../dispatch/batch_rule.js';
import { dispatch } from '../../dispatch/dispatch.js';
import { op } from '../../dispatch/registry.js';
import { ndimOf, padStack } from '../../dispatch/stacks.js';
import { reduced } from './kernel_operands.js';
import type { Reduction } from './loss_reduction.js';

type Arguments = Readonly<Record<string, unknown>>;
type Formula = string | ((args: Arguments) => string);

interface ElementLoss {
  /** PyTorch's name of the kernel, for the error that there is none for integers. */
  readonly kernel: string;
  /** The loss of one element, in terms of `self`, `target` and the extra parameters. */
  readonly value: Formula;
  /** Its partial derivatives. */
  readonly self: Formula;
  readonly target: Formula | null;
}

/** A derivative times the gradient and a scale; statements before it stay in front. */
function times(formula: string): string {
  const at = formula.lastIndexOf(';') + 1;
  return `${formula.slice(0, at)} scale * (${formula.slice(at)}) * cotangent`;
}

/**
 * Makes the op `name(self, target, …extra, reduction)`.
 *
 * @param extra further parameters in schema notation, each preceded by a comma
 * @param nodeName what the recorded node is called
 */
export function elementLoss(
  name: string,
  extra: string,
  nodeName: string,
  loss: ElementLoss,
): (self: Tensor, target: Tensor, extra: readonly unknown[], reduction: Reduction) => Tensor {
  const values = op(`_${name}_elements(Tensor self, Tensor target${extra}) -> Tensor`, {
    doc: 'The losses of the elements.',
    function: false,
    method: false,
    pointwise: loss.value,
    only: [loss.kernel, 'f'],
  });
  const gradient = (by: 'self' | 'target', formula: Formula) =>
    op(
      `_${name}_backward_${by}(Tensor cotangent, Tensor self, Tensor target${extra}, float scale) -> Tensor`,
      {
        doc: `The gradient by ${by}.`,
        function: false,
        pointwise: typeof formula === 'string' ? times(formula) : (args: Arguments) => times(formula(args)),
      },
    );
  const bySelf = gradient('self', loss.self);
  const byTarget = loss.target === null ? null : gradient('target', loss.target);
  const extraNames =
    extra === ''
      ? []
      : extra
          .slice(2)
          .split(', ')
          .map((part) => part.split(' ')[1]);
  const tensors = extra.split(', ').filter((part) => part.startsWith('Tensor'));
  const names = ['self', 'target', ...extraNames];
  const made = op(`_${name}(Tensor self, Tensor target${extra}, 'none'|'mean'|'sum' reduction) -> Tensor`, {
    doc: 'The losses of the elements, reduced.',
    batch: (...args: readonly unknown[]) => {
      const { size, has } = args.at(-1) as Stack;
      const parts = args.slice(0, -2);
      const ndim = Math.max(...parts.map((t, i) => (t instanceof Tensor ? ndimOf(t, has[names[i]]) : 0)));
      const given = parts.map((t, i) => {
        if (!(t instanceof Tensor)) return t;
        const padded = padStack(t, has[names[i]], ndim);
        return i === 0 || (i === 1 && byTarget !== null) ? padded : padded.detach();
      });
      const all = dispatch(values.op, given) as Tensor;
      const reduction = args.at(-2) as Reduction;
      return reduction === 'none' ? all : all.reshape([size, -1])[reduction](1);
    },
    function: false,
    method: false,
    forward: (...args: readonly unknown[]) =>
      reduced(dispatch(values.op, args.slice(0, -1)) as Tensor, args.at(-1) as Reduction),
    // Names made at run time are beyond what types can check.
    save: ['self', 'target', ...tensors.map((part) => part.split(' ')[1])] as never[],
    vjp: (grads: readonly (Tensor | null)[], saved: object, needs: Readonly<Record<string, boolean>>) => {
      const [grad] = grads;
      if (grad === null) return {};
      const given = saved as Record<string, unknown>;
      const self = given.self as Tensor;
      const scale = given.reduction === 'mean' ? 1 / self.numel() : 1;
      const args = [grad, self, given.target, ...extraNames.map((n) => given[n] ?? null), scale];
      return {
        self: needs.self ? (dispatch(bySelf.op, args) as Tensor) : null,
        target: needs.target && byTarget !== null ? (dispatch(byTarget.op, args) as Tensor) : null,
      };
    },
    gradName: nodeName,
  });
  return (self, target, further, reduction) =>
    dispatch(made.op, [self, target, ...further, reduction]) as Tensor;
}
