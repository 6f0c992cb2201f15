// One contestant of `npm run bench -- --ops`: carries out recorded samples of ops, enlarged, as lines of JSON on standard input say. worker.py
// is its twin.
import * as torch from 'flambeau';
import { call, prepareCall } from '../../dist/conformance/call.js';
import { readVariant } from '../../dist/conformance/corpus.js';
import { Inputs } from '../../dist/conformance/inputs.js';
import { answerLines } from '../answer_lines.mjs';

const [threads, folder] = process.argv.slice(2);
torch.setNumThreads(Number(threads));
torch.manualSeed(0);

/** More elements than this no result may have: some ops pair every element with every other. */
const MOST_ELEMENTS = 2 ** 25;

/** The tensors of a sample, repeated along their dimensions. */
class EnlargedInputs extends Inputs {
  #enlarged = new Map();
  #repeats;

  constructor(record, store, device, repeats) {
    super(record, store, device);
    this.#repeats = repeats;
  }

  tensor(position) {
    let found = this.#enlarged.get(position);
    if (found === undefined) {
      const small = super.tensor(position);
      const times = this.#repeats[position];
      found = times.every((n) => n === 1) ? small : small.detach().repeat(times);
      if (small.requiresGrad) found.requiresGrad_();
      this.#enlarged.set(position, found);
    }
    return found;
  }
}

const results = (value) =>
  value instanceof torch.Tensor ? [value] : Array.isArray(value) ? value.flatMap(results) : [];

let variant = null;
let run;
let count = 1;

/** The call of a sample, and its call with the gradients of all results by all inputs; null where there are none. */
function prepareRuns(record, inputs) {
  const args = record.args.map((arg) => inputs.decode(arg));
  const forward = prepareCall(record.fn, args, inputs.options(record.kwargs), false);
  const wanted = record.tensors
    .map((_, i) => i)
    .filter((i) => record.tensors[i].r === 'in' && record.tensors[i].rg);
  const roots = results(forward()).filter((t) => t.requiresGrad);
  if (wanted.length === 0 || roots.length === 0) return { forward, backward: null };
  const leaves = wanted.map((i) => inputs.tensor(i));
  const seeds = roots.map((root) => torch.onesLike(root));
  const backward = () => {
    const reached = results(forward()).filter((t) => t.requiresGrad);
    return torch.autograd.grad(reached, leaves, seeds, { allowUnused: true });
  };
  return { forward, backward };
}

/** Before so many calls a short one may gain nothing for a while, since its compiler waits for a processor. */
const FEWEST_CALLS = 5000;

/** Milliseconds per run. */
function time(runs) {
  const start = performance.now();
  for (let i = 0; i < runs; i++) run();
  return (performance.now() - start) / runs;
}

/**
 * Runs until that gets no faster: compilers that learn from the calls take a while. Returns the milliseconds of a run.
 *
 * @param least how long without a gain, in milliseconds
 * @param most how long at all
 */
function warmed({ least, most }) {
  const start = performance.now();
  let best = time(1);
  let gained = start;
  let now = performance.now();
  let calls = 0;
  for (
    let runs = 1;
    (now - gained < least || calls < FEWEST_CALLS) && now - start < most;
    now = performance.now()
  ) {
    runs = Math.max(1, Math.min(2 * runs, Math.round(least / 8 / best)));
    const found = time(runs);
    calls += runs;
    if (found < 0.95 * best) gained = performance.now();
    best = Math.min(best, found);
  }
  return best;
}

const commands = {
  /** Makes a sample ready; answers the shapes of its results. */
  prepare({ stem, id, dtype, repeats, gradients, warmUp, round }) {
    if (variant?.stem !== stem) variant = readVariant(folder, stem);
    const record = variant.cases.find(
      (one) => one.kind === 'sample' && one.id === id && one.dtype === dtype && one.fn !== null,
    );
    // What a result needs is known without computing it.
    const shapes = results(
      torch.noGrad(() => {
        const empty = new EnlargedInputs(record, variant.store, 'meta', repeats);
        return call(
          record.fn,
          record.args.map((arg) => empty.decode(arg)),
          empty.options(record.kwargs),
          false,
        );
      }),
    ).map(({ shape }) => shape);
    const elements = shapes.reduce((sum, shape) => sum + shape.reduce((n, size) => n * size, 1), 0);
    if (elements > MOST_ELEMENTS) return { error: `${elements} elements` };
    const runs = prepareRuns(record, new EnlargedInputs(record, variant.store, 'cpu', repeats));
    if (gradients && runs.backward === null) return { error: 'no gradients' };
    run = gradients ? runs.backward : runs.forward;
    const best = warmed(warmUp);
    count = Math.max(1, Math.round(round / best));
    return { shapes, ms: best };
  },
  round: () => ({ ms: time(count) }),
};

await answerLines(commands);
