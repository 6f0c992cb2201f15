/**
 * Several assignments in the expression language as one program over tensors that it changes: what optimizers are made of.
 */
import type { Backend, PointwiseCall } from '../backends/backend.js';
import type { Program } from '../backends/program.js';
import { float64 } from '../core/dtype.js';
import { interleaved } from '../core/interleaved.js';
import { checkHeld } from '../core/layout.js';
import type { Tensor } from '../core/tensor.js';
import { freeNames, lower, parseStatements } from '../expression/index.js';
import { dispatch } from './dispatch.js';
import { tensorOf } from './empty.js';
import { Op } from './op.js';
import { checkNoInternalOverlap } from './overlap.js';
import { parseSchema } from './schema.js';

interface Compiled {
  /** Names of tensors and of numbers, in the order in which they are given. */
  readonly tensors: readonly string[];
  readonly scalars: readonly string[];
  /** Positions of the tensors that are read, of those that are written, and of the numbers that are used. */
  readonly reads: readonly number[];
  readonly writes: readonly number[];
  readonly numbers: readonly number[];
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

/** A rule's program over the tensors and numbers that its names stand for; modes see its calls as those of any op. */
class UpdateOp extends Op {
  readonly takesOneDevice = true;

  constructor() {
    super(parseSchema('_fused_update(str rule, Tensor[] tensors, float[] scalars) -> Tensor[]'), {
      doc: 'Carries out a rule of assignments.',
    });
  }

  override execute([source, tensors, scalars]: readonly unknown[]): readonly Tensor[] {
    runRule(source as string, tensors as readonly Tensor[], scalars as readonly number[]);
    return tensors as readonly Tensor[];
  }
}

const updateOp = new UpdateOp();

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
  let entry = compiled.get(source);
  if (entry === undefined) {
    entry = compile(source, Object.keys(tensors), Object.keys(scalars));
    compiled.set(source, entry);
  }
  dispatch(updateOp, [
    source,
    entry.tensors.map((name) => tensors[name]),
    entry.scalars.map((name) => scalars[name]),
  ]);
}

/** Runs a compiled rule over what its names stand for, in their order. */
function runRule(source: string, tensors: readonly Tensor[], scalars: readonly number[]): void {
  const [first] = tensors;
  if (first.isComplex()) {
    // As in PyTorch's optimizers a complex number is two real ones.
    runRule(
      source,
      tensors.map((tensor) => tensorOf(interleaved(tensor))),
      scalars,
    );
    return;
  }
  const entry = compiled.get(source)!;
  const compute = first.dtype === float64 ? 'float64' : 'float32';
  let program = entry.programs.get(compute);
  if (program === undefined) {
    const statements = parseStatements(source);
    const results = entry.writes.map((i) => statements.get(entry.tensors[i])!);
    const reads = entry.reads.map((i) => entry.tensors[i]);
    const numbers = entry.numbers.map((i) => entry.scalars[i]);
    program = lower(results, reads, numbers, compute, 'optimizer step');
    entry.programs.set(compute, program);
  }
  const outputs = entry.writes.map((i) => tensors[i]);
  for (const output of outputs) checkHeld(output.shape, first.shape);
  for (const output of outputs) checkNoInternalOverlap(output);
  const inputs = entry.reads.map((i) => tensors[i]);
  const numbers = entry.numbers.map((i) => scalars[i]);
  run(first.storage.backend, program, { shape: first.shape, outputs, inputs, scalars: numbers });
  for (const output of outputs) output.storage.version++;
}

function compile(source: string, tensors: readonly string[], scalars: readonly string[]): Compiled {
  const statements = parseStatements(source);
  const isWritten = (name: string) => statements.has(name);
  const free = new Set(tensors.filter(isWritten).flatMap((name) => freeNames(statements.get(name)!)));
  const positions = (names: readonly string[], wanted: (name: string) => boolean): readonly number[] =>
    names.flatMap((name, i) => (wanted(name) ? [i] : []));
  const isRead = (name: string) => free.has(name);
  return {
    tensors,
    scalars,
    reads: positions(tensors, isRead),
    writes: positions(tensors, isWritten),
    numbers: positions(scalars, isRead),
    programs: new Map(),
  };
}
