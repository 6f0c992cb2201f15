/**
 * The loss of Connectionist Temporal Classification (kernels/ctc.cc has its source): a workgroup for each sequence, whose lanes share the
 * states of a step. Of the gradient only the backward variables are found step by step; all else is computed for all steps at once.
 */
import { int32 } from '../../../core/dtype.js';
import type { StridedView } from '../../backend.js';
import type { KernelArguments } from '../../kernels.js';
import { faults } from '../gpu.js';
import { type GpuBackend, Launch, scratch } from '../launch.js';
import { entry } from '../operands.js';
import { noteFault } from '../pointwise.js';

/** Lanes of a workgroup: sequences of few states leave most of many waiting. */
const FEW_LANES = 64;
const MANY_LANES = 256;

const logSum = `
fn log_sum(a: f32, b: f32, c: f32) -> f32 {
  let top = f_maximum(a, f_maximum(b, c));
  let shift = select(top, 0.0, is_inf(top) && top < 0.0);
  return f_log(f_exp(a - shift) + f_exp(b - shift) + f_exp(c - shift)) + shift;
}
`;

type Sequences = Pick<
  KernelArguments<'ctc_loss'>,
  'logProbs' | 'targets' | 'starts' | 'inputLengths' | 'targetLengths' | 'blank'
>;

/** Parts of texts about sequence `n`: statements, and elements by step, state and class. */
function opened(
  launch: Launch,
  { logProbs, targets, starts, inputLengths, targetLengths, blank }: Sequences,
) {
  const [x, labels, first, steps, counts] = [
    launch.input(logProbs, 'f32'),
    ...[targets, starts, inputLengths, targetLengths].map((view) => launch.input(view, 'i64')),
  ];
  const classes = launch.int(logProbs.shape[2]);
  return {
    classes,
    statements: `
  let start = ${first.load(first.at('n'))}.x;
  let steps = ${steps.load(steps.at('n'))}.x;
  let states = 2u * ${counts.load(counts.at('n'))}.x + 1u;`,
    /** The label of a state, a class whatever the targets are. */
    label: `fn label_of(start: u32, s: u32) -> u32 {
  var label = ${launch.int(blank)};
  if (s % 2u == 1u) { label = min(${labels.load('start + s / 2u')}.x, ${classes} - 1u); }
  return label;
}
`,
    target: (k: string) => labels.load(`start + ${k}`),
    logProb: (t: string, c: string) => x.load(x.at(t, 'n', c)),
  };
}

const lanesFor = (states: number): number => (states <= 2 * FEW_LANES ? FEW_LANES : MANY_LANES);
const barrier = 'storageBarrier(); workgroupBarrier();';
const none = '(-inf_value())';
const isInfinite = (value: string) => `is_inf(${value}) && ${value} > 0.0`;

export function ctc_loss(backend: GpuBackend, args: KernelArguments<'ctc_loss'>): void {
  const launch = new Launch(backend, 'ctc_loss');
  const [loss, alpha] = [args.out, args.logAlpha].map((view) => launch.output(view, 'f32'));
  const { classes, statements, label, target, logProb } = opened(launch, args);
  const [batch, , width] = args.logAlpha.shape;
  const lanes = lanesFor(width);
  const count = launch.int(batch);
  const fault = launch.ops.bind(backend.gpu.fault, 'a');
  const before = (s: string) => alpha.load(alpha.at('n', '(t - 1u)', s));
  launch.run(
    `${lanes}`,
    () =>
      `${logSum}${label}${entry(
        `
  let n = group;
  if (n >= ${count}) { return; }
  ${statements}
  for (var k = lane; k < states / 2u; k += ${lanes}u) {
    let wide = ${target('k')};
    if (wide.y != 0u || wide.x >= ${classes}) { ${noteFault(launch.ops, fault, faults.classOutOfRange, ['wide.x'])} }
  }
  for (var t = 0u; t < steps; t++) {
    for (var s = lane; s < states; s += ${lanes}u) {
      let label = label_of(start, s);
      var value = select(${none}, 0.0, s < 2u);
      if (t > 0u) {
        var one = ${none};
        var two = ${none};
        if (s > 0u) { one = ${before('(s - 1u)')}; }
        if (s > 1u && label != label_of(start, max(s, 2u) - 2u)) { two = ${before('(s - 2u)')}; }
        value = log_sum(${before('s')}, one, two);
      }
      ${alpha.store(alpha.at('n', 't', 's'), `value + ${logProb('t', 'label')}`)}
    }
    ${barrier}
  }
  if (lane > 0u) { return; }
  var total = select(${none}, 0.0, states == 1u);
  if (steps > 0u) {
    total = ${alpha.load(alpha.at('n', '(steps - 1u)', '(states - 1u)'))};
    if (states > 1u) { total = log_sum(total, ${alpha.load(alpha.at('n', '(steps - 1u)', '(states - 2u)'))}, ${none}); }
  }
  ${loss.store(loss.at('n'), '-total')}`,
        lanes,
      )}`,
    batch,
  );
}

/** Bits of a state's word: the next state of the same label, or 0, and whether there is one before. */
const NEXT = '0x7fffffffu';
const LATER = '0x80000000u';

/**
 * The backward variables, which leave out what their step emits, plus the loss; and which states have the same label. Of impossible sequences
 * no state is the first one.
 */
function runBeta(
  backend: GpuBackend,
  args: KernelArguments<'ctc_loss_backward'>,
  betas: StridedView,
  chains: StridedView,
): void {
  const launch = new Launch(backend, 'ctc_loss_backward beta');
  const [beta, chain] = [launch.output(betas, 'f32'), launch.output(chains, 'raw')];
  const losses = launch.input(args.loss, 'f32');
  const { statements, label, logProb } = opened(launch, args);
  const [batch, , width] = betas.shape;
  const lanes = lanesFor(width);
  const count = launch.int(batch);
  const behind = (s: string, name: string) =>
    `${beta.load(beta.at('n', '(t + 1u)', s))} + ${logProb('(t + 1u)', name)}`;
  launch.run(
    `${lanes}`,
    () =>
      `${logSum}${label}${entry(
        `
  let n = group;
  if (n >= ${count}) { return; }
  ${statements}
  let loss = ${losses.load(losses.at('n'))};
  let isImpossible = ${isInfinite('loss')};
  for (var s = lane; s < states; s += ${lanes}u) {
    let own = label_of(start, s);
    var word = select(0u, ${LATER}, isImpossible);
    for (var q = 0u; q < s; q++) { if (label_of(start, q) == own) { word = ${LATER}; } }
    for (var q = states - 1u; q > s; q--) { if (label_of(start, q) == own) { word = (word & ${LATER}) | q; } }
    ${chain.store(chain.at('n', 's'), 'word')}
  }
  for (var step = 0u; step < steps; step++) {
    let t = steps - 1u - step;
    for (var s = lane; s < states; s += ${lanes}u) {
      var value = select(loss, ${none}, s + 2u < states);
      if (step > 0u) {
        let own = label_of(start, s);
        let next = label_of(start, min(s + 1u, states - 1u));
        let second = label_of(start, min(s + 2u, states - 1u));
        var one = ${none};
        var two = ${none};
        if (s + 1u < states) { one = ${behind('(s + 1u)', 'next')}; }
        if (s + 2u < states && own != second) { two = ${behind('(s + 2u)', 'second')}; }
        value = log_sum(${behind('s', 'own')}, one, two);
      }
      ${beta.store(beta.at('n', 't', 's'), 'value')}
    }
    ${barrier}
  }`,
        lanes,
      )}`,
    batch,
  );
}

export function ctc_loss_backward(backend: GpuBackend, args: KernelArguments<'ctc_loss_backward'>): void {
  const { gradInput, gradOut, loss, logAlpha, zeroInfinity } = args;
  const [batch, length, width] = logAlpha.shape;
  const betas = scratch(backend, logAlpha.shape, logAlpha.dtype);
  const chains = scratch(backend, [batch, width], int32);
  runBeta(backend, args, betas, chains);

  /** Runs `body` for each `c` below `columns` of each step `t` of each sequence `n`. */
  const each = (name: string, columns: number, body: (launch: Launch) => () => string) => {
    const launch = new Launch(backend, `ctc_loss_backward ${name}`);
    const total = length * batch * columns;
    const [all, columnCount, batchCount] = [total, columns, batch].map((size) => launch.int(size));
    const text = body(launch);
    launch.runEach(`${zeroInfinity}`, total, () => {
      const [functions, statements] = text().split('\f');
      return `${functions}${entry(`
  if (id >= ${all}) { return; }
  let c = id % ${columnCount};
  let n = id / ${columnCount} % ${batchCount};
  let t = id / (${columnCount} * ${batchCount});
  ${statements}`)}`;
    });
  };
  // Where no label is, and all of sequences that are impossible.
  each('classes', gradInput.shape[2], (launch) => {
    const to = launch.output(gradInput, 'f32');
    const [slope, losses] = [gradOut, loss].map((view) => launch.input(view, 'f32'));
    const { statements, logProb } = opened(launch, args);
    return () => `\f${statements}
  let loss = ${losses.load(losses.at('n'))};
  var value = f_exp(${logProb('t', 'c')}) * ${slope.load(slope.at('n'))};
  if (${isInfinite('loss')}) { value = ${zeroInfinity ? '0.0' : 'nan_value()'}; }
  if (t >= steps) { value = 0.0; }
  ${to.store(to.at('t', 'n', 'c'), 'value')}`;
  });
  // The first state of each label adds up what all of them have.
  each('states', width, (launch) => {
    const to = launch.output(gradInput, 'f32');
    const [slope, alpha, beta] = [gradOut, logAlpha, betas].map((view) => launch.input(view, 'f32'));
    const chain = launch.input(chains, 'raw');
    const { statements, label, logProb } = opened(launch, args);
    const word = chain.load(chain.at('n', 'c'));
    return () => `${label}\f${statements}
  if (t >= steps || c >= states) { return; }
  if ((${word} & ${LATER}) != 0u) { return; }
  let label = label_of(start, c);
  var occupied = 0.0;
  var s = c;
  loop {
    occupied += f_exp(${alpha.load(alpha.at('n', 't', 's'))} + ${beta.load(beta.at('n', 't', 's'))});
    s = ${chain.load(chain.at('n', 's'))} & ${NEXT};
    if (s == 0u) { break; }
  }
  ${to.store(to.at('t', 'n', 'label'), `(f_exp(${logProb('t', 'label')}) - occupied) * ${slope.load(slope.at('n'))}`)}`;
  });
  backend.release(betas.storage, 'engine');
  backend.release(chains.storage, 'engine');
}
