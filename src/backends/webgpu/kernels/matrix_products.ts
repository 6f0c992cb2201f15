/** The matrix product, and convolution with its two gradients, which are matrix products too. */
import type { StridedView } from '../../backend.js';
import type { KernelArguments } from '../../kernels.js';
import { relaid } from '../../relaid.js';
import { type GpuBackend, identity, Launch, numberKind } from '../launch.js';
import { product } from '../loops.js';
import { runProduct } from '../product.js';
import { literal } from '../program_text.js';

type List = readonly number[];

export function matmul(backend: GpuBackend, { out, a, b, alpha, beta }: KernelArguments<'matmul'>): void {
  const kind = numberKind(out.dtype);
  const [batch, rows, columns] = out.shape;
  const inner = a.shape[2];
  runProduct(() => {
    const launch = new Launch(backend, 'matmul');
    const [o, x, y] = [launch.output(out, kind), launch.input(a, kind), launch.input(b, kind)];
    // Which sizes broadcast is in the strides, which are zero there.
    const number = (n: number) => (kind === 'f32' ? launch.float(n) : launch.parameters.long(Math.trunc(n)));
    const [alphaName, betaName] = [number(alpha), number(beta)];
    const times = (v: string, s: string) => (kind === 'f32' ? `${v} * ${s}` : `i_mul(${v}, ${s})`);
    const value = (): string => {
      const scaled = alpha === 1 ? 'v' : times('v', alphaName);
      if (beta === 0) return scaled;
      const old = times(o.load(o.at('b', 'm', 'n')), betaName);
      return kind === 'f32' ? `${scaled} + ${old}` : `i_add(${scaled}, ${old})`;
    };
    return [
      launch,
      {
        key: `${alpha === 1} ${beta === 0}`,
        kind,
        batch,
        rows,
        columns,
        inner,
        across: [columns],
        sum: [inner],
        left: () => `return ${x.load(x.at('b', 'm', 'k'))};`,
        right: () => `return ${y.load(y.at('b', 'k', 'n'))};`,
        leftAlongSum: Math.abs(a.strides[2]) <= Math.abs(a.strides[1]),
        rightAlongSum: Math.abs(b.strides[1]) < Math.abs(b.strides[2]),
        finish: () => o.store(o.at('b', 'm', 'n'), value()),
      },
    ];
  });
}

/** A convolution's sizes, and what a launch's text calls them. */
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
  const zero = literal(0, numberKind(out.dtype));
  const names = (list: List) => list.map((n) => launch.int(n));
  const shapes = { input: input.shape.slice(2), kernel: weight.shape.slice(2), output: out.shape.slice(2) };
  const sizes = {
    input: names(shapes.input),
    kernel: names(shapes.kernel),
    output: names(shapes.output),
    stride: names(stride),
    padding: names(padding),
    dilation: names(dilation),
  };
  const range = stride.map((_, d) => d);
  const isPadded = padding.some((p) => p !== 0);
  const isStrided = stride.some((s) => s !== 1);
  /** The number of the place with coordinates `name0`, …, counted from `first`, in a plane of these sizes. */
  const flat = (name: string, first: number, of: readonly string[]) =>
    of.reduce(
      (sum, size, d) => (d === 0 ? `${name}${first}` : `(${sum} * ${size} + ${name}${first + d})`),
      '',
    );
  return {
    shapes,
    sizes,
    flat,
    key: `${stride.length} ${isPadded} ${isStrided}`,
    inputPlane: launch.int(product(shapes.input)),
    kernelPlane: launch.int(product(shapes.kernel)),
    outputPlane: launch.int(product(shapes.output)),
    channels: launch.int(input.shape[1]),
    groupChannels: launch.int(weight.shape[1]),
    outputs: launch.int(weight.shape[0]),
    groupOutputs: launch.int(weight.shape[0] / groups),
    /**
     * Statements: coordinates i0, … of the input under an output's and a kernel's; outside returns zero, which can be only where there
     * is padding.
     */
    inputOf: (output: string, kernel: string) =>
      range
        .map(
          (d) =>
            `let i${d} = ${output}${d + 1} * ${sizes.stride[d]} + ${kernel}${d + 1} * ${sizes.dilation[d]} - ${sizes.padding[d]};${isPadded ? ` if (i${d} >= ${sizes.input[d]}) { return ${zero}; }` : ''}`,
        )
        .join(' '),
    /** The other way round: o0, … of the output over an input's and a kernel's. */
    outputOf: (input: string, kernel: string) =>
      range
        .map((d) => {
          const [u, size] = [
            `${input}${d + 1} + ${sizes.padding[d]} - ${kernel}${d + 1} * ${sizes.dilation[d]}`,
            sizes.output[d],
          ];
          return isStrided
            ? `let u${d} = ${u}; let o${d} = u${d} / ${sizes.stride[d]}; if ((u${d} & 0x80000000u) != 0u || u${d} % ${sizes.stride[d]} != 0u || o${d} >= ${size}) { return ${zero}; }`
            : `let o${d} = ${u}; if (o${d} >= ${size}) { return ${zero}; }`;
        })
        .join(' '),
  };
}

export function convolution(
  backend: GpuBackend,
  { out, input, weight, bias, stride, padding, dilation, groups }: KernelArguments<'convolution'>,
): void {
  const kind = numberKind(out.dtype);
  runProduct(() => {
    const launch = new Launch(backend, 'convolution');
    const o = launch.output(out, kind);
    const [x, w] = [launch.input(input, kind), launch.input(weight, kind)];
    const c = bias === null ? null : launch.input(bias, kind);
    const g = geometry(launch, input, weight, out, stride, padding, dilation, groups);
    const inner = product(weight.shape.slice(1));
    const innerName = launch.int(inner);
    const value = (): string => {
      if (c === null) return 'v';
      const offset = c.load(`(b * ${g.groupOutputs} + m)`);
      return kind === 'f32' ? `v + ${offset}` : `i_add(v, ${offset})`;
    };
    return [
      launch,
      {
        key: `${g.key} ${bias !== null}`,
        kind,
        batch: groups,
        rows: weight.shape[0] / groups,
        columns: out.shape[0] * product(g.shapes.output),
        inner,
        across: [out.shape[0], ...g.shapes.output],
        sum: [weight.shape[1], ...g.shapes.kernel],
        left: () => `return ${w.load(`((b * ${g.groupOutputs} + m) * ${innerName} + k)`)};`,
        right: () => `${g.inputOf('n', 'k')}
  return ${x.load(`((n0 * ${g.channels} + b * ${g.groupChannels} + k0) * ${g.inputPlane} + ${g.flat('i', 0, g.sizes.input)})`)};`,
        leftAlongSum: true,
        rightAlongSum: false,
        finish: () =>
          o.store(
            `(((n / ${g.outputPlane}) * ${g.outputs} + b * ${g.groupOutputs} + m) * ${g.outputPlane} + n % ${g.outputPlane})`,
            value(),
          ),
      },
    ];
  });
}

export function convolution_input_gradient(
  backend: GpuBackend,
  {
    gradInput,
    gradOut,
    weight,
    stride,
    padding,
    dilation,
    groups,
  }: KernelArguments<'convolution_input_gradient'>,
): void {
  const kind = numberKind(gradInput.dtype);
  runProduct(() => {
    const launch = new Launch(backend, 'convolution_input_gradient');
    const o = launch.output(gradInput, kind);
    const [y, w] = [launch.input(gradOut, kind), launch.input(weight, kind)];
    const g = geometry(launch, gradInput, weight, gradOut, stride, padding, dilation, groups);
    const groupOutputs = weight.shape[0] / groups;
    return [
      launch,
      {
        key: g.key,
        kind,
        batch: groups,
        rows: weight.shape[1],
        columns: gradInput.shape[0] * product(g.shapes.input),
        inner: groupOutputs * product(g.shapes.kernel),
        across: [gradInput.shape[0], ...g.shapes.input],
        sum: [groupOutputs, ...g.shapes.kernel],
        left: () =>
          `return ${w.load(`(((b * ${g.groupOutputs} + k0) * ${g.groupChannels} + m) * ${g.kernelPlane} + ${g.flat('k', 1, g.sizes.kernel)})`)};`,
        right: () => `${g.outputOf('n', 'k')}
  return ${y.load(`((n0 * ${g.outputs} + b * ${g.groupOutputs} + k0) * ${g.outputPlane} + ${g.flat('o', 0, g.sizes.output)})`)};`,
        leftAlongSum: true,
        rightAlongSum: false,
        finish: () =>
          o.store(
            `(((n / ${g.inputPlane}) * ${g.channels} + b * ${g.groupChannels} + m) * ${g.inputPlane} + n % ${g.inputPlane})`,
            'v',
          ),
      },
    ];
  });
}

export function convolution_weight_gradient(
  backend: GpuBackend,
  {
    gradWeight,
    gradBias,
    gradOut,
    input,
    stride,
    padding,
    dilation,
    groups,
  }: KernelArguments<'convolution_weight_gradient'>,
): void {
  runProduct(() => {
    const launch = new Launch(backend, 'convolution_weight_gradient');
    const o = launch.output(gradWeight, 'f32');
    const [y, x] = [launch.input(gradOut, 'f32'), launch.input(input, 'f32')];
    const g = geometry(launch, input, gradWeight, gradOut, stride, padding, dilation, groups);
    const columns = product(gradWeight.shape.slice(1));
    const columnsName = launch.int(columns);
    return [
      launch,
      {
        key: g.key,
        kind: 'f32',
        batch: groups,
        rows: gradWeight.shape[0] / groups,
        columns,
        inner: gradOut.shape[0] * product(g.shapes.output),
        across: [gradWeight.shape[1], ...g.shapes.kernel],
        sum: [gradOut.shape[0], ...g.shapes.output],
        left: () =>
          `return ${y.load(`((k0 * ${g.outputs} + b * ${g.groupOutputs} + m) * ${g.outputPlane} + ${g.flat('k', 1, g.sizes.output)})`)};`,
        right: () => `${g.inputOf('k', 'n')}
  return ${x.load(`((k0 * ${g.channels} + b * ${g.groupChannels} + n0) * ${g.inputPlane} + ${g.flat('i', 0, g.sizes.input)})`)};`,
        leftAlongSum: true,
        rightAlongSum: true,
        finish: () => o.store(`((b * ${g.groupOutputs} + m) * ${columnsName} + n)`, 'v'),
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
    relaid(gradBias, { shape, strides }),
    null,
    [gradOut],
    [],
  );
}
