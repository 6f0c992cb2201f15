// One contestant: computes functions of the numbers in files, as lines of JSON on standard input say. worker.py is its twin.
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import * as torch from '../dist/index.js';

const [device, dtype = 'float32'] = process.argv.slice(2);
if (device === 'webgpu') await torch.webgpu.init();

const type = { float32: torch.float32, float64: torch.float64 }[dtype];
const read = (file) => new Float32Array(readFileSync(file).buffer);
const functionOf = (path) => path.split('.').reduce((found, name) => found[name], torch);

/** Values and, on request, the derivative by the first operand. */
async function compute({ path, inputs, output, derivative }) {
  const tensors = inputs.map((file) => torch.tensor(read(file)).to(device).to(type));
  if (derivative) tensors[0].requiresGrad_();
  let result = functionOf(path)(...tensors);
  if (derivative) {
    result.sum().backward();
    result = tensors[0].grad;
  }
  if (result.dtype === type) writeFileSync(output, await result.detach().contiguous().toArrayAsync());
  return { shape: result.shape, dtype: String(result.dtype) };
}

for await (const line of createInterface({ input: process.stdin })) {
  const answer = await compute(JSON.parse(line)).catch((error) => ({ error: String(error) }));
  console.log(JSON.stringify(answer));
}
process.exit(0);
