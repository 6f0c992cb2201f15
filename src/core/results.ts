/** Types of what functions return. */
import type { List } from './list.js';
import type { Tensor } from './tensor.js';

/**
 * Several tensors, by position and by name: `const [values, indices] = x.max(1)` and `x.max(1).values` are both right. It
 * is a read-only array; a name such as `values` takes the place of the array's method.
 */
export type Named<Names extends readonly string[]> = {
  readonly [Name in Names[number]]: Tensor;
} & { readonly [Position in keyof Names & `${number}`]: Tensor } & {
  readonly length: Names['length'];
} & Omit<readonly Tensor[], Names[number] | 'length' | number>;

/** One of `Item` for each tensor of `T`: one for a tensor, several for several. */
export type Like<T, Item = Tensor> = T extends Tensor
  ? Item
  : T extends readonly unknown[]
    ? number extends T['length']
      ? List<Item>
      : { -readonly [Position in keyof T]: Item }
    : never;
