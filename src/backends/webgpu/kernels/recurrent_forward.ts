/** One direction of one layer of a recurrent network: a dispatch for each step, two where its state is projected. */
import type { StridedView } from '../../backend.js';
import type { KernelArguments } from '../../kernels.js';
import { gateCounts, type Mode, stepsOf } from '../../recurrent_steps.js';
import { type GpuBackend, Launch, scratch } from '../launch.js';
import { byGate, copy, eachPiece, rowsOf, sizesOf, turned } from './recurrent_rows.js';
import { runStepProduct } from './step_product.js';

/** The operands of a step's rows, and where the result goes; kept if the gradient needs it. */
interface Rows {
  readonly to: StridedView;
  readonly x: StridedView;
  readonly state: StridedView;
  /** Of an LSTM: its cells before and after. */
  readonly cellFrom: StridedView | null;
  readonly cellTo: StridedView | null;
  readonly gates: StridedView | null;
  readonly candidate: StridedView | null;
}

/** Gates and the new state of some sequences; `weight` is [gate, state, unit]. */
function runCell(
  backend: GpuBackend,
  mode: Mode,
  rows: Rows,
  weight: StridedView,
  bias: StridedView | null,
): void {
  const launch = new Launch(backend, `recurrence ${mode}`);
  const input = (view: StridedView) => launch.input(view, 'f32');
  const output = (view: StridedView | null) => (view === null ? null : launch.output(view, 'f32'));
  const count = gateCounts[mode];
  const [to, kept, candidate, cellTo] = [rows.to, rows.gates, rows.candidate, rows.cellTo].map(output);
  const [x, state, w] = [rows.x, rows.state, weight].map(input);
  const b = bias === null ? null : input(bias);
  const cellFrom = rows.cellFrom === null ? null : input(rows.cellFrom);
  const range = [...new Array(count).keys()];
  const fromInput = (g: number) => x.load(x.at('i', `${g}u`, 'j'));
  const fromState = (g: number) => (b === null ? `s${g}` : `(s${g} + ${b.load(b.at(`${g}u`, 'j'))})`);
  const both = (g: number) => `${fromInput(g)} + ${fromState(g)}`;
  const store = (ref: typeof to, value: string, ...at: string[]) => ref?.store(ref.at(...at), value) ?? '';
  const keep = (g: number, value: string) => store(kept, value, 'i', `${g}u`, 'j');
  const result = (value: string) => store(to, value, 'i', 'j');
  const finish: Readonly<Record<Mode, () => string>> = {
    tanh: () => `let h = f_tanh(${both(0)}); ${keep(0, 'h')} ${result('h')}`,
    relu: () => `let v = ${both(0)}; let h = select(v, 0.0, v < 0.0); ${keep(0, 'h')} ${result('h')}`,
    lstm: () => `
  let g0 = f_sigmoid(${both(0)});
  let g1 = f_sigmoid(${both(1)});
  let g2 = f_tanh(${both(2)});
  let g3 = f_sigmoid(${both(3)});
  let c = g1 * ${cellFrom!.load(cellFrom!.at('i', 'j'))} + g0 * g2;
  ${range.map((g) => keep(g, `g${g}`)).join(' ')}
  ${store(cellTo, 'c', 'i', 'j')}
  ${result('g3 * f_tanh(c)')}`,
    gru: () => `
  let g0 = f_sigmoid(${both(0)});
  let g1 = f_sigmoid(${both(1)});
  let hidden = ${fromState(2)};
  let g2 = f_tanh(g0 * hidden + ${fromInput(2)});
  ${range.map((g) => keep(g, `g${g}`)).join(' ')}
  ${store(candidate, 'hidden', 'i', 'j')}
  ${result(`(${state.load(state.at('i', 'j'))} - g2) * g1 + g2`)}`,
  };
  runStepProduct(launch, `${b !== null} ${kept !== null}`, {
    rows: rows.x.shape[0],
    columns: rows.x.shape[2],
    factors: [state, w],
    finish: finish[mode],
  });
}

/** to = from · matrix */
function project(backend: GpuBackend, to: StridedView, from: StridedView, matrix: StridedView): void {
  const launch = new Launch(backend, 'recurrence projection');
  const o = launch.output(to, 'f32');
  const [x, w] = [from, matrix].map((view) => launch.input(view, 'f32'));
  runStepProduct(launch, '', {
    rows: to.shape[0],
    columns: to.shape[1],
    factors: [x, w],
    finish: () => o.store(o.at('i', 'j'), 's0'),
  });
}

export function recurrence(backend: GpuBackend, args: KernelArguments<'recurrence'>): void {
  const { out, last, lastCell, cells, initial, initialCell, projection, mode } = args;
  const [batch] = initial.shape;
  const count = gateCounts[mode];
  const steps = stepsOf(out.shape[0], batch, sizesOf(args.batchSizes), args.reverse);
  if (steps.length === 0) {
    copy(backend, last, initial);
    if (lastCell !== null) copy(backend, lastCell, initialCell!);
    return;
  }
  // A weight that is read in every step is worth laying out.
  const isPacked = steps.length > 1;
  const weight = turned(backend, byGate(args.weight, count, 0), isPacked);
  const matrix = projection === null ? null : turned(backend, byGate(projection, 1, 0), isPacked);
  const bias = args.bias === null ? null : byGate(args.bias, count, 0);
  const x = byGate(args.input, count, 1);
  const gates = args.gates === null ? null : byGate(args.gates, count, 1);
  const units = x.shape[2];
  const wide = projection === null ? null : scratch(backend, [batch, units], out.dtype);
  for (const [k, { begin, rows }] of steps.entries()) {
    const before = k > 0 ? steps[k - 1] : { begin: 0, rows: 0 };
    const after = k + 1 < steps.length ? steps[k + 1].rows : 0;
    eachPiece(rows, [before.rows], (first, n) => {
      const here = <V extends StridedView | null>(view: V): V =>
        (view === null ? null : rowsOf(view, begin + first, n)) as V;
      const there = (view: StridedView) => rowsOf(view, first, n);
      const begins = first >= before.rows;
      const past = (states: StridedView, start: StridedView) =>
        begins ? there(start) : rowsOf(states, before.begin + first, n);
      const state = past(out, initial);
      const to = wide === null ? here(out) : there(wide);
      const cellFrom =
        lastCell === null
          ? null
          : cells !== null
            ? past(cells, initialCell!)
            : there(begins ? initialCell! : lastCell);
      const cellTo = lastCell === null ? null : (here(cells) ?? there(lastCell));
      runCell(
        backend,
        mode,
        { to, x: here(x), state, cellFrom, cellTo, gates: here(gates), candidate: here(args.candidate) },
        weight,
        bias,
      );
      if (matrix !== null) project(backend, here(out), to, matrix);
    });
    // Sequences that end here.
    if (rows > after) {
      const [first, n] = [after, rows - after];
      copy(backend, rowsOf(last, first, n), rowsOf(out, begin + first, n));
      if (cells !== null) copy(backend, rowsOf(lastCell!, first, n), rowsOf(cells, begin + first, n));
    }
  }
  if (isPacked) backend.release(weight.storage, 'engine');
  if (isPacked && matrix !== null) backend.release(matrix.storage, 'engine');
  if (wide !== null) backend.release(wide.storage, 'engine');
}
