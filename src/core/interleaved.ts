/** Complex memory seen as real memory: an element is two neighbours, the real part and the imaginary one. */
import type { StridedView } from '../backends/backend.js';

function realView(
  view: StridedView,
  shape: readonly number[],
  strides: readonly number[],
  at: number,
): StridedView {
  return { storage: view.storage, dtype: view.dtype.toReal(), shape, strides, offset: 2 * view.offset + at };
}

const doubled = (strides: readonly number[]): number[] => strides.map((s) => 2 * s);

/** The same memory with one more dimension, of the two parts. */
export function interleaved(view: StridedView): StridedView {
  return realView(view, [...view.shape, 2], [...doubled(view.strides), 1], 0);
}

/** The real and the imaginary parts. */
export function partsOf(view: StridedView): readonly [re: StridedView, im: StridedView] {
  const strides = doubled(view.strides);
  return [realView(view, view.shape, strides, 0), realView(view, view.shape, strides, 1)];
}
