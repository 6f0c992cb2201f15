/**
 * Kernels that work on rows: an invocation for each short row, a workgroup for each long one. The text is the same; only what
 * `lanes` is, and how the lanes put their parts together, differs.
 */
import type { StridedView } from '../../backend.js';
import type { KernelArguments } from '../../kernels.js';
import type { Program } from '../../program.js';
import { relaid } from '../../relaid.js';
import { faults, WORKGROUP } from '../gpu.js';
import { type GpuBackend, identity, Launch } from '../launch.js';
import { product } from '../loops.js';
import { entry } from '../operands.js';
import { noteFault } from '../pointwise.js';

/** Rows up to this length are one invocation's. */
const SHORT = 64;

/** A workgroup's lanes put their values together in two rounds of so many. Each level of a tree would cost a barrier. */
const SIDE = Math.sqrt(WORKGROUP);

/** The joining of two lanes' values: of sums in parts, or of plain numbers. */
const merges = {
  total_of_parts: (a: string, b: string) => `sum_of_parts(${a}, ${b})`,
  total: (a: string, b: string) => `${a} + ${b}`,
  multiplied: (a: string, b: string) => `${a} * ${b}`,
  largest: (a: string, b: string) => `f_maximum(${a}, ${b})`,
  smallest: (a: string, b: string) => `f_minimum(${a}, ${b})`,
};

/** A statement that adds to a sum in parts. */
const added = (sum: string, x: string): string => `${sum} = sum_of_parts(${sum}, vec2(${x}, 0.0));`;

/**
 * Runs `body` for each of `rows` rows. In it, `row` is the row's number, `for (EACH)` runs over the lane's `j`, from 0 or from `begin`
 * to `length` or `end`, `total(x, lane)` and its kin put the lanes' values together, and `once` is true for one lane of a row.
 *
 * @param length how long a row is, or is on average
 */
function runRows(
  launch: Launch,
  key: string,
  rows: number,
  length: number,
  body: () => string,
  bounds?: { readonly begin: string; readonly end: string },
): void {
  const isShort = length <= SHORT;
  const rowCount = launch.int(rows);
  const lengthName = launch.int(length);
  const lanes = isShort ? 1 : WORKGROUP;
  const { begin = '0u', end = lengthName } = bounds ?? {};
  const tree = ([name, merge]: [string, (a: string, b: string) => string]) => {
    const [type, cells, result] =
      name === 'total_of_parts' ? ['vec2<f32>', 'pairs', 'whole(result)'] : ['f32', 'cells', 'result'];
    return isShort
      ? `fn ${name}(result: ${type}, lane: u32) -> f32 { return ${result}; }\n`
      : `fn ${name}(v: ${type}, lane: u32) -> f32 {
  ${cells}[lane] = v;
  workgroupBarrier();
  if (lane < ${SIDE}u) {
    var part = ${cells}[lane];
    for (var i = lane + ${SIDE}u; i < ${WORKGROUP}u; i += ${SIDE}u) { part = ${merge('part', `${cells}[i]`)}; }
    ${cells}[lane] = part;
  }
  workgroupBarrier();
  var result = ${cells}[0];
  for (var i = 1u; i < ${SIDE}u; i++) { result = ${merge('result', `${cells}[i]`)}; }
  workgroupBarrier();
  return ${result};
}
`;
  };
  launch.run(
    `${key} ${isShort}`,
    () => {
      const text = body().replaceAll(
        'EACH',
        `var j = ${begin}${isShort ? '' : ' + lane'}; j < ${end}; j += ${lanes}u`,
      );
      const used = Object.entries(merges).filter(([name]) => text.includes(`${name}(`));
      const trees = used.map(tree).join('');
      const shared = ([name, type]: string[]) =>
        trees.includes(`${name}[`) ? `var<workgroup> ${name}: array<${type}, ${WORKGROUP}>;\n` : '';
      return `${[
        ['cells', 'f32'],
        ['pairs', 'vec2<f32>'],
      ]
        .map(shared)
        .join('')}${trees}${entry(`
  let row = ${isShort ? 'id' : 'group'};
  if (row >= ${rowCount}) { return; }
  let once = ${isShort ? 'true' : 'lane == 0u'};
  let length = f32(${lengthName});
${text}`)}`;
    },
    isShort ? Math.ceil(rows / WORKGROUP) : rows,
  );
}

// ---- softmax -----------------------------------------------------------------------------------------------------

/** Rows of a dense tensor along `dim`: how many, how long, and where element j of one is. */
function along(launch: Launch, shape: readonly number[], dim: number) {
  const length = shape.length === 0 ? 1 : shape[dim];
  const inner = product(shape.slice(dim + 1));
  const innerName = launch.int(inner);
  const step = launch.int(length * inner);
  const rows = length === 0 ? 0 : product(shape) / length;
  return {
    rows,
    length,
    begin: `let begin = (row / ${innerName}) * ${step} + row % ${innerName};`,
    at: `(begin + j * ${innerName})`,
  };
}

export function softmax(backend: GpuBackend, { out, input, dim, log }: KernelArguments<'softmax'>): void {
  const launch = new Launch(backend, log ? 'log_softmax' : 'softmax');
  const [o, x] = [launch.output(out, 'f32'), launch.input(input, 'f32')];
  const { rows, length, begin, at } = along(launch, input.shape, dim);
  runRows(
    launch,
    '',
    rows,
    length,
    () => `
  ${begin}
  var top = -inf_value();
  for (EACH) { top = f_maximum(top, ${x.load(at)}); }
  top = largest(top, lane);
  var sum = 0.0;
  for (EACH) { sum += f_exp(${x.load(at)} - top); }
  sum = total(sum, lane);
  ${log ? 'let scale = f_log(sum);' : 'let scale = 1.0 / sum;'}
  for (EACH) { ${o.store(at, log ? `(${x.load(at)} - top) - scale` : `f_exp(${x.load(at)} - top) * scale`)} }`,
  );
}

export function softmax_backward(
  backend: GpuBackend,
  { gradInput, gradOut, output, dim, log }: KernelArguments<'softmax_backward'>,
): void {
  const launch = new Launch(backend, log ? 'log_softmax_backward' : 'softmax_backward');
  const x = launch.output(gradInput, 'f32');
  const [g, y] = [launch.input(gradOut, 'f32'), launch.input(output, 'f32')];
  const { rows, length, begin, at } = along(launch, output.shape, dim);
  const [gv, yv] = [g.load(at), y.load(at)];
  runRows(
    launch,
    '',
    rows,
    length,
    () => `
  ${begin}
  var sum = 0.0;
  for (EACH) { sum += ${log ? gv : `${gv} * ${yv}`}; }
  sum = total(sum, lane);
  for (EACH) { ${x.store(at, log ? `${gv} - f_exp(${yv}) * sum` : `${yv} * (${gv} - sum)`)} }`,
  );
}

// ---- norms -------------------------------------------------------------------------------------------------------

export function layer_norm(backend: GpuBackend, args: KernelArguments<'layer_norm'>): void {
  const launch = new Launch(backend, 'layer_norm');
  const [rows, columns] = args.input.shape;
  normalizeRows(launch, args, rows, columns, 'j');
}

/** Statements: the mean of the values `x` of a row as `near + left`, and the mean square of `distance`s from it as `variance`. */
const momentsOf = (x: string): string => `
  var sum = vec2(0.0, 0.0);
  for (EACH) { ${added('sum', x)} }
  let near = total_of_parts(sum, lane) / length;
  sum = vec2(0.0, 0.0);
  for (EACH) { sum = sum_of_parts(sum, sum_in_parts(${x}, -near)); }
  let rest = total_of_parts(sum, lane) / length;
  // Of an infinite mean nothing is left.
  let left = select(rest, 0.0, is_nan(rest));
  var squares = vec2(0.0, 0.0);
  for (EACH) { let d = (${x} - near) - left; ${added('squares', 'd * d')} }
  let variance = total_of_parts(squares, lane) / length;`;

/** Normalises each row by its mean and variance; the parameters of its element j stand at `parameter`. */
function normalizeRows(
  launch: Launch,
  { out, mean, rstd, input, weight, bias, eps }: KernelArguments<'layer_norm'>,
  rows: number,
  columns: number,
  parameter: string,
): void {
  const [o, m, r] = [out, mean, rstd].map((v) => launch.output(v, 'f32'));
  const x = launch.input(input, 'f32');
  const w = weight === null ? null : launch.input(weight, 'f32');
  const b = bias === null ? null : launch.input(bias, 'f32');
  const [width, epsName] = [launch.int(columns), launch.float(eps)];
  const at = `(row * ${width} + j)`;
  runRows(launch, `${w !== null} ${b !== null}`, rows, columns, () => {
    const scaled = `((${x.load(at)} - near) - left) * rstd${w === null ? '' : ` * ${w.load(parameter)}`}${b === null ? '' : ` + ${b.load(parameter)}`}`;
    return `
  ${momentsOf(x.load(at))}
  let rstd = 1.0 / sqrt(variance + ${epsName});
  for (EACH) { ${o.store(at, scaled)} }
  if (once) { ${m.store('row', 'near + left')} ${r.store('row', 'rstd')} }`;
  });
}

export function layer_norm_backward(
  backend: GpuBackend,
  {
    gradInput,
    gradWeight,
    gradBias,
    gradOut,
    input,
    mean,
    rstd,
    weight,
  }: KernelArguments<'layer_norm_backward'>,
): void {
  const [rows, columns] = input.shape;
  if (gradInput !== null) {
    const launch = new Launch(backend, 'layer_norm_backward');
    const [g, x, m, r] = [gradOut, input, mean, rstd].map((v) => launch.input(v, 'f32'));
    const width = launch.int(columns);
    const w = weight === null ? null : launch.input(weight, 'f32');
    const o = launch.output(gradInput, 'f32');
    const at = `(row * ${width} + j)`;
    const dy = `${g.load(at)}${w === null ? '' : ` * ${w.load('j')}`}`;
    runRows(
      launch,
      `${w !== null}`,
      rows,
      columns,
      () => `
  let mean = ${m.load('row')};
  let rstd = ${r.load('row')};
  var plains = vec2(0.0, 0.0);
  var weights = vec2(0.0, 0.0);
  for (EACH) { let dy = ${dy}; ${added('plains', 'dy')} ${added('weights', `dy * (${x.load(at)} - mean) * rstd`)} }
  let plain = total_of_parts(plains, lane) / length;
  let weighted = total_of_parts(weights, lane) / length;
  for (EACH) { ${o.store(at, `(${dy} - plain - (${x.load(at)} - mean) * rstd * weighted) * rstd`)} }`,
    );
  }
  if (gradWeight !== null)
    sumOfColumns(
      backend,
      gradWeight,
      normalizedGradient,
      [rows, columns],
      [gradOut, input, column(mean, rows), column(rstd, rows)],
    );
  if (gradBias !== null) sumOfColumns(backend, gradBias, identity.f32, [rows, columns], [gradOut]);
}

/** Sums a program's results over the rows of a matrix. */
function sumOfColumns(
  backend: GpuBackend,
  out: StridedView,
  program: Program,
  shape: readonly [number, number],
  inputs: readonly StridedView[],
): void {
  const result = relaid(out, { shape, strides: [0, out.strides[0]] });
  backend.reduce('sum', program, shape, [true, false], result, null, inputs, []);
}

/** One value for each row, as a column of the matrix. */
const column = (v: StridedView, rows: number): StridedView =>
  relaid(v, { shape: [rows, 1], strides: [v.strides[0], 0] });

/** gradient · (input - mean) · rstd */
const normalizedGradient: Program = {
  name: 'layer_norm_backward',
  compute: 'float32',
  inputs: 4,
  constants: [],
  scalars: 0,
  temporaries: 1,
  code: [
    { name: 'sub', to: 4, from: [1, 2] },
    { name: 'mul', to: 4, from: [4, 3] },
    { name: 'mul', to: 4, from: [4, 0] },
  ],
  outputs: [4],
};

export function rms_norm(
  backend: GpuBackend,
  { out, rstd, input, weight, eps }: KernelArguments<'rms_norm'>,
): void {
  const launch = new Launch(backend, 'rms_norm');
  const [o, r] = [out, rstd].map((v) => launch.output(v, 'f32'));
  const x = launch.input(input, 'f32');
  const w = weight === null ? null : launch.input(weight, 'f32');
  const [rows, columns] = input.shape;
  const width = launch.int(columns);
  const epsName = launch.float(eps);
  const at = `(row * ${width} + j)`;
  const scaled = `${x.load(at)} * rstd${w === null ? '' : ` * ${w.load('j')}`}`;
  runRows(
    launch,
    `${w !== null}`,
    rows,
    columns,
    () => `
  var squares = vec2(0.0, 0.0);
  for (EACH) { let v = ${x.load(at)}; ${added('squares', 'v * v')} }
  let rstd = 1.0 / sqrt(total_of_parts(squares, lane) / length + ${epsName});
  for (EACH) { ${o.store(at, scaled)} }
  if (once) { ${r.store('row', 'rstd')} }`,
  );
}

export function rms_norm_backward(
  backend: GpuBackend,
  { gradInput, gradWeight, gradOut, input, rstd, weight }: KernelArguments<'rms_norm_backward'>,
): void {
  const [rows, columns] = input.shape;
  if (gradInput !== null) {
    const launch = new Launch(backend, 'rms_norm_backward');
    const [g, x, r] = [gradOut, input, rstd].map((v) => launch.input(v, 'f32'));
    const width = launch.int(columns);
    const w = weight === null ? null : launch.input(weight, 'f32');
    const o = launch.output(gradInput, 'f32');
    const at = `(row * ${width} + j)`;
    const dy = `${g.load(at)}${w === null ? '' : ` * ${w.load('j')}`}`;
    runRows(
      launch,
      `${w !== null}`,
      rows,
      columns,
      () => `
  let rstd = ${r.load('row')};
  var sum = vec2(0.0, 0.0);
  for (EACH) { ${added('sum', `${dy} * ${x.load(at)} * rstd`)} }
  let weighted = total_of_parts(sum, lane) / length;
  for (EACH) { ${o.store(at, `(${dy} - ${x.load(at)} * rstd * weighted) * rstd`)} }`,
    );
  }
  if (gradWeight !== null)
    sumOfColumns(backend, gradWeight, scaledGradient, [rows, columns], [gradOut, input, column(rstd, rows)]);
}

/** gradient · input · rstd */
const scaledGradient: Program = {
  name: 'rms_norm_backward',
  compute: 'float32',
  inputs: 3,
  constants: [],
  scalars: 0,
  temporaries: 1,
  code: [
    { name: 'mul', to: 3, from: [1, 2] },
    { name: 'mul', to: 3, from: [3, 0] },
  ],
  outputs: [3],
};

/** The channel of element j of a group. */
const channelOf = (launch: Launch, [, channels, length]: readonly number[], groups: number): string =>
  `((row % ${launch.int(groups)}) * ${launch.int(groups === 0 ? 0 : channels / groups)} + j / ${launch.int(length)})`;

export function group_norm(backend: GpuBackend, args: KernelArguments<'group_norm'>): void {
  const launch = new Launch(backend, 'group_norm');
  const { input, groups } = args;
  const rows = input.shape[0] * groups;
  normalizeRows(launch, args, rows, product(input.shape) / rows, channelOf(launch, input.shape, groups));
}

export function group_norm_backward(
  backend: GpuBackend,
  {
    gradInput,
    gradWeight,
    gradBias,
    gradOut,
    input,
    mean,
    rstd,
    weight,
    groups,
  }: KernelArguments<'group_norm_backward'>,
): void {
  const [n, channels, length] = input.shape;
  const each = channels / groups;
  if (gradInput !== null) {
    const launch = new Launch(backend, 'group_norm_backward');
    const [g, x, m, r] = [gradOut, input, mean, rstd].map((v) => launch.input(v, 'f32'));
    const width = launch.int(each * length);
    const w = weight === null ? null : launch.input(weight, 'f32');
    const o = launch.output(gradInput, 'f32');
    const at = `(row * ${width} + j)`;
    const dy = `${g.load(at)}${w === null ? '' : ` * ${w.load(channelOf(launch, input.shape, groups))}`}`;
    runRows(
      launch,
      `${w !== null}`,
      n * groups,
      each * length,
      () => `
  let mean = ${m.load('row')};
  let rstd = ${r.load('row')};
  var plains = vec2(0.0, 0.0);
  var weights = vec2(0.0, 0.0);
  for (EACH) { let dy = ${dy}; ${added('plains', 'dy')} ${added('weights', `dy * (${x.load(at)} - mean) * rstd`)} }
  let plain = total_of_parts(plains, lane) / length;
  let weighted = total_of_parts(weights, lane) / length;
  for (EACH) { ${o.store(at, `(${dy} - plain - (${x.load(at)} - mean) * rstd * weighted) * rstd`)} }`,
    );
  }
  // [N, groups, channels of a group, L], of which samples and places are summed.
  const shape = [n, groups, each, length];
  const whole = (v: StridedView): StridedView =>
    relaid(v, { shape, strides: [channels * length, each * length, length, 1] });
  const ofGroups = (v: StridedView): StridedView =>
    relaid(v, { shape, strides: [groups * v.strides[0], v.strides[0], 0, 0] });
  const sum = (out: StridedView, program: Program, inputs: readonly StridedView[]) => {
    const [step] = out.strides;
    const result = relaid(out, { shape, strides: [0, each * step, step, 0] });
    backend.reduce('sum', program, shape, [true, false, false, true], result, null, inputs, []);
  };
  if (gradWeight !== null)
    sum(gradWeight, normalizedGradient, [whole(gradOut), whole(input), ofGroups(mean), ofGroups(rstd)]);
  if (gradBias !== null) sum(gradBias, identity.f32, [whole(gradOut)]);
}

/** The elements of a channel of [N, C, L]. */
function channel(launch: Launch, [, channels, length]: readonly number[]): string {
  const [c, l] = [launch.int(channels), launch.int(length)];
  return `((j / ${l}) * ${c} + row) * ${l} + j % ${l}`;
}

export function batch_norm_stats(
  backend: GpuBackend,
  { mean, variance, input }: KernelArguments<'batch_norm_stats'>,
): void {
  const launch = new Launch(backend, 'batch_norm_stats');
  const [m, v] = [mean, variance].map((view) => launch.output(view, 'f32'));
  const x = launch.input(input, 'f32');
  const at = `(${channel(launch, input.shape)})`;
  const [n, c, l] = input.shape;
  runRows(
    launch,
    '',
    c,
    n * l,
    () => `
  ${momentsOf(x.load(at))}
  if (once) { ${m.store('row', 'near + left')} ${v.store('row', 'variance')} }`,
  );
}

export function batch_norm_apply(
  backend: GpuBackend,
  { out, input, mean, rstd, weight, bias }: KernelArguments<'batch_norm_apply'>,
): void {
  const launch = new Launch(backend, 'batch_norm_apply');
  const o = launch.output(out, 'f32');
  const [x, m, r] = [input, mean, rstd].map((v) => launch.input(v, 'f32'));
  const w = weight === null ? null : launch.input(weight, 'f32');
  const b = bias === null ? null : launch.input(bias, 'f32');
  const count = product(input.shape);
  const [total, channels, length] = [count, input.shape[1], input.shape[2]].map((n) => launch.int(n));
  launch.runEach(`${w !== null} ${b !== null}`, count, () =>
    entry(`
  if (id >= ${total}) { return; }
  let c = (id / ${length}) % ${channels};
  ${o.store('id', `(${x.load('id')} - ${m.load('c')}) * ${r.load('c')}${w === null ? '' : ` * ${w.load('c')}`}${b === null ? '' : ` + ${b.load('c')}`}`)}`),
  );
}

export function batch_norm_backward(
  backend: GpuBackend,
  {
    gradInput,
    gradWeight,
    gradBias,
    gradOut,
    input,
    mean,
    rstd,
    weight,
    training,
  }: KernelArguments<'batch_norm_backward'>,
): void {
  const launch = new Launch(backend, 'batch_norm_backward');
  const [g, x, m, r] = [gradOut, input, mean, rstd].map((v) => launch.input(v, 'f32'));
  const w = weight === null ? null : launch.input(weight, 'f32');
  const o = gradInput === null ? null : launch.output(gradInput, 'f32');
  const ow = gradWeight === null ? null : launch.output(gradWeight, 'f32');
  const ob = gradBias === null ? null : launch.output(gradBias, 'f32');
  const at = `(${channel(launch, input.shape)})`;
  const [n, c, l] = input.shape;
  runRows(launch, `${w !== null} ${o !== null} ${ow !== null} ${ob !== null} ${training}`, c, n * l, () => {
    const inner = training
      ? `(${g.load(at)} - plain / length - (${x.load(at)} - mean) * rstd * (weighted / length))`
      : g.load(at);
    return `
  let mean = ${m.load('row')};
  let rstd = ${r.load('row')};
  let scale = rstd${w === null ? '' : ` * ${w.load('row')}`};
  var plain = 0.0;
  var weighted = 0.0;
  for (EACH) { let dy = ${g.load(at)}; plain += dy; weighted += dy * (${x.load(at)} - mean) * rstd; }
  plain = total(plain, lane);
  weighted = total(weighted, lane);
  ${o === null ? '' : `for (EACH) { ${o.store(at, `${inner} * scale`)} }`}
  if (once) { ${ow === null ? '' : ow.store('row', 'weighted')} ${ob === null ? '' : ob.store('row', 'plain')} }`;
  });
}

// ---- negative log likelihood -------------------------------------------------------------------------------------

/** Statements: the class of sample `j`, its weight, and where its score is. */
function sample(
  launch: Launch,
  input: StridedView,
  target: StridedView,
  weight: StridedView | null,
  ignoreIndex: number,
): string {
  const t = launch.input(target, 'i64');
  const w = weight === null ? null : launch.input(weight, 'f32');
  const inner = launch.int(product(input.shape.slice(2)));
  const classes = launch.int(input.shape[1]);
  const ignored = launch.parameters.long(ignoreIndex);
  const { ops } = launch;
  const fault = ops.bind(launch.backend.gpu.fault, 'a');
  const d1 = target.shape.length > 1 ? target.shape.slice(1) : [];
  // Targets may have any strides.
  const sizes = [target.shape[0], ...d1].map((n) => launch.int(n));
  let rest = 'j';
  const coordinates: string[] = [];
  for (let d = sizes.length - 1; d >= 0; d--) {
    coordinates.unshift(`(${rest}) % ${sizes[d]}`);
    rest = `(${rest}) / ${sizes[d]}`;
  }
  return `let wide = ${t.load(t.at(...coordinates.map((c) => `(${c})`)))};
  let counts = !i_equal(wide, ${ignored});
  let isClass = wide.y == 0u && wide.x < ${classes};
  if (counts && !isClass) { ${noteFault(ops, fault, faults.classOutOfRange, ['wide.x'])} }
  let class_ = min(wide.x, ${classes} - 1u);
  let w = select(0.0, ${w === null ? '1.0' : w.load('class_')}, counts && isClass);
  let at = ((j / ${inner}) * ${classes} + class_) * ${inner} + j % ${inner};`;
}

export function nll_loss(
  backend: GpuBackend,
  { out, totalWeight, input, target, weight, reduction, ignoreIndex }: KernelArguments<'nll_loss'>,
): void {
  const launch = new Launch(backend, 'nll_loss');
  const [o, tw, x] = [
    launch.output(out, 'f32'),
    launch.output(totalWeight, 'f32'),
    launch.input(input, 'f32'),
  ];
  const text = sample(launch, input, target, weight, ignoreIndex);
  const count = product(target.shape);
  const key = `${input.shape.length} ${target.shape.length} ${weight !== null} ${reduction}`;
  // A weight of zero leaves a score out, even one that is infinite.
  const term = `select(0.0, -w * ${x.load('at')}, w != 0.0)`;
  runRows(
    launch,
    key,
    1,
    count,
    () => `
  var sum = 0.0;
  var weights = 0.0;
  for (EACH) {
    ${text}
    ${reduction === 'none' ? o.store('j', term) : `sum += ${term};`}
    weights += w;
  }
  sum = total(sum, lane);
  weights = total(weights, lane);
  if (once) {
    ${reduction === 'none' ? '' : o.store('0u', reduction === 'mean' ? 'f_div(sum, weights)' : 'sum')}
    ${tw.store('0u', reduction === 'none' ? '0.0' : 'weights')}
  }`,
  );
}

export function nll_loss_backward(
  backend: GpuBackend,
  {
    gradInput,
    gradOut,
    target,
    weight,
    totalWeight,
    reduction,
    ignoreIndex,
  }: KernelArguments<'nll_loss_backward'>,
): void {
  const launch = new Launch(backend, 'nll_loss_backward');
  const [x, g, tw] = [
    launch.output(gradInput, 'f32'),
    launch.input(gradOut, 'f32'),
    launch.input(totalWeight, 'f32'),
  ];
  const text = sample(launch, gradInput, target, weight, ignoreIndex);
  const count = product(gradInput.shape);
  const total = launch.int(count);
  const inner = launch.int(product(gradInput.shape.slice(2)));
  const classes = launch.int(gradInput.shape[1]);
  const gradAt = gradOut.shape.length === 0 ? '0u' : 'j';
  launch.runEach(
    `${gradInput.shape.length} ${target.shape.length} ${weight !== null} ${reduction}`,
    count,
    () =>
      entry(`
  if (id >= ${total}) { return; }
  let j = (id / (${inner} * ${classes})) * ${inner} + id % ${inner};
  ${text}
  let value = -w * ${g.load(gradAt)}${reduction === 'mean' ? ` / ${tw.load('0u')}` : ''};
  ${x.store('id', 'select(0.0, value, id == at && w != 0.0)')}`),
  );
}

// ---- segments ----------------------------------------------------------------------------------------------------

/** The least and the greatest of nothing are infinite. */
const joins = {
  sum: { merge: 'total', start: '0.0', take: (a: string, x: string) => `${a} + ${x}` },
  mean: { merge: 'total', start: '0.0', take: (a: string, x: string) => `${a} + ${x}` },
  prod: { merge: 'multiplied', start: '1.0', take: (a: string, x: string) => `${a} * ${x}` },
  max: { merge: 'largest', start: '-inf_value()', take: merges.largest },
  min: { merge: 'smallest', start: 'inf_value()', take: merges.smallest },
} as const;

export function segment_reduce(
  backend: GpuBackend,
  { out, data, offsets, reduce, initial, empty }: KernelArguments<'segment_reduce'>,
): void {
  const launch = new Launch(backend, `segment_reduce ${reduce}`);
  const [o, x, b] = [launch.output(out, 'f32'), launch.input(data, 'f32'), launch.input(offsets, 'i64')];
  const [outer, segments, width] = out.shape;
  const [segmentCount, widthName, n] = [segments, width, data.shape[1]].map((size) => launch.int(size));
  const [first, absent] = [launch.float(initial), launch.float(empty)];
  const { merge, start, take } = joins[reduce];
  runRows(
    launch,
    '',
    outer * segments * width,
    data.shape[1] / segments,
    () => `
  let line = row / ${widthName};
  let place = line / ${segmentCount} * (${segmentCount} + 1u) + line % ${segmentCount};
  let low = ${b.load('place')};
  let high = ${b.load('(place + 1u)')};
  let limit = vec2<u32>(${n}, 0u);
  let begin = select(select(low.x, ${n}, i_less(limit, low)), 0u, i_less(low, vec2<u32>(0u, 0u)));
  let end = select(select(high.x, ${n}, i_less(limit, high)), 0u, i_less(high, vec2<u32>(0u, 0u)));
  let base = line / ${segmentCount} * ${n};
  var part = ${start};
  for (EACH) { let v = ${x.load(`((base + j) * ${widthName} + row % ${widthName})`)}; part = ${take('part', 'v')}; }
  part = ${merge}(part, lane);
  part = ${take(first, 'part')};
  if (once) { if (begin < end) { ${o.store('row', reduce === 'mean' ? 'part / f32(end - begin)' : 'part')} } else { ${o.store('row', absent)} } }`,
    { begin: 'begin', end: 'end' },
  );
}
