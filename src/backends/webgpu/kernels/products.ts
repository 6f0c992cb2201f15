/** The matrix product, and convolution with its two gradients, which are matrix products too. */
import type { StridedView } from '../../backend.js';
import type { WebGpuBackend } from '../backend.js';
import { identity, Launch, numberKind } from '../launch.js';
import { product } from '../layout.js';
import { runProduct } from '../product.js';
import { literal } from '../program.js';

type List = readonly number[];

export function matmul(
  backend: WebGpuBackend,
  out: StridedView,
  a: StridedView,
  b: StridedView,
  alpha: number,
  beta: number,
): void {
  const kind = numberKind(out.dtype);
  const [batch, rows, columns] = out.shape;
  const inner = a.shape[2];
  runProduct(`${kind} ${alpha === 1} ${beta === 0}`, () => {
    const launch = new Launch(backend, 'matmul');
    const [o, x, y] = [launch.output(out, kind), launch.input(a, kind), launch.input(b, kind)];
    // Which sizes broadcast is in the strides, which are zero there.
    const number = (n: number) => (kind === 'f32' ? launch.float(n) : launch.parameters.long(Math.trunc(n)));
    const [alphaName, betaName] = [number(alpha), number(beta)];
    const times = (v: string, s: string) => (kind === 'f32' ? `${v} * ${s}` : `i_mul(${v}, ${s})`);
    const scaled = alpha === 1 ? 'v' : times('v', alphaName);
    const old = times(o.load(o.at('b', 'm', 'n')), betaName);
    const value = beta === 0 ? scaled : kind === 'f32' ? `${scaled} + ${old}` : `i_add(${scaled}, ${old})`;
    return [
      launch,
      {
        kind,
        batch,
        rows,
        columns,
        inner,
        left: `return ${x.load(x.at('b', 'm', 'k'))};`,
        right: `return ${y.load(y.at('b', 'k', 'n'))};`,
        leftAlongSum: Math.abs(a.strides[2]) <= Math.abs(a.strides[1]),
        rightAlongSum: Math.abs(b.strides[1]) < Math.abs(b.strides[2]),
        finish: o.store(o.at('b', 'm', 'n'), value),
      },
    ];
  });
}

/** Names of a convolution's sizes in a launch's text. */
function geometry(
  launch: Launch,
  input: StridedView,
  weight: StridedView,
  out: StridedView,
  stride: List,
  padding: List,
  dilation: List,
  groups: number,
) {
  const dims = stride.length;
  const zero = literal(0, numberKind(out.dtype));
  const names = (list: List) => list.map((n) => launch.int(n));
  const sizes = {
    input: names(input.shape.slice(2)),
    kernel: names(weight.shape.slice(2)),
    output: names(out.shape.slice(2)),
    stride: names(stride),
    padding: names(padding),
    dilation: names(dilation),
  };
  const inputPlane = launch.int(product(input.shape.slice(2)));
  const kernelPlane = launch.int(product(weight.shape.slice(2)));
  const outputPlane = launch.int(product(out.shape.slice(2)));
  const channels = launch.int(input.shape[1]);
  const groupChannels = launch.int(weight.shape[1]);
  const outputs = launch.int(weight.shape[0]);
  const groupOutputs = launch.int(weight.shape[0] / groups);
  /** Coordinates of a number in a plane, as `x0`, `x1`, … */
  const coordinates = (name: string, from: string, of: readonly string[]) => {
    const lines = [`var ${name}_rest = ${from};`];
    for (let d = dims - 1; d >= 0; d--)
      lines.push(
        d > 0
          ? `let ${name}${d} = ${name}_rest % ${of[d]}; ${name}_rest /= ${of[d]};`
          : `let ${name}0 = ${name}_rest;`,
      );
    return lines.join(' ');
  };
  const flat = (name: string, of: readonly string[]) =>
    of.reduce((sum, size, d) => (d === 0 ? `${name}0` : `(${sum} * ${size} + ${name}${d})`), '');
  const range = [...new Array(dims).keys()];
  return {
    sizes,
    inputPlane,
    kernelPlane,
    outputPlane,
    channels,
    groupChannels,
    outputs,
    groupOutputs,
    coordinates,
    flat,
    range,
    /** Statements: the input's coordinates i under the output's o and the kernel's w; outside returns zero. */
    inputOf: range
      .map(
        (d) =>
          `let i${d} = o${d} * ${sizes.stride[d]} + w${d} * ${sizes.dilation[d]} - ${sizes.padding[d]}; if (i${d} >= ${sizes.input[d]}) { return ${zero}; }`,
      )
      .join(' '),
    /** The other way round. */
    outputOf: range
      .map(
        (d) =>
          `let u${d} = i${d} + ${sizes.padding[d]} - w${d} * ${sizes.dilation[d]}; let o${d} = u${d} / ${sizes.stride[d]}; if ((u${d} & 0x80000000u) != 0u || u${d} % ${sizes.stride[d]} != 0u || o${d} >= ${sizes.output[d]}) { return ${zero}; }`,
      )
      .join(' '),
  };
}

export function convolution(
  backend: WebGpuBackend,
  out: StridedView,
  input: StridedView,
  weight: StridedView,
  bias: StridedView | null,
  stride: List,
  padding: List,
  dilation: List,
  groups: number,
): void {
  const kind = numberKind(out.dtype);
  runProduct(`${stride.length} ${bias !== null}`, () => {
    const launch = new Launch(backend, 'convolution');
    const o = launch.output(out, kind);
    const [x, w] = [launch.input(input, kind), launch.input(weight, kind)];
    const c = bias === null ? null : launch.input(bias, kind);
    const g = geometry(launch, input, weight, out, stride, padding, dilation, groups);
    const inner = launch.int(product(weight.shape.slice(1)));
    const offset = c?.load(`(b * ${g.groupOutputs} + m)`);
    const value = offset === undefined ? 'v' : kind === 'f32' ? `v + ${offset}` : `i_add(v, ${offset})`;
    return [
      launch,
      {
        kind,
        batch: groups,
        rows: weight.shape[0] / groups,
        columns: out.shape[0] * product(out.shape.slice(2)),
        inner: product(weight.shape.slice(1)),
        left: `return ${w.load(`((b * ${g.groupOutputs} + m) * ${inner} + k)`)};`,
        right: `${g.coordinates('o', `n % ${g.outputPlane}`, g.sizes.output)} ${g.coordinates('w', `k % ${g.kernelPlane}`, g.sizes.kernel)}
  ${g.inputOf}
  return ${x.load(`(((n / ${g.outputPlane}) * ${g.channels} + b * ${g.groupChannels} + k / ${g.kernelPlane}) * ${g.inputPlane} + ${g.flat('i', g.sizes.input)})`)};`,
        leftAlongSum: true,
        rightAlongSum: false,
        finish: o.store(
          `(((n / ${g.outputPlane}) * ${g.outputs} + b * ${g.groupOutputs} + m) * ${g.outputPlane} + n % ${g.outputPlane})`,
          value,
        ),
      },
    ];
  });
}

export function convolution_input_gradient(
  backend: WebGpuBackend,
  gradInput: StridedView,
  gradOut: StridedView,
  weight: StridedView,
  stride: List,
  padding: List,
  dilation: List,
  groups: number,
): void {
  const kind = numberKind(gradInput.dtype);
  runProduct(`${stride.length}`, () => {
    const launch = new Launch(backend, 'convolution_input_gradient');
    const o = launch.output(gradInput, kind);
    const [y, w] = [launch.input(gradOut, kind), launch.input(weight, kind)];
    const g = geometry(launch, gradInput, weight, gradOut, stride, padding, dilation, groups);
    return [
      launch,
      {
        kind,
        batch: groups,
        rows: weight.shape[1],
        columns: gradInput.shape[0] * product(gradInput.shape.slice(2)),
        inner: (weight.shape[0] / groups) * product(weight.shape.slice(2)),
        left: `return ${w.load(`(((b * ${g.groupOutputs} + k / ${g.kernelPlane}) * ${g.groupChannels} + m) * ${g.kernelPlane} + k % ${g.kernelPlane})`)};`,
        right: `${g.coordinates('i', `n % ${g.inputPlane}`, g.sizes.input)} ${g.coordinates('w', `k % ${g.kernelPlane}`, g.sizes.kernel)}
  ${g.outputOf}
  return ${y.load(`(((n / ${g.inputPlane}) * ${g.outputs} + b * ${g.groupOutputs} + k / ${g.kernelPlane}) * ${g.outputPlane} + ${g.flat('o', g.sizes.output)})`)};`,
        leftAlongSum: true,
        rightAlongSum: false,
        finish: o.store(
          `(((n / ${g.inputPlane}) * ${g.channels} + b * ${g.groupChannels} + m) * ${g.inputPlane} + n % ${g.inputPlane})`,
          'v',
        ),
      },
    ];
  });
}

export function convolution_weight_gradient(
  backend: WebGpuBackend,
  gradWeight: StridedView,
  gradBias: StridedView | null,
  gradOut: StridedView,
  input: StridedView,
  stride: List,
  padding: List,
  dilation: List,
  groups: number,
): void {
  runProduct(`${stride.length}`, () => {
    const launch = new Launch(backend, 'convolution_weight_gradient');
    const o = launch.output(gradWeight, 'f32');
    const [y, x] = [launch.input(gradOut, 'f32'), launch.input(input, 'f32')];
    const g = geometry(launch, input, gradWeight, gradOut, stride, padding, dilation, groups);
    const columns = launch.int(product(gradWeight.shape.slice(1)));
    return [
      launch,
      {
        kind: 'f32',
        batch: groups,
        rows: gradWeight.shape[0] / groups,
        columns: product(gradWeight.shape.slice(1)),
        inner: gradOut.shape[0] * product(gradOut.shape.slice(2)),
        left: `return ${y.load(`(((k / ${g.outputPlane}) * ${g.outputs} + b * ${g.groupOutputs} + m) * ${g.outputPlane} + k % ${g.outputPlane})`)};`,
        right: `${g.coordinates('o', `k % ${g.outputPlane}`, g.sizes.output)} ${g.coordinates('w', `n % ${g.kernelPlane}`, g.sizes.kernel)}
  ${g.inputOf}
  return ${x.load(`(((k / ${g.outputPlane}) * ${g.channels} + b * ${g.groupChannels} + n / ${g.kernelPlane}) * ${g.inputPlane} + ${g.flat('i', g.sizes.input)})`)};`,
        leftAlongSum: true,
        rightAlongSum: true,
        finish: o.store(`((b * ${g.groupOutputs} + m) * ${columns} + n)`, 'v'),
      },
    ];
  });
  if (gradBias === null) return;
  const { shape } = gradOut;
  const strides = shape.map((_, d) => (d === 1 ? gradBias.strides[0] : 0));
  backend.reduce(
    'sum',
    identity.f32,
    shape,
    shape.map((_, d) => d !== 1),
    { ...gradBias, shape, strides },
    null,
    [gradOut],
    [],
  );
}
