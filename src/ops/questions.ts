/** Questions about values that are no ops. */
import { RuntimeError, ValueError } from '../core/errors.js';
import { Size } from '../core/layout.js';
import { signature } from '../core/signature/signature.js';
import { signed } from '../core/signature/signed.js';
import { Tensor } from '../core/tensor.js';
import { commonDtype } from '../dispatch/promote.js';

const isTensorSignature = signature('is_tensor(Object obj)');

/** Whether a value is a tensor. */
export function isTensor(obj: unknown): obj is Tensor;
export function isTensor(...args: unknown[]): boolean {
  return isTensorSignature.bind(args).obj instanceof Tensor;
}

/** Whether a tensor's dtype is a floating-point one. */
export const isFloatingPoint = signed('is_floating_point(Tensor input)', ({ input }) =>
  input.isFloatingPoint(),
);

/** Whether a tensor's dtype is a complex one. */
export const isComplex = signed('is_complex(Tensor input)', ({ input }) => input.isComplex());

/** Whether a tensor is a conjugate that is yet to be computed: never. */
export const isConj = signed('is_conj(Tensor input)', ({ input }) => input.isConj());

/** Whether a tensor is a negative that is yet to be computed: never. */
export const isNeg = signed('is_neg(Tensor input)', ({ input }) => input.isNeg());

/** Whether a tensor's dtype can hold negative values. */
export const isSigned = signed('is_signed(Tensor input)', ({ input }) => input.isSigned());

/** Whether a tensor was made in inference mode. */
export const isInference = signed('is_inference(Tensor input)', ({ input }) => input.isInference());

/** Whether a tensor's one element is not zero. @throws RuntimeError unless there is one */
export const isNonzero = signed('is_nonzero(Tensor input)', ({ input }) => input.isNonzero());

/** Whether two tensors have the same sizes. */
export const isSameSize = signed('is_same_size(Tensor input, Tensor other)', ({ input, other }) =>
  input.isSameSize(other),
);

/** The number of elements. */
export const numel = signed('numel(Tensor input)', ({ input }) => input.numel());

/** The dtype that arithmetic on these operands gives. */
export const resultType = signed(
  'result_type(Tensor|Scalar tensor, Tensor|Scalar other)',
  ({ tensor, other }) => commonDtype([tensor, other]),
);

/**
 * The sizes that tensors of these sizes have once they are broadcast; a number is a list of one.
 *
 * @example torch.broadcastShapes([2, 1], [3]) // torch.Size([2, 3])
 */
export const broadcastShapes = signed('broadcast_shapes(int|int[] *shapes)', ({ shapes }): Size => {
  const lists = shapes.map((shape) => (typeof shape === 'number' ? [shape] : shape));
  const n = Math.max(0, ...lists.map((shape) => shape.length));
  const result = new Array<number>(n).fill(1);
  for (const [i, shape] of lists.entries())
    for (let d = -shape.length; d < 0; d++) {
      const size = shape[shape.length + d];
      if (size < 0) throw new ValueError('Attempting to broadcast a dimension with negative length!');
      if (size === 1 || size === result[n + d]) continue;
      if (result[n + d] !== 1)
        throw new RuntimeError(
          `Attempting to broadcast a dimension of length ${size} at ${d}! Mismatching argument at index ${i} had (${shape.join(', ')}); but expected shape should be broadcastable to [${result.join(', ')}]`,
        );
      result[n + d] = size;
    }
  return Size.create(result);
});
