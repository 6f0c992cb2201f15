/** Rules of how `src/` is laid out. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { entries } from '../scripts/entries.mjs';
import { circles, sources } from './support/imports.js';

describe('Modules', () => {
  it('import each other in no circle at run time', () => {
    expect(circles(false)).toEqual([]);
  });

  it('import each other in no circle for types', () => {
    expect(circles(true)).toEqual([]);
  });
});

describe('Files of one name', () => {
  /** Devices implement `backends/`, entries are there for Node and for browsers, and have a list of their types. */
  const sameThing = (folders: readonly string[], name: string): boolean =>
    (name === 'types.ts' && folders.every((folder) => ['', ...entries].includes(folder))) ||
    folders.every((folder) => /^backends(\/\w+)?$/.test(folder)) ||
    folders.every((folder) => ['', 'browser', 'edge'].includes(folder));

  it('are the same thing for several devices or hosts', () => {
    const folders = new Map<string, string[]>();
    for (const path of sources) {
      const [, folder = '', name] = /^(?:(.*)\/)?([^/]+)$/.exec(path)!;
      if (name !== 'index.ts') folders.set(name, [...(folders.get(name) ?? []), folder]);
    }
    const others = [...folders].filter(([name, list]) => list.length > 1 && !sameThing(list, name));
    expect(Object.fromEntries(others)).toEqual({});
  });
});

describe('Comments of src/ and docs/architecture.md', () => {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const folders = ['src', 'scripts', 'test', 'conformance', 'examples', 'bench', 'web', 'kernels', 'mpi/src'];
  const names = new Set(
    folders.flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) => basename(path)),
    ),
  );
  /** Files that the recipes make. */
  const made = new Set(['sign_sgd.ts', 'mirror.cc', 'mirror.h', 'x.test.ts']);
  const unknown = (text: string): string[] =>
    [...text.matchAll(/[\w./-]+\.(?:ts|mjs|cc)\b(?!x)/g)]
      .map(([name]) => basename(name))
      .filter((name) => !/^\./.test(name) && !names.has(name) && !made.has(name));

  it('name files that there are', () => {
    const found = sources.flatMap((path) => {
      const comments = readFileSync(join(root, 'src', path), 'utf8').match(/^\s*(?:\/\/|\/?\*).*$/gm) ?? [];
      return unknown(comments.join('\n')).map((name) => `${path}: ${name}`);
    });
    found.push(...unknown(readFileSync(join(root, 'docs/architecture.md'), 'utf8')));
    expect(found).toEqual([]);
  });
});
