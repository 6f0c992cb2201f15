/** The regularized incomplete gamma functions. */
import { Category } from '../core/dtype.js';
import { NotImplementedError } from '../core/errors.js';
import { broadcastShapes } from '../core/layout.js';
import type { Tensor } from '../core/tensor.js';
import { empty } from '../dispatch/empty.js';
import { commonDtype, notImplemented } from '../dispatch/promote.js';
import { noKernel } from '../dispatch/real_only.js';
import { op } from '../dispatch/registry.js';

function row(name: 'igamma' | 'igammac', alias: string, doc: string): void {
  const upper = name === 'igammac';
  op(`${name}(Tensor self, Tensor other) -> Tensor`, {
    doc,
    aliases: [`special.${alias}`],
    batch: 'broadcast',
    inplace: true,
    realOnly: noKernel(`${name}_cpu`),
    forward(self: Tensor, other: Tensor): Tensor {
      const dtype = commonDtype([self, other]);
      if (dtype.category !== Category.float) throw notImplemented(`${name}_cpu`, dtype);
      const shape = broadcastShapes(self.shape, other.shape);
      const out = empty([...shape], dtype, self.storage.backend);
      const [a, x] = [self, other].map((t) => t.to(dtype).expand(shape).contiguous());
      out.storage.backend.kernels.incomplete_gamma(out, a, x, upper);
      return out;
    },
    save: ['self', 'other'],
    vjp: {
      self: () => {
        throw new NotImplementedError(`the derivative for '${name}: input' is not implemented.`);
      },
      other: (grad, { self, other }) => {
        const density = self.sub(1).mul(other.log()).sub(other).sub(self.lgamma()).exp();
        return grad.mul(upper ? density.neg() : density).sumToSize(other.shape);
      },
    },
  });
}

row(
  'igamma',
  'gammainc',
  'The regularized lower incomplete gamma function: the integral of t^(self - 1) exp(-t) from 0 to `other`, over Γ(self).',
);
row(
  'igammac',
  'gammaincc',
  'The regularized upper incomplete gamma function: the integral of t^(self - 1) exp(-t) from `other` on, over Γ(self).',
);
