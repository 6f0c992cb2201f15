// `npm run precision`: errors of functions and of their derivatives, in float32, on all engines and in PyTorch, against PyTorch's
// float64. Writes docs/precision.md.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startAll } from './contestants.mjs';
import { elementwise } from './elementwise.mjs';
import { reductions } from './reductions.mjs';

const usage = `usage: npm run precision -- [REGEX] [options]

  REGEX           the functions whose names match it; the page is written only without it
  --webgpu        tries the GPU, too
  --python PATH   the Python that has PyTorch, the reference (default: FLAMBEAU_PYTHON, or python3)`;

const options = { webgpu: { type: 'boolean', default: false }, python: { type: 'string' } };
let parsed;
try {
  parsed = parseArgs({ options, allowPositionals: true });
} catch (error) {
  console.error(`${error.message}\n\n${usage}`);
  process.exit(2);
}
const { values, positionals } = parsed;
const wanted = new RegExp(positionals[0] ?? '');
const python = values.python ?? process.env.FLAMBEAU_PYTHON ?? 'python3';

const folder = mkdtempSync(join(tmpdir(), 'precision-'));
const files = {
  name: (name) => join(folder, name),
  write(name, numbers) {
    writeFileSync(files.name(name), numbers);
    return files.name(name);
  },
  read(name, type) {
    const bytes = readFileSync(files.name(name));
    return new type(bytes.buffer, bytes.byteOffset, bytes.byteLength / type.BYTES_PER_ELEMENT);
  },
};

const all = startAll({ python, webgpu: values.webgpu });
const began = performance.now();
const tables = [await elementwise(wanted, all, files), await reductions(wanted, all, files)];
console.log(`${Math.round((performance.now() - began) / 1000)} s`);
all.stop();
rmSync(folder, { recursive: true });

if (positionals.length === 0) {
  const heading = `# Precision

Written by \`npm run precision -- --webgpu\`; do not edit. The largest and the mean error of float32 results in units in the last place, against PyTorch's
float64, on each engine and in PyTorch. ∞: one is finite, the other is not. WebGPU was a driver in software (SwiftShader); where operands or
results are denormal it is left out, since a GPU may take them for zero.
What is a thousand units off near a root is so for everybody who computes in float32: a function is mended where it is worse than PyTorch's and off by more
than two.

`;
  writeFileSync(fileURLToPath(new URL('../docs/precision.md', import.meta.url)), heading + tables.join('\n'));
}
