/** Runs one program on what runs JavaScript outside of browsers. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Project } from './project.js';

const smoke = readFileSync(new URL('./smoke.mjs', import.meta.url), 'utf8');
const { platform, arch } = process;
const machine = `${platform}-${arch}`;
// The names of packages that hold binaries alone: they need no script to install them.
const bun = `@oven/bun-${machine.replace('arm64', 'aarch64')}`;
const deno = `@deno/${machine}${platform === 'linux' ? '-glibc' : ''}`;

const runtimes: [name: string, npmPackage: string, version: string, binary: string, args: string[]][] = [
  ['Node 20.19', `node-${machine}`, '20.19', 'bin/node', []],
  ['Node 22', `node-${machine}`, '22', 'bin/node', []],
  ['Node 24', `node-${machine}`, '24', 'bin/node', []],
  ['Node 26', `node-${machine}`, '26', 'bin/node', []],
  ['Bun', bun, '1', 'bin/bun', []],
  ['Deno', deno, '2', 'deno', ['run', '-A']],
];

/** How a runtime's own tests compare tensors. */
const comparisons: Record<string, { args: string[]; file: string; source: string }> = {
  Bun: {
    args: ['test'],
    file: 'equal.test.mjs',
    source: `
      import { expect, test } from 'bun:test';
      import * as torch from 'flambeau';
      test('tensors', () => {
        const x = torch.arange(4).reshape(2, 2);
        expect(x.add(1)).toEqual(torch.arange(1, 5).reshape(2, 2));
        expect({ a: [x] }).toEqual({ a: [x.clone()] });
        for (const y of [x.add(1), x.flatten(), x.to(torch.float32), x.t()]) expect(x).not.toEqual(y);
        expect(() => expect(x).toEqual(x.add(1))).toThrow();
      });`,
  },
  Deno: {
    args: ['test', '-A', '--no-check'],
    file: 'equal_test.mjs',
    source: `
      import { deepStrictEqual, notDeepStrictEqual } from 'node:assert';
      import * as torch from 'flambeau';
      Deno.test('tensors', () => {
        const x = torch.arange(4).reshape(2, 2);
        deepStrictEqual(x.add(1), torch.arange(1, 5).reshape(2, 2));
        deepStrictEqual({ a: [x] }, { a: [x.clone()] });
        for (const y of [x.add(1), x.flatten(), x.to(torch.float32), x.t()]) notDeepStrictEqual(x, y);
      });`,
  },
};

describe('the library runs', { timeout: 600_000 }, () => {
  it.for(runtimes)('on %s', async ([name, npmPackage, version, binary, args], { skip }) => {
    let project: Project;
    try {
      project = await Project.create([`${npmPackage}@${version}`], { type: 'module' });
    } catch (error) {
      // Not every version has binaries for every platform.
      expect(String(error)).toMatch(/E404|ETARGET|EBADPLATFORM|notarget/);
      return skip(`there is no ${npmPackage}@${version}`);
    }
    try {
      project.write('smoke.mjs', smoke);
      const program = join(project.folder, 'node_modules', npmPackage, binary);
      const there = readdirSync(join(project.folder, 'node_modules', npmPackage));
      expect([existsSync(program), there]).toEqual([true, there]);
      const said: string[] = [];
      for (const engine of ['', 'wasm'])
        said.push(await project.run('env', `FLAMBEAU_CPU=${engine}`, program, ...args, 'smoke.mjs'));
      // That alone: nothing is warned of.
      const line = JSON.stringify({
        gradient: [
          [7, 11],
          [9, 13],
        ],
        first: '1.1187',
        learns: true,
        isSame: true,
        rows: 64,
        mode: false,
        isFlat: true,
        large: 64_000_000,
      });
      expect(said).toEqual([`${line}\n`, `${line}\n`]);
      const comparison = comparisons[name];
      if (comparison === undefined) return;
      project.write(comparison.file, comparison.source);
      expect(await project.run(program, ...comparison.args, comparison.file)).toMatch(/1 pass/);
    } finally {
      project.remove();
    }
  });

  it('refuses older Nodes, and says so', async () => {
    const project = await Project.create([`node-${machine}@18`], { type: 'module' });
    try {
      const program = join(project.folder, 'node_modules', `node-${machine}`, 'bin/node');
      const says = /flambeau needs Node 20\.19 or later.*this is v18\./;
      for (const [name, source] of [
        ['old.mjs', "import 'flambeau';"],
        ['old.cjs', "require('flambeau');"],
        ['lazy.mjs', "import 'flambeau/lazy';"],
      ]) {
        project.write(name, source);
        await expect(project.run(program, name)).rejects.toThrow(says);
      }
    } finally {
      project.remove();
    }
  });
});
