/** A project of somebody else's that has the package installed. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** The compilers by the folder in which they are installed. */
export const compilers = ['typescript-5.5', 'typescript-5.9', 'typescript'] as const;
export type Compiler = (typeof compilers)[number];

export const sources = ['vae', 'modules', 'containers', 'data', 'optimizers', 'results'].map(
  (name) => `${name}.ts`,
);

/** Makes a folder with the sources, the package and Node's types. */
export function foreignProject(): string {
  const folder = mkdtempSync(join(tmpdir(), 'flambeau-types-'));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(path('../..'), join(folder, 'node_modules/flambeau'), 'dir');
  symlinkSync(path('../../node_modules/@types'), join(folder, 'node_modules/@types'), 'dir');
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  cpSync(path('project'), folder, { recursive: true });
  return folder;
}

export function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/** The messages of a compiler for a project with these settings. */
export function compile(folder: string, compiler: Compiler, compilerOptions: object): string {
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  const tsc = path(`../../node_modules/${compiler}/bin/tsc`);
  try {
    return execFileSync(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], { encoding: 'utf8' });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

export function declarations(folder: string, name: string): string {
  return readFileSync(join(folder, 'out', `${name}.d.ts`), 'utf8');
}
