/** `torch.fft`: moving the zero frequency to the middle and back. */
import { wrapDim } from '../../core/layout.js';
import { op } from '../../dispatch/registry.js';

for (const [name, half, doc] of [
  ['fftshift', Math.floor, 'Moves the zero frequency from the front to the middle.'],
  ['ifftshift', Math.ceil, 'Moves the zero frequency from the middle to the front.'],
] as const)
  op(`${name}(Tensor self, int[1]? dim=None) -> Tensor`, {
    doc,
    module: 'fft',
    composite(self, dim) {
      const dims = dim?.map((d) => wrapDim(d, self.ndim)) ?? self.shape.map((_, d) => d);
      return self.roll(
        dims.map((d) => half(self.shape[d] / 2)),
        dims,
      );
    },
  });
