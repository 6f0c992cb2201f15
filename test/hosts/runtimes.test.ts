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

describe('the library runs', { timeout: 600_000 }, () => {
  it.for(runtimes)('on %s', async ([_, npmPackage, version, binary, args], { skip }) => {
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
        large: 64_000_000,
      });
      expect(said).toEqual([`${line}\n`, `${line}\n`]);
    } finally {
      project.remove();
    }
  });
});
