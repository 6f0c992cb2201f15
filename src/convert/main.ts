#!/usr/bin/env node
/** `npx flambeau convert model.py`: converts programs to TypeScript. */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { convert } from './convert_python.js';

const usage = `TypeScript for programs that were written for PyTorch.

usage: npx flambeau convert [options] FILE.py…    prints what becomes of each
       npm run convert -- [options] FILE.py…      the same, in a clone of the repository

  -o, --out FILE    writes it to FILE ('-w' for several files)
  -w, --write       writes each beside its source, as FILE.ts
      --help        shows this

FILE may be '-', for what is piped in. What cannot be converted is told with its line, and the exit status is 1.`;

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
    const { code, diagnostics } = await convert(readFileSync(file === '-' ? 0 : file, 'utf8'));
    const name = file === '-' ? 'stdin' : file;
    for (const { line, column, severity, message } of diagnostics)
      console.error(`${name}:${line}:${column}: ${severity}: ${message}`);
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
