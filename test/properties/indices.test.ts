import { deepStrictEqual } from 'node:assert';
import { describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';
import { type Draw, integer, onceIn, oneOf, timeout, tryMany } from './property.js';
import { numelOf, World } from './world.js';

const { functional: F } = torch.nn;
const { RuntimeError, IndexError } = torch;
type ErrorClass = typeof RuntimeError | typeof IndexError;

/** A tensor and its index: `size` is how many places there are along dimension `dim`. */
interface Case {
  readonly x: torch.Tensor;
  readonly dim: number;
  readonly size: number;
  /** As many indices as the op takes, in its shape. */
  readonly index: torch.Tensor;
  /** Values to write, in the shape of the result. */
  readonly values: torch.Tensor;
}

interface Indexing {
  /** Whether the index has the shape of the values (gather), or is a vector along the dimension. */
  readonly index: 'like' | 'vector';
  /** Whether indices may count from the end. */
  readonly wraps: boolean;
  /** Whether the places are all elements, not those along a dimension. */
  readonly flat?: boolean;
  readonly run: (c: Case) => unknown;
  readonly kind: ErrorClass;
  readonly text: (bad: number, size: number, dim: number) => string;
}

const bounds = (bad: number, size: number, dim: number) =>
  `index ${bad} is out of bounds for dimension ${dim} with size ${size}`;
const inSelf = () => 'index out of range in self';
const along = (dim: number, index: torch.Tensor): torch.Index[] => [
  ...new Array<string>(dim).fill(':'),
  index,
];

const ops: Readonly<Record<string, Indexing>> = {
  gather: {
    index: 'like',
    wraps: false,
    run: ({ x, dim, index }) => x.gather(dim, index),
    kind: RuntimeError,
    text: bounds,
  },
  scatter_: {
    index: 'like',
    wraps: false,
    run: ({ x, dim, index, values }) => x.scatter_(dim, index, values),
    kind: RuntimeError,
    text: bounds,
  },
  'scatter_ of a number': {
    index: 'like',
    wraps: false,
    run: ({ x, dim, index }) => x.scatter_(dim, index, 3),
    kind: RuntimeError,
    text: bounds,
  },
  scatterAdd_: {
    index: 'like',
    wraps: false,
    run: ({ x, dim, index, values }) => x.scatterAdd_(dim, index, values),
    kind: RuntimeError,
    text: bounds,
  },
  scatterReduce_: {
    index: 'like',
    wraps: false,
    run: ({ x, dim, index, values }) => x.scatterReduce_(dim, index, values, 'amax'),
    kind: RuntimeError,
    text: bounds,
  },
  indexSelect: {
    index: 'vector',
    wraps: false,
    run: ({ x, dim, index }) => x.indexSelect(dim, index),
    kind: IndexError,
    text: inSelf,
  },
  indexAdd_: {
    index: 'vector',
    wraps: false,
    run: ({ x, dim, index, values }) => x.indexAdd_(dim, index, values),
    kind: Error as never,
    text: (bad, size, dim) => `${bounds(bad, size, dim)}|${inSelf()}`,
  },
  indexCopy_: {
    index: 'vector',
    wraps: false,
    run: ({ x, dim, index, values }) => x.indexCopy_(dim, index, values),
    kind: IndexError,
    text: (bad, size, dim) => `index_copy_(): ${bounds(bad, size, dim)}`,
  },
  indexFill_: {
    index: 'vector',
    wraps: true,
    run: ({ x, dim, index }) => x.indexFill_(dim, index, 2),
    kind: IndexError,
    text: bounds,
  },
  indexReduce_: {
    index: 'vector',
    wraps: false,
    run: ({ x, dim, index, values }) => x.indexReduce_(dim, index, values, 'amin'),
    kind: IndexError,
    text: inSelf,
  },
  take: {
    index: 'vector',
    wraps: true,
    flat: true,
    run: ({ x, index }) => x.take(index),
    kind: IndexError,
    text: (bad, size) => `out of range: tried to access index ${bad} on a tensor of ${size} elements.`,
  },
  put_: {
    index: 'vector',
    wraps: true,
    flat: true,
    run: ({ x, index }) => x.put_(index, torch.onesLike(index).to(x.dtype)),
    kind: IndexError,
    text: (bad, size) => `out of range: tried to access index ${bad} on a tensor of ${size} elements.`,
  },
  index: {
    index: 'vector',
    wraps: true,
    run: ({ x, dim, index }) => x.index(...new Array<string>(dim).fill(':'), index),
    kind: IndexError,
    text: bounds,
  },
  indexPut_: {
    index: 'vector',
    wraps: true,
    run: ({ x, dim, index }) => x.indexPut_(along(dim, index), 4),
    kind: IndexError,
    text: bounds,
  },
  'indexPut_ that adds': {
    index: 'vector',
    wraps: true,
    run: ({ x, dim, index }) => x.indexPut_(along(dim, index), torch.ones(1).to(x.dtype).squeeze(), true),
    kind: IndexError,
    text: bounds,
  },
  embedding: {
    index: 'vector',
    wraps: false,
    run: ({ x, index }) => F.embedding(index, x.movedim(0, -1).reshape(x.shape[0], -1)),
    kind: IndexError,
    text: inSelf,
  },
};

const dtypes = [torch.float32, torch.int64, torch.float64, torch.uint8];

/** A case whose indices are all in range but, if asked, one. */
function makeCase(draw: Draw, op: Indexing, isBad: boolean): { c: Case; world: World; bad: number } {
  const world = new World();
  const shape = Array.from({ length: integer(draw, 1, 3) }, () => integer(draw, 1, 5));
  const isEmbedding = op === ops.embedding;
  const dim = isEmbedding ? 0 : integer(draw, 0, shape.length - 1);
  const size = op.flat ? numelOf(shape) : shape[dim];
  const x = world.tensor(draw, shape, oneOf(draw, dtypes), () => integer(draw, 0, 9));
  const count = integer(draw, 1, 6);
  // Along the other dimensions a gather may see less than there is.
  const like = shape.map((n, d) => (d === dim ? count : integer(draw, 1, n)));
  const indexShape = op.index === 'vector' ? [count] : like;
  const valid = () => integer(draw, op.wraps ? -size : 0, size - 1);
  const list = Array.from({ length: numelOf(indexShape) }, valid);
  const bad = oneOf(draw, [
    size,
    size + 1,
    size + 1000,
    -size - 1,
    2 ** 31,
    -(2 ** 40),
    ...(op.wraps ? [] : [-1]),
  ]);
  if (isBad) list[integer(draw, 0, list.length - 1)] = bad;
  const index = torch.tensor(list, { dtype: torch.int64 }).view(indexShape);
  world.tensors.push(index);
  const valuesShape = op.index === 'vector' ? shape.map((n, d) => (d === dim ? count : n)) : like;
  const values = torch.full(valuesShape, 5, { dtype: x.dtype });
  world.tensors.push(values);
  return { c: { x, dim, size, index, values }, world, bad };
}

describe.each(Object.entries(ops))('%s', (_, op) => {
  it(
    "refuses an index out of range in PyTorch's words, and then has changed nothing",
    () => {
      tryMany(60, (draw) => {
        const { c, world, bad } = makeCase(draw, op, true);
        world.remember();
        let error: unknown = null;
        try {
          op.run(c);
        } catch (e) {
          error = e;
        }
        if (!isOverlapping(error)) {
          expect(error).toBeInstanceOf(op.kind);
          const texts = op.text(bad, c.size, c.dim).split('|');
          expect(texts).toContain((error as Error).message);
        }
        world.checkUnchanged();
      });
    },
    timeout,
  );

  it(
    'takes every index in range, and writes within its tensor',
    () => {
      tryMany(40, (draw) => {
        const { c, world } = makeCase(draw, op, false);
        world.remember();
        try {
          op.run(c);
        } catch (error) {
          if (!isOverlapping(error)) throw error;
        }
        world.checkUnchanged([c.x]);
      });
    },
    timeout,
  );
});

/** Whether writing was refused because elements share a place in memory. */
function isOverlapping(error: unknown): boolean {
  return error instanceof RuntimeError && error.message.startsWith('unsupported operation: ');
}

describe('an index of one number', () => {
  it(
    'is in range or refused, as in a list',
    () => {
      tryMany(200, (draw) => {
        const shape = Array.from({ length: integer(draw, 1, 3) }, () => integer(draw, 0, 4));
        const x = torch.arange(numelOf(shape)).view(shape);
        const dim = integer(draw, 0, shape.length - 1);
        const i = onceIn(draw, 10) ? oneOf(draw, [2 ** 31, -(2 ** 31), 2 ** 53 - 1]) : integer(draw, -6, 6);
        const isIn = i >= -shape[dim] && i < shape[dim];
        const index = [...new Array<string>(dim).fill(':'), i];
        const attempts = [() => x.index(...index), () => x.select(dim, i)];
        for (const attempt of attempts) {
          let got: torch.Tensor | null = null;
          try {
            got = attempt();
          } catch (error) {
            expect(error).toBeInstanceOf(IndexError);
            expect((error as Error).message).toContain(`index ${i} `);
          }
          expect(got !== null).toBe(isIn);
          if (got !== null)
            deepStrictEqual(
              got.tolist(),
              (x.movedim(dim, 0).tolist() as unknown[])[isIn ? (i + shape[dim]) % shape[dim] : 0],
            );
        }
      });
    },
    timeout,
  );
});
