/** Systems of equations and inverses where several dimensions stand for one. */
import { RuntimeError } from '../../core/errors.js';
import { numel, type Shape } from '../../core/layout.js';
import { op } from '../../dispatch/registry.js';
import { inverted } from './inverse.js';
import { linalgSolve } from './solve.js';

/** The sizes before and from a dimension on. @throws RuntimeError in PyTorch's words unless there are so many */
function split(shape: Shape, at: number): readonly [Shape, Shape] {
  if (at > shape.length) throw new RuntimeError(`ArrayRef: invalid slice, N = ${at}; size = ${shape.length}`);
  return [shape.slice(0, at), shape.slice(at)];
}

function checkEqual(what: string, first: Shape, last: Shape, wanted = numel(first)): void {
  if (numel(first) !== wanted || numel(last) !== wanted)
    throw new RuntimeError(
      `Expected self to satisfy the requirement prod(self.shape[${what}:]) == prod(self.shape[:${what}]), but got ${numel(last)} != ${wanted}`,
    );
}

op('tensorinv(Tensor self, int ind=2) -> Tensor', {
  doc: 'The inverse of `tensordot` with a tensor whose first `ind` dimensions have as many elements as the others: its sizes are these, then those.',
  module: 'linalg',
  composite(self, ind) {
    if (ind <= 0) throw new RuntimeError(`Expected a strictly positive integer for 'ind', but got ${ind}`);
    const [first, last] = split(self.shape, ind);
    checkEqual('ind', first, last);
    const [inverse] = inverted(self.reshape([numel(last), numel(first)]), 'inv');
    return inverse.reshape([...last, ...first]);
  },
});

op('tensorsolve(Tensor self, Tensor other, int[]? dims=None) -> Tensor', {
  doc: 'The X with tensordot(self, X, X.ndim) = other; `dims` of `self` are moved to its end before.',
  module: 'linalg',
  composite(self, other, dims) {
    const to = dims?.map((_, i) => self.ndim - dims.length + i);
    const moved = dims === null ? self : self.movedim([...dims], to!);
    const [first, last] = split(moved.shape, other.ndim);
    checkEqual('other.ndim', first, last, other.numel());
    const square = moved.reshape([numel(first), numel(last)]);
    return linalgSolve(square, other.reshape([-1]), true).reshape(last);
  },
});
