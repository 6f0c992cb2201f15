/** The gradients of a recurrent layer: a dispatch for each step, last first, two where its state is projected. */
import type { StridedView } from '../../backend.js';
import type { KernelArguments } from '../../kernels.js';
import { gateCounts, type Mode, stepsOf } from '../../recurrent_steps.js';
import { type GpuBackend, Launch, type Ref } from '../launch.js';
import { byGate, clear, copy, eachPiece, RowCopies, rowsOf, sizesOf } from './recurrent_rows.js';
import { runStepProduct } from './step_product.js';

/** Where the gradient by some rows of a step comes from; all is summed. */
interface Source {
  /** Rows of a product, and its matrix. */
  readonly product: readonly [StridedView, StridedView] | null;
  readonly more: readonly StridedView[];
}

/** Sums a source up, and does with it at row i and column j what `finish` says of the sum's name. */
function runSource(
  launch: Launch,
  key: string,
  [rows, columns]: readonly number[],
  { product, more }: Source,
  finish: (sum: string) => string,
): void {
  const [x, w] = (product ?? []).map((view) => launch.input(view, 'f32'));
  const added = more.map((view) => launch.input(view, 'f32'));
  runStepProduct(launch, `${key} ${product !== null} ${more.length}`, {
    rows,
    columns,
    factors: product === null ? null : [x, w],
    finish: () => {
      const terms = [...(product === null ? [] : ['s0']), ...added.map((ref) => ref.load(ref.at('i', 'j')))];
      return `let dh = ${terms.length === 0 ? '0.0' : terms.join(' + ')};\n  ${finish('dh')}`;
    },
  });
}

/** Rows of a step: what its gates, cells and states were, and where gradients go. */
interface Rows {
  readonly to: StridedView;
  readonly gates: StridedView;
  /** Of an LSTM: the cells, those before, and the gradient by them, which becomes that by those before. */
  readonly cells: readonly [now: StridedView, before: StridedView, grad: StridedView] | null;
  /** Of a GRU: the product's gradient, its candidate, the state before, and where goes what flows past the gates. */
  readonly past:
    | readonly [hidden: StridedView, candidate: StridedView, state: StridedView, passing: StridedView]
    | null;
}

/** The gradients by the gates of some rows, from that by their states. */
function runCell(backend: GpuBackend, mode: Mode, rows: Rows, source: Source): void {
  const launch = new Launch(backend, `recurrence_backward ${mode}`);
  const input = (view: StridedView) => launch.input(view, 'f32');
  const output = (view: StridedView) => launch.output(view, 'f32');
  const [to, gates] = [output(rows.to), input(rows.gates)];
  const get = (ref: Ref) => ref.load(ref.at('i', 'j'));
  const gate = (g: number) => gates.load(gates.at('i', `${g}u`, 'j'));
  const set = (ref: Ref, g: number, value: string) => ref.store(ref.at('i', `${g}u`, 'j'), value);
  const { shape } = rows.gates;
  let finish: (dh: string) => string;
  if (rows.cells !== null) {
    const grad = output(rows.cells[2]);
    const [now, before] = [input(rows.cells[0]), input(rows.cells[1])];
    finish = (dh) => `
  let g0 = ${gate(0)}; let g1 = ${gate(1)}; let g2 = ${gate(2)}; let g3 = ${gate(3)};
  let curve = f_tanh(${get(now)});
  let by = ${get(grad)} + ${dh} * g3 * (1.0 - curve * curve);
  ${set(to, 0, 'by * g2 * g0 * (1.0 - g0)')}
  ${set(to, 1, `by * ${get(before)} * g1 * (1.0 - g1)`)}
  ${set(to, 2, 'by * g0 * (1.0 - g2 * g2)')}
  ${set(to, 3, `${dh} * curve * g3 * (1.0 - g3)`)}
  ${grad.store(grad.at('i', 'j'), 'by * g1')}`;
  } else if (rows.past !== null) {
    const [hidden, passing] = [output(rows.past[0]), output(rows.past[3])];
    const [candidate, state] = [input(rows.past[1]), input(rows.past[2])];
    finish = (dh) => `
  let g0 = ${gate(0)}; let g1 = ${gate(1)}; let g2 = ${gate(2)};
  let byFresh = ${dh} * (1.0 - g1) * (1.0 - g2 * g2);
  let byReset = byFresh * ${get(candidate)} * g0 * (1.0 - g0);
  let byUpdate = ${dh} * (${get(state)} - g2) * g1 * (1.0 - g1);
  ${set(to, 0, 'byReset')} ${set(to, 1, 'byUpdate')} ${set(to, 2, 'byFresh')}
  ${set(hidden, 0, 'byReset')} ${set(hidden, 1, 'byUpdate')} ${set(hidden, 2, 'byFresh * g0')}
  ${passing.store(passing.at('i', 'j'), `${dh} * g1`)}`;
  } else {
    finish = (dh) =>
      `let h = ${gate(0)}; ${set(to, 0, mode === 'relu' ? `select(0.0, ${dh}, h > 0.0)` : `${dh} * (1.0 - h * h)`)}`;
  }
  runSource(launch, '', [shape[0], shape[2]], source, finish);
}

/** Stores a source's sum. */
function runSum(backend: GpuBackend, to: StridedView, source: Source): void {
  const launch = new Launch(backend, 'recurrence_backward state');
  const o = launch.output(to, 'f32');
  runSource(launch, '', to.shape, source, (sum) => o.store(o.at('i', 'j'), sum));
}

/** Begins with the gradient that a state ends with. */
function begin(backend: GpuBackend, to: StridedView | null, from: StridedView | null): void {
  if (to === null) return;
  if (from === null) clear(backend, to);
  else copy(backend, to, from);
}

export function recurrence_backward(backend: GpuBackend, args: KernelArguments<'recurrence_backward'>): void {
  const { gradOut, gradInitial, gradInitialCell, gradProjected, cells, out, initial, initialCell } = args;
  const { previous, candidate, mode } = args;
  const weight = byGate(args.weight, 1, 0);
  const projection = args.projection === null ? null : byGate(args.projection, 1, 0);
  const count = gateCounts[mode];
  const steps = stepsOf(out.shape[0], initial.shape[0], sizesOf(args.batchSizes), args.reverse);
  begin(backend, gradInitial, args.gradLast);
  begin(backend, gradInitialCell, args.gradLastCell);
  // The gradient of the product, and of what else arrives where it does.
  const byProduct = args.gradHidden ?? args.gradGates;
  const [toGates, gates] = [args.gradGates, args.gates].map((view) => byGate(view, count, 1));
  const toHidden = args.gradHidden === null ? null : byGate(args.gradHidden, count, 1);
  const isGru = toHidden !== null;
  const none = { begin: 0, rows: 0 };
  for (let k = steps.length - 1; k >= 0; k--) {
    const step = steps[k];
    const before = k > 0 ? steps[k - 1] : none;
    const after = k + 1 < steps.length ? steps[k + 1] : none;
    eachPiece(step.rows, [before.rows, after.rows], (first, n) => {
      const here = (view: StridedView) => rowsOf(view, step.begin + first, n);
      const there = (view: StridedView) => rowsOf(view, first, n);
      const past = (states: StridedView, start: StridedView) =>
        first >= before.rows ? there(start) : rowsOf(states, before.begin + first, n);
      const ends = first >= after.rows;
      const given = gradOut === null ? [] : [here(gradOut)];
      const fromStates: Source = {
        product: ends ? null : [rowsOf(byProduct, after.begin + first, n), weight],
        more: ends || isGru ? [there(gradInitial), ...given] : given,
      };
      let source = fromStates;
      if (gradProjected !== null) {
        runSum(backend, here(gradProjected), fromStates);
        source = { product: [here(gradProjected), projection!], more: [] };
      }
      const rows: Rows = {
        to: here(toGates),
        gates: here(gates),
        cells: cells === null ? null : [here(cells), past(cells, initialCell!), there(gradInitialCell!)],
        past: isGru ? [here(toHidden), here(candidate!), past(out, initial), there(gradInitial)] : null,
      };
      runCell(backend, mode, rows, source);
    });
    // Sequences that begin here.
    if (step.rows > before.rows) {
      const [first, n] = [before.rows, step.rows - before.rows];
      const to = rowsOf(gradInitial, first, n);
      runSum(backend, to, {
        product: [rowsOf(byProduct, step.begin + first, n), weight],
        more: isGru ? [to] : [],
      });
    }
  }
  if (previous === null) return;
  const copies = new RowCopies(backend);
  // In the order of memory, so that most of them are one.
  const order = [...steps.keys()];
  for (const k of args.reverse ? order.reverse() : order) {
    const step = steps[k];
    const before = k > 0 ? steps[k - 1] : none;
    eachPiece(step.rows, [before.rows], (first, n) => {
      const from = first >= before.rows ? rowsOf(initial, first, n) : rowsOf(out, before.begin + first, n);
      copies.add(rowsOf(previous, step.begin + first, n), from);
    });
  }
  copies.finish();
}
