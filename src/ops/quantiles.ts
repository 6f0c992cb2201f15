/** Quantiles: what a given part of the elements lies below. */

import { float32, float64, int64 } from '../core/dtype.js';
import { RuntimeError } from '../core/errors.js';
import { wrapDim } from '../core/layout.js';
import type { Tensor } from '../core/tensor.js';
import { op, ops } from '../dispatch/registry.js';
import { liesWithin } from './checks.js';

const interpolations = ['linear', 'lower', 'higher', 'midpoint', 'nearest'];

/** `q` has no dimension or one; with one, the result has it in front. */
function quantile(
  name: string,
  self: Tensor,
  q: Tensor,
  dim: number | null,
  keepdim: boolean,
  interpolation: string,
): Tensor {
  const refuse = (text: string): never => {
    throw new RuntimeError(`${name}() ${text}`);
  };
  if (self.numel() === 0) refuse('input tensor must be non-empty');
  if (q.ndim > 1) refuse('q must be a scalar or 1D tensor');
  if (self.dtype !== float32 && self.dtype !== float64)
    refuse('input tensor must be either float or double dtype');
  if (self.dtype !== q.dtype) refuse('q tensor must be same dtype as the input tensor');
  if (!interpolations.includes(interpolation))
    refuse(
      `interpolation must be one of linear, lower, higher, midpoint or nearest, but got ${interpolation}`,
    );
  if (!liesWithin(q, 0, 1)) refuse('q values must be in the range [0, 1]');
  const d = dim === null ? 0 : wrapDim(dim, self.ndim);
  const lines = dim === null || self.ndim === 0 ? self.reshape([-1]) : self.movedim(d, -1);
  const sorted = lines.sort()[0];
  const last = lines.shape.at(-1)! - 1;
  const flatQ = q.reshape([-1]).expand([...lines.shape.slice(0, -1), q.numel()]);
  // NaNs come last: they are left out, or the rank of one is that of the result.
  const ranks =
    name === 'nanquantile'
      ? flatQ.mul(sorted.isnan().logicalNot().sum([-1], true).sub(1).clamp(0))
      : flatQ.mul(last).maskedFill(sorted.isnan().any(-1, true), last);
  const at = (position: Tensor) => sorted.gather(-1, position.to(int64));
  let result: Tensor;
  if (interpolation === 'lower') result = at(ranks.floor());
  else if (interpolation === 'higher') result = at(ranks.ceil());
  else if (interpolation === 'nearest') result = at(ranks.round());
  else {
    const below = at(ranks.floor());
    const weight = interpolation === 'midpoint' ? ranks.fullLike(0.5) : ranks.sub(ranks.floor());
    result = below.lerp(at(ranks.ceil()), weight);
  }
  // [lines…, q] → [q, lines…]
  result = result.movedim(-1, 0);
  if (keepdim)
    result =
      dim === null
        ? result.reshape([-1, ...self.shape.map(() => 1)])
        : self.ndim > 0
          ? result.unsqueeze(d + 1)
          : result;
  return q.ndim === 0 ? result.squeeze(0) : result;
}

for (const name of ['quantile', 'nanquantile'] as const) {
  const nan = name === 'nanquantile' ? '; NaN is left out' : '';

  op(
    `${name}(Tensor self, Tensor q, int? dim=None, bool keepdim=False, *, 'linear'|'lower'|'higher'|'nearest'|'midpoint' interpolation='linear') -> Tensor`,
    {
      doc: `The values that parts \`q\` of the elements (along \`dim\`, or of all) lie below, interpolated between neighbours${nan}.`,
      composite: (self: Tensor, q: Tensor, dim: number | null, keepdim: boolean, interpolation: string) =>
        quantile(name, self, q, dim, keepdim, interpolation),
    },
  );

  op(
    `${name}.scalar(Tensor self, float q, int? dim=None, bool keepdim=False, *, 'linear'|'lower'|'higher'|'nearest'|'midpoint' interpolation='linear') -> Tensor`,
    {
      doc: `The value that a part \`q\` of the elements (along \`dim\`, or of all) lies below, interpolated between neighbours${nan}.`,
      composite(self: Tensor, q: number, dim: number | null, keepdim: boolean, interpolation: string) {
        if (!(q >= 0 && q <= 1))
          throw new RuntimeError(`quantile() q must be in the range [0, 1] but got ${q}`);
        const part = ops.scalarTensor(q, { dtype: self.dtype, device: self.device });
        return quantile(name, self, part, dim, keepdim, interpolation);
      },
    },
  );
}
