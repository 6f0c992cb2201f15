#!/usr/bin/env node
/** `npx flambeau convert model.py`: converts programs to TypeScript. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { convert } from './convert_python.js';
import { modulesNamedIn } from './own_modules.js';

const usage = `TypeScript for programs that were written for PyTorch.

usage: npx flambeau convert [options] FILE.py…    prints what becomes of each
       npm run convert -- [options] FILE.py…      the same, in a clone of the repository

  -o, --out FILE    writes it to FILE ('-w' for several files)
  -w, --write       writes each beside its source, as FILE.ts
      --help        shows this

FILE may be '-', for what is piped in. Modules of its own that a program imports are read from beside it and become part of it. What cannot be converted is told with its line, and the exit status is 1.`;

/** Modules of a program's own: what it imports that has a file beside it. */
function modulesBeside(
  file: string,
  python: string,
  found: Record<string, string> = {},
): Record<string, string> {
  for (const name of modulesNamedIn(python)) {
    if (Object.hasOwn(found, name)) continue;
    const path = join(dirname(file), name.replaceAll('.', '/'));
    const source = [`${path}.py`, join(path, '__init__.py')].find((one) => existsSync(one));
    if (source === undefined) continue;
    found[name] = readFileSync(source, 'utf8');
    modulesBeside(file, found[name], found);
  }
  return found;
}

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      out: { type: 'string', short: 'o' },
      write: { type: 'boolean', short: 'w' },
      help: { type: 'boolean' },
    },
  });
  const files = positionals[0] === 'convert' ? positionals.slice(1) : positionals;
  if (values.help || files.length === 0) {
    console.log(usage);
    return values.help ? 0 : 2;
  }
  if (values.out !== undefined && files.length > 1) {
    console.error('--out takes one file: use --write.');
    return 2;
  }
  let errors = 0;
  for (const file of files) {
    const python = readFileSync(file === '-' ? 0 : file, 'utf8');
    const { code, diagnostics } = await convert(python, {
      modules: file === '-' ? {} : modulesBeside(file, python),
    });
    const own = file === '-' ? 'stdin' : file;
    for (const { file: module, line, column, severity, message } of diagnostics)
      console.error(
        `${module === undefined ? own : join(dirname(own), module)}:${line}:${column}: ${severity}: ${message}`,
      );
    errors += diagnostics.filter(({ severity }) => severity === 'error').length;
    const to = values.out ?? (values.write ? `${file.replace(/\.py$/, '')}.ts` : null);
    if (to === null) process.stdout.write(code);
    else if (code !== '') writeFileSync(to, code);
  }
  return errors > 0 ? 1 : 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 2;
}
