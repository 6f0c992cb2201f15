import type { StridedView } from './backend.js';

/** A view in another layout. Not by spreading: a tensor's layout is no property of its own. */
export function relaid(view: StridedView, changes: Partial<StridedView>): StridedView {
  const { storage, dtype, shape, strides, offset } = view;
  return { storage, dtype, shape, strides, offset, ...changes };
}
