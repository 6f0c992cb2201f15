/** Arguments for any op, valid ones and others, made from its schema. */

import type { Parameter, Schema } from '../../src/dispatch/schema.js';
import * as torch from '../../src/index.js';
import { type Draw, integer, onceIn, oneOf } from './property.js';
import { dtypes, type World } from './world.js';

/** Sizes that no memory holds, and numbers at the edges of what indices and kernels can count. */
const extremes = [-(2 ** 31), 2 ** 46, 2 ** 53 - 1, -(2 ** 53) + 1, 2n ** 62n, -(2n ** 63n), 1e300];

const strings = [
  'mean',
  'sum',
  'none',
  'prod',
  'amin',
  'amax',
  'add',
  'multiply',
  'floor',
  'trunc',
  'left',
  'right',
  'tanh',
];
const more = [
  'constant',
  'reflect',
  'replicate',
  'circular',
  'fro',
  'nuc',
  'batchmean',
  'same',
  'valid',
  'ij,jk->ik',
  'ii->i',
  '',
  'nonsense',
  '->',
  '...i',
];

/** Names of parameters whose tensors hold positions. */
const positions = /^(index|indices|target|input_lengths|target_lengths|offsets|sorter|repeats|batch_sizes)$/;

/** How many dimensions tensors of these names have in most ops. */
const dimensions: Readonly<Record<string, number>> = {
  vec: 1,
  vec1: 1,
  vec2: 1,
  bias: 1,
  running_mean: 1,
  running_var: 1,
  mat: 2,
  mat1: 2,
  mat2: 2,
  batch1: 3,
  batch2: 3,
};

/** Makes the arguments of one call. */
export class Caller {
  private readonly shape: readonly number[];
  /** Where it is not 0 all tensors have this size in every dimension: it fits where sizes of several must agree. */
  private readonly side: number;
  /** Nothing of a wrong kind, little that is optional, one dtype: such a call often succeeds. */
  private readonly tidy: boolean;
  private readonly dtype: torch.Tensor['dtype'];

  constructor(
    private readonly draw: Draw,
    private readonly world: World,
    private readonly op: string,
  ) {
    this.tidy = onceIn(draw, 2);
    this.side = this.tidy || onceIn(draw, 3) ? integer(draw, 1, 3) : 0;
    const spatial = /(?:conv|pool).*(\d)d/.exec(op);
    const known =
      spatial !== null ? 2 + Number(spatial[1]) : /^(add)?m[mv]$/.test(op) ? 2 : /bmm/.test(op) ? 3 : null;
    const ndim = onceIn(draw, 3) ? integer(draw, 3, 5) : integer(draw, 0, 3);
    this.shape = this.sizes(this.tidy && known !== null ? known : ndim);
    this.dtype = onceIn(draw, 3) ? oneOf(draw, dtypes) : torch.float32;
  }

  /** Arguments for the schema, some by name; sometimes too few, too many or of a wrong kind. */
  args(schema: Schema): unknown[] {
    const { draw } = this;
    const args: unknown[] = [];
    const options: Record<string, unknown> = {};
    let named = false;
    for (const parameter of schema.parameters) {
      if (parameter.optional && !onceIn(draw, this.tidy ? 8 : 3)) {
        named ||= !parameter.keywordOnly;
        continue;
      }
      const value = this.wrong(40) ? this.anything() : this.value(parameter);
      if (parameter.keywordOnly || named || (parameter.optional && onceIn(draw, 4))) {
        named = true;
        options[parameter.camel] = value;
      } else args.push(value);
    }
    if (this.wrong(60)) args.pop();
    if (this.wrong(60)) args.push(this.anything());
    if (this.wrong(60)) options.nonsense = 1;
    if (Object.keys(options).length > 0) args.push(options);
    return args;
  }

  /** True now and then, and never in a tidy call. */
  private wrong(n: number): boolean {
    return !this.tidy && onceIn(this.draw, n);
  }

  value(parameter: Parameter): unknown {
    const { draw } = this;
    if (parameter.nullable && onceIn(draw, 3)) return null;
    switch (parameter.type) {
      case 'Tensor':
        return this.tensor(parameter.name);
      case 'Tensor|Scalar':
        return onceIn(draw, 3) ? this.scalar() : this.tensor(parameter.name);
      case 'Scalar':
        return this.scalar();
      case 'int':
        return this.int();
      case 'float':
        return oneOf(draw, [0.5, 0, 1, 2, -1, 0.1, Number.NaN, Number.POSITIVE_INFINITY, 1e30]);
      case 'bool':
        return onceIn(draw, 2);
      case 'str':
        return oneOf(draw, this.tidy || onceIn(draw, 2) ? strings : more);
      case 'ScalarType':
        return oneOf(draw, dtypes);
      case 'Device':
        return oneOf(draw, ['cpu', 'cpu', 'cuda', 'nonsense']);
      case 'Generator':
        return new torch.Generator().manualSeed(1);
      case 'Tensor[]':
        return this.list(integer(draw, 0, 3), () => this.tensor(parameter.name));
      case 'Tensor?[]':
        return this.list(integer(draw, 0, 3), () => (onceIn(draw, 3) ? null : this.tensor('index')));
      default:
        return this.list(this.length(parameter), () => this.item(parameter));
    }
  }

  private item(parameter: Parameter): unknown {
    switch (parameter.type) {
      case 'float[]':
        return oneOf(this.draw, [0.5, 1, 2, -1, Number.NaN]);
      case 'bool[]':
        return onceIn(this.draw, 2);
      case 'Scalar[]':
        return this.scalar();
      case 'int?[]':
        return onceIn(this.draw, 4) ? null : this.int();
      default:
        return /size|shape|repeats/.test(parameter.name) && !this.wrong(4)
          ? integer(this.draw, this.tidy ? 1 : 0, 3)
          : this.int();
    }
  }

  private length(parameter: Parameter): number {
    if (parameter.length > 1 && !this.wrong(6)) return parameter.length;
    return integer(this.draw, 0, 4);
  }

  private list<T>(length: number, item: () => T): T[] {
    return Array.from({ length }, item);
  }

  int(): unknown {
    const { draw } = this;
    if (this.wrong(40)) return oneOf(draw, extremes);
    if (this.tidy) return integer(draw, 0, 1);
    return onceIn(draw, 4) ? integer(draw, -6, 9) : integer(draw, 0, 3);
  }

  scalar(): unknown {
    const { draw } = this;
    // The order of a polynomial: as many steps for every element, here as in PyTorch.
    if (/polynomial/.test(this.op)) return oneOf(draw, [0, 1, 5, -1, 2.5, Number.NaN, true]);
    return oneOf(draw, [
      1,
      0,
      2,
      -1,
      0.5,
      torch.pyfloat(2),
      true,
      false,
      3n,
      -0,
      Number.NaN,
      Number.NEGATIVE_INFINITY,
      1e40,
      2 ** 53 - 1,
      2n ** 63n - 1n,
      2n ** 64n,
      300,
    ]);
  }

  /** Something that may be of a wrong kind. */
  anything(): unknown {
    const { draw } = this;
    return oneOf<() => unknown>(draw, [
      () => null,
      () => undefined,
      () => 'text',
      () => [],
      () => [null],
      () => [[1], 2],
      () => [undefined, 1],
      () => ({}),
      () => 1.5,
      () => Symbol('symbol'),
      () => () => 1,
      () => new Map(),
      () => new Float32Array(2),
      () => [1, 2.5],
      () => torch.float32,
      () => this.int(),
      () => this.tensor('self'),
      () => [this.tensor('self')],
      () => 2n ** 70n,
    ])();
  }

  private sizes(ndim: number): number[] {
    return this.list(ndim, () => (onceIn(this.draw, 12) ? 0 : this.side || integer(this.draw, 1, 4)));
  }

  /** Sizes that go together with the call's own: the same, broadcast, swapped, or any. */
  private related(name: string): readonly number[] {
    const { draw, shape } = this;
    if (this.tidy && name === 'index' && onceIn(draw, 2)) return this.sizes(1);
    if (this.tidy && name in dimensions) return this.sizes(dimensions[name]);
    switch (
      oneOf(
        draw,
        this.tidy
          ? ['same', 'same', 'any']
          : ['same', 'same', 'same', 'ones', 'fewer', 'swapped', 'last', 'any'],
      )
    ) {
      case 'ones':
        return shape.map((n) => (onceIn(draw, 2) ? 1 : n));
      case 'fewer':
        return shape.slice(integer(draw, 0, shape.length));
      case 'swapped':
        return shape.toReversed();
      case 'last':
        return shape.length < 2 ? shape : [shape[1], ...shape.slice(1, -1).toReversed(), shape[0]];
      case 'any':
        return this.sizes(integer(draw, 0, 4));
      default:
        return shape;
    }
  }

  tensor(name: string): torch.Tensor {
    const { draw, world } = this;
    const isPosition = positions.test(name) && !onceIn(draw, 8);
    const isMask = /mask|condition/.test(name) && !onceIn(draw, 8);
    const dtype = isPosition
      ? onceIn(draw, 8)
        ? torch.int32
        : torch.int64
      : isMask
        ? torch.bool
        : this.wrong(6)
          ? oneOf(draw, dtypes)
          : this.dtype;
    const value = isPosition
      ? () => (onceIn(draw, 12) ? integer(draw, -5, 9) : integer(draw, 0, 1))
      : onceIn(draw, 6) && !/polynomial/.test(this.op)
        ? () => oneOf(draw, [0, 1, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e38, -3, 1e-40])
        : () => integer(draw, -2, 6) / 2;
    const tensor = world.tensor(draw, this.related(name), dtype, value);
    if (dtype.isFloatingPoint && onceIn(draw, 4)) {
      // A leaf of its own over the same memory: views of what others hold stay what they are.
      const leaf = tensor.detach().requiresGrad_();
      if (onceIn(draw, 3)) leaf.grad = torch.onesLike(leaf);
      world.tensors[world.tensors.length - 1] = leaf;
      return leaf;
    }
    return tensor;
  }
}
