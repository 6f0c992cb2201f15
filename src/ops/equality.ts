/** Comparisons of whole tensors: their result is a boolean, not a tensor, so they are no ops. */
import { sameShape } from '../core/layout.js';
import { asReader } from '../core/reading.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { signed } from '../core/signature/signed.js';
import { checkReadable, standsForSeveral } from '../core/stand_ins.js';
import type { Tensor } from '../core/tensor.js';
import './pointwise/index.js';
import './reductions.js';
import { installReaders, waiting } from '../dispatch/twins.js';

declare module '../core/tensor.js' {
  interface Tensor {
    /** Whether the other tensor has the same shape and the same values. */
    equal(...args: Arguments<typeof equalTo>): boolean;
    /** `equal()`, on devices that must be waited for too. */
    equalAsync(...args: Arguments<typeof equalTo>): Promise<boolean>;
    /** Whether all values are close to the other tensor's: |self - other| <= atol + rtol * |other|. */
    allclose(...args: Arguments<typeof closeTo>): boolean;
    /** `allclose()`, on devices that must be waited for too. */
    allcloseAsync(...args: Arguments<typeof closeTo>): Promise<boolean>;
  }
}

const closeness = 'Tensor other, float rtol=1e-05, float atol=1e-08, bool equal_nan=False';

/** @throws RuntimeError in PyTorch's words if one of them stands for several */
function checkStacks(name: string, ...tensors: readonly Tensor[]): void {
  for (const tensor of tensors) if (standsForSeveral(tensor)) checkReadable(tensor, name);
}

function areEqual(input: Tensor, other: Tensor): boolean {
  checkStacks('equal', input, other);
  return sameShape(input.shape, other.shape) && input.eq(other).all().item() === 1;
}

interface Closeness {
  readonly other: Tensor;
  readonly rtol: number;
  readonly atol: number;
  readonly equalNan: boolean;
}

function areClose(input: Tensor, { other, rtol, atol, equalNan }: Closeness): boolean {
  checkStacks('allclose', input, other);
  return input.isclose(other, { rtol, atol, equalNan }).all().item() === 1;
}

/** Whether two tensors have the same shape and the same values. */
export const equal = signed('equal(Tensor input, Tensor other)', ({ input, other }) =>
  asReader('equal', () => areEqual(input, other)),
);

/** `equal()`, on devices that must be waited for too. */
export const equalAsync = (...args: Parameters<typeof equal>): Promise<boolean> =>
  waiting(args, () => equal(...args));

/** Whether all values of two tensors are close: |input - other| <= atol + rtol * |other|. */
export const allclose = signed(`allclose(Tensor input, ${closeness})`, ({ input, ...rest }) =>
  asReader('allclose', () => areClose(input, rest)),
);

/** `allclose()`, on devices that must be waited for too. */
export const allcloseAsync = (...args: Parameters<typeof allclose>): Promise<boolean> =>
  waiting(args, () => allclose(...args));

const equalTo = signature('equal(Tensor other)');
const closeTo = signature(`allclose(${closeness})`);

installReaders({
  equal(this: Tensor, ...args: unknown[]) {
    return areEqual(this, equalTo.bind(args).other);
  },
  allclose(this: Tensor, ...args: unknown[]) {
    return areClose(this, closeTo.bind(args));
  },
});
