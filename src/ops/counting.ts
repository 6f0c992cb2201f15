/** Counts of values, and whether they occur. */
import { bool, Category, float32, float64, int64 } from '../core/dtype.js';
import { notImplementedFor, RuntimeError } from '../core/errors.js';
import { Tensor } from '../core/tensor.js';
import { empty } from '../dispatch/empty.js';
import { commonDtype } from '../dispatch/promote.js';
import { noKernel } from '../dispatch/real_only.js';
import { op, ops } from '../dispatch/registry.js';
import { scalarTensor } from './creation.js';

op(
  'isin(Tensor|Scalar elements|element, Tensor|Scalar test_elements|test_element, *, bool assume_unique=False, bool invert=False) -> Tensor',
  {
    doc: 'For each element, whether it is among `testElements` (`invert`: whether it is not).',
    realOnly: (dtype) =>
      new RuntimeError(`Unsupported input type encountered for isin(): ${dtype.scalarName}`),
    composite(given, test, _, invert) {
      const { device } = given instanceof Tensor ? given : (test as Tensor);
      const elements = given instanceof Tensor ? given : scalarTensor(given).to(device);
      const among = (test instanceof Tensor ? test : scalarTensor(test).to(device)).reshape([-1]);
      const dtype = commonDtype([given, test]);
      for (const { dtype } of [elements, among])
        if (dtype === bool)
          throw new RuntimeError(`Unsupported input type encountered for isin(): ${dtype.scalarName}`);
      const last = among.shape[0] - 1;
      if (last < 0) return elements.newFull(elements.shape, invert, { dtype: bool });
      const sorted = among.to(dtype).sort()[0];
      const x = elements.to(dtype);
      const found = sorted.take(ops.searchsorted(sorted, x).clamp(null, last));
      return invert ? found.ne(x) : found.eq(x);
    },
  },
);

op('bincount(Tensor self, Tensor? weights=None, int minlength=0) -> Tensor', {
  doc: 'How often each of the numbers 0, 1, … occurs in a vector of integers, or the sum of the weights where it does.',
  batch: 'loop',
  reads: true,
  composite(self, weights, minlength) {
    if (minlength < 0) throw new RuntimeError('minlength should be >= 0');
    if (self.dtype.category === Category.float || self.dtype === bool)
      throw notImplementedFor('bincount_cpu', self.dtype.scalarName);
    const isEmpty = self.numel() === 0;
    if (self.ndim !== 1 || (!isEmpty && self.min().item() < 0))
      throw new RuntimeError('bincount only supports 1-d non-negative integral inputs.');
    if (weights !== null && (weights.ndim !== 1 || weights.shape[0] !== self.shape[0]))
      throw new RuntimeError('weights should be 1-d and have the same length as input');
    const bins = Math.max(isEmpty ? 0 : self.max().item() + 1, minlength);
    const dtype = weights === null ? int64 : weights.dtype === float32 ? float32 : float64;
    const parts = weights === null ? self.newOnes(self.shape, { dtype }) : weights.detach().to(dtype);
    return parts.newZeros([bins]).indexAdd_(0, self.to(int64), parts);
  },
});

op('histc(Tensor self, int bins=100, Scalar min=0, Scalar max=0) -> Tensor', {
  doc: 'How many elements lie in each of `bins` equal parts of [min, max]; of the range of the elements if both are 0.',
  batch: 'loop',
  realOnly: noKernel('aminmax_cpu'),
  reads: true,
  composite(self, bins, min, max) {
    if (!self.dtype.isFloatingPoint) throw notImplementedFor('histogram_cpu', self.dtype.scalarName);
    if (bins <= 0)
      throw new RuntimeError(`torch.histogram(): bins must be > 0, but got ${bins} for dimension 0`);
    let [low, high] = [Number(min), Number(max)];
    if (self.isMeta) return self.newZeros([bins]);
    if (low === high && self.numel() > 0) [low, high] = [self.min().item(), self.max().item()];
    if (low === high) [low, high] = [low - 1, high + 1];
    if (!Number.isFinite(low) || !Number.isFinite(high))
      throw new RuntimeError(`torch.histc: range of [${low}, ${high}] is not finite`);
    if (low > high) throw new RuntimeError('torch.histc: max must be larger than min');
    const flat = self.detach().reshape([-1]);
    if (flat.storage.backend.isHost && (flat.dtype === float32 || flat.dtype === float64)) {
      const counts = empty([bins], flat.dtype, flat.storage.backend);
      flat.storage.backend.kernels.histogram_of_range(counts, flat.contiguous(), low, high);
      return counts;
    }
    const inside = flat.maskedSelect(flat.ge(low).logicalAnd(flat.le(high)));
    const bin = inside
      .sub(low)
      .mul(bins)
      .div(high - low)
      .to(int64)
      .clamp(0, bins - 1);
    return self.newZeros([bins]).indexAdd_(0, bin, inside.onesLike());
  },
});
