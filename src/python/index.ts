/**
 * `flambeau/python`: what Python's built-in functions do where JavaScript's do otherwise, for programs that `flambeau/convert` has converted: printing,
 * formats, remainders, indices from the end, and Python's random numbers.
 */
export { type ArgumentOptions, ArgumentParser } from './argument_parser.js';
export { collected } from './async_iteration.js';
export { equal, order } from './equality_order.js';
export { format, formatted, percent } from './format_mini_language.js';
export { accumulate, combinations, count, islice, permutations } from './iteration_tools.js';
export {
  addAll,
  appendleft,
  at,
  contains,
  count as countOf,
  counter,
  DefaultMap,
  deque,
  enumerate,
  indexOf,
  item,
  mostCommon,
  next,
  pop,
  popped,
  product,
  put,
  range,
  remove,
  repeated,
  replaced,
  setdefault,
  sliced,
  unzip,
  update,
  zip,
} from './list_helpers.js';
export * as random from './mersenne_random.js';
export { bin, chr, float, hex, int, oct } from './number_texts.js';
export * as numpy from './numpy/index.js';
export { type PrintOptions, print } from './print.js';
export { as, repr, str, type Typed, truth } from './printed_values.js';
export { OverflowError, StopIteration, ZeroDivisionError } from './python_errors.js';
export {
  and,
  comb,
  divided,
  divmod,
  exact,
  factorial,
  floored,
  gcd,
  isclose,
  mod,
  or,
  round,
  sum,
  total,
  xor,
} from './python_numbers.js';
export { max, min, type OrderOptions, type SortOptions, sorted } from './sorted_items.js';
export { storage } from './tensor_storage.js';
export {
  capitalize,
  center,
  islower,
  isupper,
  ljust,
  lstrip,
  partition,
  place,
  replace,
  rjust,
  rsplit,
  rstrip,
  split,
  splitlines,
  strip,
  swapcase,
  title,
  words,
  zfill,
} from './text_helpers.js';
export { TupleMap, TupleSet } from './tuple_collections.js';
export type * from './types.js';
