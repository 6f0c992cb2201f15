/**
 * One direction of one layer of a recurrent network, from its products with the input on: a kernel carries out all steps, another
 * their gradients. Where the backward pass is itself recorded, it is written with ordinary ops.
 */
import type { Gradient } from '../../autograd/node.js';
import { gateCounts, type Mode, stepsOf } from '../../backends/recurrent_steps.js';
import { RuntimeError } from '../../core/errors.js';
import { formatShape, sameShape } from '../../core/layout.js';
import type { Tensor } from '../../core/tensor.js';
import { isObserved } from '../../dispatch/recording.js';
import { type OpFunction, op, ops } from '../../dispatch/registry.js';
import { finish, kernelsOf, operand, optionalOperand, result } from '../nn/kernel_operands.js';
import { before, checkBatchSizes, replaced } from './steps.js';

const cat = (tensors: readonly Tensor[]): Tensor => ops.cat(tensors);

/** All rows of all steps as a matrix. */
const flat = (tensor: Tensor): Tensor => tensor.reshape([-1, tensor.shape[tensor.ndim - 1]]);

/** @throws RuntimeError unless a tensor has this shape */
function checkShape(tensor: Tensor | null, name: string, expected: readonly number[]): void {
  if (tensor !== null && !sameShape(tensor.shape, expected))
    throw new RuntimeError(
      `${name} must have shape ${formatShape(expected)}, got ${formatShape(tensor.shape)}`,
    );
}

/** @throws RuntimeError unless the operands of `_recurrence` fit: its kernel would read outside of them */
function checkOperands(
  input: Tensor,
  inputWeight: Tensor | null,
  batchSizes: Tensor | null,
  initial: Tensor,
  initialCell: Tensor | null,
  weight: Tensor,
  bias: Tensor | null,
  projection: Tensor | null,
  mode: Mode,
): void {
  const [batch, outputs] = initial.shape;
  const hidden = projection === null ? outputs : projection.shape[1];
  const width = gateCounts[mode] * hidden;
  const dims = batchSizes === null ? 3 : 2;
  if (input.ndim !== dims) throw new RuntimeError(`input must have ${dims} dimensions, got ${input.ndim}`);
  const features = inputWeight === null ? width : input.shape[dims - 1];
  checkShape(inputWeight, 'weight_ih', [width, features]);
  if (batchSizes === null) checkShape(input, 'input', [input.shape[0], batch, features]);
  else {
    checkShape(input, 'input', [input.shape[0], features]);
    checkBatchSizes(batchSizes, input.shape[0], batch);
  }
  checkShape(initialCell, 'hidden[1]', [batch, hidden]);
  checkShape(weight, 'weight_hh', [width, outputs]);
  checkShape(bias, 'bias_hh', [width]);
  checkShape(projection, 'weight_hr', [outputs, hidden]);
  for (const other of [inputWeight, initial, initialCell, weight, bias, projection])
    if (other !== null && other.dtype !== input.dtype)
      throw new RuntimeError(
        `expected scalar type ${input.dtype.scalarName} but found ${other.dtype.scalarName}`,
      );
}

/** A stack of layers side by side: the stack becomes part of the batch, whose sequences keep their order. */
const folded = (tensor: Tensor): Tensor => tensor.movedim(0, -2).flatten(-3, -2);

/** Of a result for the folded stack the one for each; what is empty stays so. */
function unfolded(tensor: Tensor, size: number): Tensor {
  if (tensor.ndim < 2) return tensor.expand([size, ...tensor.shape]);
  return tensor.unflatten(-2, [-1, size]).movedim(-2, 0);
}

/** Whether the kernel multiplies by the input's weight itself, while a step's products are in the cache: of a GRU they stand apart from those with the state. */
export const takesInput = (mode: Mode, { storage }: Tensor): boolean =>
  mode !== 'gru' && storage.backend.isHost;

const recurrenceSchema =
  "_recurrence(Tensor input, Tensor? input_weight, Tensor? batch_sizes, Tensor initial, Tensor? initial_cell, Tensor weight, Tensor? bias, Tensor? projection, 'tanh'|'relu'|'lstm'|'gru' mode, bool reverse, bool keep) -> (Tensor out, Tensor last, Tensor last_cell, Tensor activations, Tensor cells, Tensor candidate)";

/**
 * The steps of a layer. `input` are the products with the input, [steps, batch, width], or [rows, width] where
 * `batch_sizes` tells how many rows each step has; with `input_weight` it is the input itself, and nothing is kept (`takesInput`). Results beside the output and the last states are what the gradient
 * needs; those that a mode lacks, and all unless they shall be kept, are empty.
 */
export const recurrence: OpFunction<typeof recurrenceSchema> = op(recurrenceSchema, {
  doc: 'All steps of one direction of a recurrent layer, from its products with the input on.',
  function: false,
  // Numbers of rows stay on the CPU.
  devices: 'any',
  forward(
    input,
    inputWeight,
    batchSizes,
    initial,
    initialCell,
    weight,
    bias,
    projection,
    kind,
    reverse,
    keep,
  ) {
    const mode = kind as Mode;
    checkOperands(input, inputWeight, batchSizes, initial, initialCell, weight, bias, projection, mode);
    if (inputWeight !== null && (keep || !takesInput(mode, input)))
      throw new RuntimeError(`_recurrence takes the products with the input here, not weight_ih`);
    const name = '_recurrence';
    const x = operand(input, name);
    const { dtype } = input;
    const [batch, outputs] = initial.shape;
    const hidden = projection === null ? outputs : projection.shape[1];
    const lead = input.shape.slice(0, -1);
    const [isLstm, isGru] = [mode === 'lstm', mode === 'gru'];
    const out = result([...lead, outputs], x);
    const last = result([batch, outputs], x);
    const lastCell = result(isLstm ? [batch, hidden] : [0], x);
    const activations = result(keep ? input.shape : [0], x);
    const cells = result(keep && isLstm ? [...lead, hidden] : [0], x);
    const candidate = result(keep && isGru ? [...lead, hidden] : [0], x);
    kernelsOf(x).recurrence(
      flat(out),
      last,
      isLstm ? lastCell : null,
      keep ? flat(activations) : null,
      keep && isLstm ? flat(cells) : null,
      keep && isGru ? flat(candidate) : null,
      flat(x),
      optionalOperand(inputWeight, name),
      operand(initial, name),
      optionalOperand(initialCell, name),
      operand(weight, name),
      optionalOperand(bias, name),
      optionalOperand(projection, name),
      batchSizes?.contiguous() ?? null,
      reverse,
      mode,
    );
    const [a, b, c, d, e, f] = [out, last, lastCell, activations, cells, candidate].map((t) =>
      finish(t, dtype),
    );
    return [a, b, c, d, e, f] as const;
  },
  batch(
    input,
    inputWeight,
    batchSizes,
    initial,
    initialCell,
    weight,
    bias,
    projection,
    mode,
    reverse,
    keep,
    { size, has },
  ) {
    if (has.input_weight || has.weight || has.bias || has.projection || has.batch_sizes) return null;
    const [x, h, c] = [
      [input, has.input] as const,
      [initial, has.initial] as const,
      [initialCell, has.initial_cell] as const,
    ].map(([t, isStacked]) => (t === null ? null : folded(isStacked ? t : t.expand([size, ...t.shape]))));
    const sizes = batchSizes === null ? null : batchSizes.mul(size);
    const results = recurrence(x!, inputWeight, sizes, h!, c, weight, bias, projection, mode, reverse, keep);
    const [out, last, lastCell, activations, cells, candidate] = [...results].map((r) => unfolded(r, size));
    return [out, last, lastCell, activations, cells, candidate] as const;
  },
  save: [
    'batch_sizes',
    'initial',
    'initial_cell',
    'weight',
    'projection',
    'out',
    'activations',
    'cells',
    'candidate',
  ],
  vjp(grads, saved, needs) {
    const mode = saved.mode as Mode;
    const [isLstm, isGru] = [mode === 'lstm', mode === 'gru'];
    const [byOut, byLast, byCell, ...byInner] = grads;
    const isDirect = !isObserved() && byInner.every((grad) => grad === null);
    const [gates, hidden, previous, projected, initial, initialCell] = isDirect
      ? recurrenceBackward(
          byOut,
          byLast,
          byCell,
          saved.batch_sizes,
          saved.initial,
          saved.initial_cell,
          saved.weight,
          saved.projection,
          saved.out,
          saved.activations,
          isLstm ? saved.cells : null,
          isGru ? saved.candidate : null,
          mode,
          saved.reverse,
          needs.weight,
        )
      : gradientsByOps(grads, { ...saved, mode });
    const byProduct = flat(isGru ? hidden : gates);
    // The projected value is o · tanh(c).
    const unprojected = (): Tensor => {
      const o = flat(saved.activations).chunk(4, 1)[3];
      return o.mul(flat(saved.cells).tanh());
    };
    return {
      input: gates,
      initial,
      initial_cell: isLstm ? initialCell : null,
      weight: needs.weight ? byProduct.t().mm(flat(previous)) : null,
      bias: needs.bias ? byProduct.sum(0) : null,
      projection: needs.projection ? flat(projected).t().mm(unprojected()) : null,
    };
  },
});

const backwardSchema =
  "_recurrence_backward(Tensor? grad_out, Tensor? grad_last, Tensor? grad_last_cell, Tensor? batch_sizes, Tensor initial, Tensor? initial_cell, Tensor weight, Tensor? projection, Tensor out, Tensor activations, Tensor? cells, Tensor? candidate, 'tanh'|'relu'|'lstm'|'gru' mode, bool reverse, bool by_weight) -> (Tensor by_gates, Tensor by_hidden, Tensor previous, Tensor by_projected, Tensor by_initial, Tensor by_initial_cell)";

const recurrenceBackward: OpFunction<typeof backwardSchema> = op(backwardSchema, {
  doc: 'The gradients of `_recurrence` by the gates before their curves, and the states that they came from.',
  function: false,
  devices: 'any',
  forward(
    gradOut,
    gradLast,
    gradLastCell,
    batchSizes,
    initial,
    initialCell,
    weight,
    projection,
    out,
    activations,
    cells,
    candidate,
    kind,
    reverse,
    byWeight,
  ) {
    const name = '_recurrence_backward';
    const mode = kind as Mode;
    const gates = operand(activations, name);
    const { dtype } = activations;
    const [isLstm, isGru] = [mode === 'lstm', mode === 'gru'];
    const byGates = result(gates.shape, gates);
    const byHidden = result(isGru ? gates.shape : [0], gates);
    const previous = result(byWeight ? out.shape : [0], gates);
    const byProjected = result(projection === null ? [0] : out.shape, gates);
    const byInitial = result(initial.shape, gates);
    const byInitialCell = result(isLstm ? initialCell!.shape : [0], gates);
    const rows = (t: Tensor | null): Tensor | null => (t === null ? null : flat(operand(t, name)));
    kernelsOf(gates).recurrence_backward(
      flat(byGates),
      isGru ? flat(byHidden) : null,
      byWeight ? flat(previous) : null,
      projection === null ? null : flat(byProjected),
      byInitial,
      isLstm ? byInitialCell : null,
      rows(gradOut),
      optionalOperand(gradLast, name),
      isLstm ? optionalOperand(gradLastCell, name) : null,
      flat(gates),
      rows(cells),
      rows(candidate),
      flat(operand(out, name)),
      operand(initial, name),
      optionalOperand(initialCell, name),
      operand(weight, name),
      optionalOperand(projection, name),
      batchSizes?.contiguous() ?? null,
      reverse,
      mode,
    );
    const [a, b, c, d, e, f] = [byGates, byHidden, previous, byProjected, byInitial, byInitialCell].map((t) =>
      finish(t, dtype),
    );
    return [a, b, c, d, e, f] as const;
  },
  batch(...args) {
    const { size, has } = args[15];
    if (has.weight || has.projection || has.batch_sizes) return null;
    const fold = (tensor: Tensor, isStacked: boolean): Tensor =>
      folded(isStacked ? tensor : tensor.expand([size, ...tensor.shape]));
    const foldIf = (tensor: Tensor | null, isStacked: boolean): Tensor | null =>
      tensor === null ? null : fold(tensor, isStacked);
    const results = recurrenceBackward(
      foldIf(args[0], has.grad_out),
      foldIf(args[1], has.grad_last),
      foldIf(args[2], has.grad_last_cell),
      args[3] === null ? null : args[3].mul(size),
      fold(args[4], has.initial),
      foldIf(args[5], has.initial_cell),
      args[6],
      args[7],
      fold(args[8], has.out),
      fold(args[9], has.activations),
      foldIf(args[10], has.cells),
      foldIf(args[11], has.candidate),
      args[12],
      args[13],
      args[14],
    );
    const [a, b, c, d, e, f] = [...results].map((r) => unfolded(r, size));
    return [a, b, c, d, e, f] as const;
  },
});

interface Saved {
  readonly batch_sizes: Tensor | null;
  readonly initial: Tensor;
  readonly initial_cell: Tensor | null;
  readonly weight: Tensor;
  readonly projection: Tensor | null;
  readonly out: Tensor;
  readonly activations: Tensor;
  readonly cells: Tensor;
  readonly candidate: Tensor;
  readonly mode: Mode;
  readonly reverse: boolean;
}

/** Parts of a step's gradients; null where nothing flows. */
interface CellGradient {
  /** By the gates before their curves. */
  readonly gates: Tensor;
  /** By the product with the state, of a GRU. */
  readonly hidden: Tensor;
  /** By the state before, but for what flows through the product. */
  readonly past: Gradient;
  /** By the cell before. */
  readonly cell: Gradient;
}

const sum = (a: Gradient, b: Gradient): Gradient => (a === null ? b : b === null ? a : a.add(b));

/** The gradients of a step by ordinary ops; `inner` are those by the gates, the cell and the candidate themselves. */
function cellGradient(
  mode: Mode,
  grad: Tensor,
  gradCell: Gradient,
  inner: readonly Gradient[],
  gates: Tensor,
  cells: readonly [now: Tensor, before: Tensor] | null,
  candidate: Tensor | null,
  state: Tensor,
): CellGradient {
  const parts = gates.chunk(gateCounts[mode], 1);
  const more = inner[0]?.chunk(gateCounts[mode], 1);
  const sigmoid = (by: Tensor, k: number): Tensor =>
    sum(by, more?.[k] ?? null)!.mul(parts[k].mul(parts[k].rsub(1)));
  const tanh = (by: Tensor, k: number): Tensor => sum(by, more?.[k] ?? null)!.mul(parts[k].square().rsub(1));
  if (mode === 'lstm') {
    const [i, f, g, o] = parts;
    const [cell, past] = cells!;
    const curve = cell.tanh();
    const through = grad.mul(o).mul(curve.square().rsub(1));
    const byCell = sum(sum(through, gradCell), inner[1])!;
    const by = [
      sigmoid(byCell.mul(g), 0),
      sigmoid(byCell.mul(past), 1),
      tanh(byCell.mul(i), 2),
      sigmoid(grad.mul(curve), 3),
    ];
    const all = ops.cat(by, 1);
    return { gates: all, hidden: all, past: null, cell: byCell.mul(f) };
  }
  if (mode === 'gru') {
    const [r, z, n] = parts;
    const byN = tanh(grad.mul(z.rsub(1)), 2);
    const byR = sigmoid(byN.mul(candidate!), 0);
    const byZ = sigmoid(grad.mul(state.sub(n)), 1);
    const byCandidate = sum(byN.mul(r), inner[2])!;
    return {
      gates: ops.cat([byR, byZ, byN], 1),
      hidden: ops.cat([byR, byZ, byCandidate], 1),
      past: grad.mul(z),
      cell: null,
    };
  }
  const by = mode === 'tanh' ? tanh(grad, 0) : sum(grad, inner[0])!.mul(gates.gt(0).to(gates.dtype));
  return { gates: by, hidden: by, past: null, cell: null };
}

/** The results of `_recurrence_backward` by ordinary ops, which also know what comes by the gates and cells themselves. */
function gradientsByOps(
  [byOut, byLast, byLastCell, ...byInner]: readonly Gradient[],
  saved: Saved,
): readonly [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor] {
  const { batch_sizes, initial, initial_cell, weight, projection, mode, reverse } = saved;
  const [out, activations] = [flat(saved.out), flat(saved.activations)];
  const cells = mode === 'lstm' ? flat(saved.cells) : null;
  const candidate = mode === 'gru' ? flat(saved.candidate) : null;
  const gradOut = byOut === null ? null : flat(byOut);
  const inner = byInner.map((grad) => (grad === null || grad.ndim < 2 ? null : flat(grad)));
  const sizes = batch_sizes === null ? null : (batch_sizes.tolist() as number[]);
  const steps = stepsOf(out.shape[0], initial.shape[0], sizes, reverse);
  let state = byLast ?? initial.zerosLike();
  let cell = cells === null ? null : (byLastCell ?? initial_cell!.zerosLike());
  const found: { gates: Tensor; hidden: Tensor; previous: Tensor; projected: Tensor }[] = [];
  for (let k = steps.length - 1; k >= 0; k--) {
    const step = steps[k];
    const previous = k > 0 ? steps[k - 1] : null;
    const at = <T extends Gradient>(t: T): T => (t?.narrow(0, step.begin, step.rows) ?? null) as T;
    const first = <T extends Gradient>(t: T): T => (t?.narrow(0, 0, step.rows) ?? null) as T;
    const projected = sum(first(state), at(gradOut))!;
    const past = before(out, initial, step, previous, cat);
    const by = cellGradient(
      mode,
      projection === null ? projected : projected.mm(projection),
      first(cell),
      inner.map(at),
      at(activations),
      cells === null ? null : [at(cells), before(cells, initial_cell!, step, previous, cat)],
      at(candidate),
      past,
    );
    state = replaced(state, sum(by.hidden.mm(weight), by.past)!, cat);
    if (by.cell !== null) cell = replaced(cell!, by.cell, cat);
    found.push({ gates: by.gates, hidden: by.hidden, previous: past, projected });
  }
  // They were found last first.
  if (!reverse) found.reverse();
  const all = (name: 'gates' | 'hidden' | 'previous' | 'projected', like: Tensor): Tensor =>
    found.length === 0 ? like.zerosLike() : cat(found.map((by) => by[name]));
  return [
    all('gates', activations).view(saved.activations.shape),
    all('hidden', activations),
    all('previous', out),
    all('projected', out),
    state,
    cell ?? state,
  ];
}
