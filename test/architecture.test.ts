/** Rules of how `src/` is laid out. */
import { describe, expect, it } from 'vitest';
import { circles } from './support/imports.js';

describe('Modules', () => {
  it('import each other in no circle at run time', () => {
    expect(circles(false)).toEqual([]);
  });

  it('import each other in no circle for types, but for a tensor and its place in the graph', () => {
    expect(circles(true)).toEqual([['autograd/node.ts', 'core/autograd_state.ts', 'core/tensor.ts']]);
  });
});
