// One contestant: computes functions of the numbers in files, as lines of JSON on standard input say. worker.py is its twin.
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import * as torch from '../dist/index.js';

const [device, dtype = 'float32'] = process.argv.slice(2);
if (device === 'webgpu') await torch.webgpu.init();

const type = { float32: torch.float32, float64: torch.float64 }[dtype];
function read(file) {
  const bytes = readFileSync(file);
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}
const functionOf = (path) => path.split('.').reduce((found, name) => found[name], torch);

/** Values and, on request, the derivative by the first operand: of the sum of all results, or of rows' weighted with 1/4 … 5/4. */
async function compute({ path, inputs, shape = [-1], args = [], output, derivative }) {
  const tensors = inputs.map((file) => torch.tensor(read(file)).reshape(shape).to(device).to(type));
  if (derivative) tensors[0].requiresGrad_();
  let result = functionOf(path)(...tensors, ...args);
  if (derivative) {
    const weights = torch.arange(result.numel()).remainder(5).add(1).div(4).reshape(result.shape);
    result.backward(shape.length > 1 ? weights.to(device).to(type) : torch.onesLike(result));
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
