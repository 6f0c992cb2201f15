/** Rules of how `src/` is laid out. */
import { describe, expect, it } from 'vitest';
import { circles, sources } from './support/imports.js';

describe('Modules', () => {
  it('import each other in no circle at run time', () => {
    expect(circles(false)).toEqual([]);
  });

  it('import each other in no circle for types, but for a tensor and its place in the graph', () => {
    expect(circles(true)).toEqual([['autograd/node.ts', 'core/autograd_state.ts', 'core/tensor.ts']]);
  });
});

describe('Files of one name', () => {
  /** Devices implement `backends/`, entries are there for Node and for browsers. */
  const sameThing = (folders: readonly string[]): boolean =>
    folders.every((folder) => /^backends(\/\w+)?$/.test(folder)) ||
    folders.every((folder) => folder === '' || folder === 'browser');

  it('are the same thing for several devices or hosts', () => {
    const folders = new Map<string, string[]>();
    for (const path of sources) {
      const [, folder = '', name] = /^(?:(.*)\/)?([^/]+)$/.exec(path)!;
      if (name !== 'index.ts') folders.set(name, [...(folders.get(name) ?? []), folder]);
    }
    const others = [...folders].filter(([, list]) => list.length > 1 && !sameThing(list));
    expect(Object.fromEntries(others)).toEqual({});
  });
});
