// The processes that compute: the library on each engine, PyTorch, and both in float64 as the reference and its witness.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/** A process that answers one question at a time. */
function start(command, args, env = {}) {
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(question) {
      child.stdin.write(`${JSON.stringify(question)}\n`);
      const { value, done } = await lines.next();
      return done ? { error: 'the process has ended' } : JSON.parse(value);
    },
    stop: () => child.kill(),
  };
}

export function startAll({ python, webgpu }) {
  const reference = start(python, [here('worker.py'), 'float64']);
  /** Where both agree in float64 the reference can be trusted. */
  const witness = start(process.execPath, [here('worker.mjs'), 'cpu', 'float64']);
  const contestants = {
    native: start(process.execPath, [here('worker.mjs'), 'cpu'], { FLAMBEAU_CPU: 'native' }),
    WebAssembly: start(process.execPath, [here('worker.mjs'), 'cpu'], { FLAMBEAU_CPU: 'wasm' }),
    ...(webgpu ? { WebGPU: start(process.execPath, [here('worker.mjs'), 'webgpu']) } : {}),
    PyTorch: start(python, [here('worker.py'), 'float32']),
  };
  const stop = () => {
    for (const one of [reference, witness, ...Object.values(contestants)]) one.stop();
  };
  return { reference, witness, contestants, names: Object.keys(contestants), stop };
}
