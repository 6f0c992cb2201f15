/**
 * Several assignments in the expression language as one program over tensors that it changes: what optimizers are made of.
 * It runs below autograd.
 */
import type { Backend, PointwiseCall } from '../backends/backend.js';
import type { Program } from '../backends/program.js';
import { float64 } from '../core/dtype.js';
import { interleaved } from '../core/interleaved.js';
import { checkHeld } from '../core/layout.js';
import type { Tensor } from '../core/tensor.js';
import { freeNames, lower, parseStatements } from '../expression/index.js';
import { tensorOf } from './empty.js';
import { checkNoInternalOverlap } from './overlap.js';

interface Compiled {
  readonly scalars: readonly string[];
  /** Tensors that are read, and those that are written. */
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  /** By compute type. */
  readonly programs: Map<string, Program>;
}

/** Updates that wait for others with the same program; null where each is carried out at once. */
let waiting: Map<Backend, Map<Program, PointwiseCall[]>> | null = null;

/**
 * Runs `updates`, whose calls of `update` may be carried out together at its end, those of one program in their order. It must not
 * read what they change.
 */
export function together(updates: () => void): void {
  const before = waiting;
  const own: typeof waiting = new Map();
  waiting = own;
  try {
    updates();
  } finally {
    waiting = before;
    for (const [backend, programs] of own)
      for (const [program, calls] of programs) backend.pointwiseEach!(program, calls);
  }
}

function run(backend: Backend, program: Program, call: PointwiseCall): void {
  if (waiting === null || backend.pointwiseEach === undefined) {
    backend.pointwise(program, call.shape, call.outputs, call.inputs, call.scalars);
    return;
  }
  let programs = waiting.get(backend);
  if (programs === undefined) {
    programs = new Map();
    waiting.set(backend, programs);
  }
  const calls = programs.get(program);
  if (calls === undefined) programs.set(program, [call]);
  else calls.push(call);
}

const compiled = new Map<string, Compiled>();

/**
 * Carries out assignments such as `buf = momentum * buf + grad; param = param - lr * buf`. A name that is one of
 * `tensors` is that tensor, on the left too; one of `scalars` is that number; any other is a part of the computation. What
 * is written must have the shape of the first tensor; what is read broadcasts to it.
 */
export function update(
  source: string,
  tensors: Readonly<Record<string, Tensor>>,
  scalars: Readonly<Record<string, number>>,
): void {
  const names = Object.keys(tensors);
  if (tensors[names[0]].isComplex()) {
    // As in PyTorch's optimizers a complex number is two real ones.
    const pairs = names.map((name) => [name, tensorOf(interleaved(tensors[name]))] as const);
    update(source, Object.fromEntries(pairs), scalars);
    return;
  }
  let entry = compiled.get(source);
  if (entry === undefined) {
    entry = compile(source, names, Object.keys(scalars));
    compiled.set(source, entry);
  }
  const first = tensors[names[0]];
  const compute = first.dtype === float64 ? 'float64' : 'float32';
  let program = entry.programs.get(compute);
  if (program === undefined) {
    const statements = parseStatements(source);
    const results = entry.writes.map((name) => statements.get(name)!);
    program = lower(results, entry.reads, entry.scalars, compute, 'optimizer step');
    entry.programs.set(compute, program);
  }
  const outputs = entry.writes.map((name) => tensors[name]);
  for (const output of outputs) checkHeld(output.shape, first.shape);
  for (const output of outputs) checkNoInternalOverlap(output);
  const inputs = entry.reads.map((name) => tensors[name]);
  const numbers = entry.scalars.map((name) => scalars[name]);
  run(first.storage.backend, program, { shape: first.shape, outputs, inputs, scalars: numbers });
  for (const output of outputs) output.storage.version++;
}

function compile(source: string, tensors: readonly string[], scalars: readonly string[]): Compiled {
  const statements = parseStatements(source);
  const writes = tensors.filter((name) => statements.has(name));
  const free = new Set(writes.flatMap((name) => freeNames(statements.get(name)!)));
  return {
    scalars: scalars.filter((name) => free.has(name)),
    reads: tensors.filter((name) => free.has(name)),
    writes,
    programs: new Map(),
  };
}
