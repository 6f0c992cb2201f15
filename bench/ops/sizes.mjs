// How a recorded sample, whose tensors have a handful of elements, becomes one of a size that people compute with.

/** Elements of the largest tensor: what a recording has, what the second-level cache holds, and what only main memory does. */
export const sizes = { small: 0, cache: 2 ** 16, memory: 2 ** 21 };

/**
 * The ways to repeat the tensors of a sample, in the order in which they are tried: along every dimension, along the first, or the
 * last. Which of them leaves a call valid depends on the op: batches grow by the first, rows of a matrix do not.
 */
export const ways = ['all', 'first', 'last'];

const product = (shape) => shape.reduce((n, size) => n * size, 1);

/** How often each tensor of a sample is repeated along its dimensions; null where no number of times brings it there. */
export function repeats(shapes, way, target) {
  const largest = shapes.reduce((a, b) => (product(b) > product(a) ? b : a), []);
  const elements = product(largest);
  if (elements === 0 || largest.length === 0) return null;
  if (target <= elements) return shapes.map((shape) => shape.map(() => 1));
  if (way === 'all') {
    const grown = largest.filter((size) => size > 1).length;
    if (grown === 0) return null;
    const times = Math.round((target / elements) ** (1 / grown));
    return shapes.map((shape) => shape.map((size) => (size > 1 ? times : 1)));
  }
  const times = Math.round(target / elements);
  const place = (shape) => (way === 'first' ? 0 : shape.length - 1);
  const size = largest[place(largest)];
  // Others that have this dimension grow with it; weights and the like do not.
  return shapes.map((shape) =>
    shape.map((other, i) =>
      i === place(shape) && other === size && shape.length === largest.length ? times : 1,
    ),
  );
}
