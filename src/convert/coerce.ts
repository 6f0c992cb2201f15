import { binding, type Code, type Converter, tied } from './converter.js';
import { scalar } from './scalar_arguments.js';
import type { Expression } from './syntax.js';
import { isNumber, present, type Type } from './type_rules.js';

/** Whether the code of an iterator makes an array. */
export const isArrayCode = (code: string): boolean =>
  !/\.(entries|values|keys)\(\)$|^py\.count\(|\[Symbol\.iterator\]\(\)$/.test(code) &&
  (/=>|\.toReversed\(\)$/.test(code) || code.startsWith('py.'));

/** Keys that JavaScript would tell apart by their identity. */
export const isTupleKey = (type: Type): boolean =>
  type.k === 'tuple' || (type.k === 'list' && type.isTuple === true);

/** The constructor of a dict with such keys. */
export const newMap = (c: Converter, key: Type): string =>
  `new ${isTupleKey(key) ? c.helper('TupleMap') : 'Map'}`;

/** The constructor of a set of such items. */
export const newSet = (c: Converter, of: Type): string =>
  `new ${isTupleKey(of) ? c.helper('TupleSet') : 'Set'}`;

/** A value where a type is asked for that takes more: numbers become tensors where a variable holds both. */
export function pyfloatOf(c: Converter, value: Code, wanted: Type, source: Expression): string {
  const target = present(wanted);
  if (target.k === 'tensor' && isNumber(value.type)) {
    const dtype = value.type.k === 'float' ? `, { dtype: ${c.libraryCode('float32')} }` : '';
    return `${c.libraryCode('tensor')}(${value.code}${dtype})`;
  }
  if (target.k === 'array' && isNumber(value.type)) {
    if (c.isFinal) c.usesNumpy = true;
    return `np.scalar(${scalar(c, value, source, null)})`;
  }
  // What can be walked once only is no array.
  if (value.type.k === 'iterator' && isArrayCode(value.code)) return `${tied(value, binding.call)}.values()`;
  if (target.k === 'dict' && isTupleKey(target.key) && value.code === 'new Map()')
    return `${newMap(c, target.key)}()`;
  if (target.k === 'set' && isTupleKey(target.of) && value.code === 'new Set()')
    return `${newSet(c, target.of)}()`;
  // What is in a Map goes into an object, where one is asked for.
  if (target.k === 'dict' && value.type.k === 'dict' && target.isRecord && !value.type.isRecord)
    return value.code === 'new Map()' ? '{}' : `Object.fromEntries(${value.code})`;
  if (target.k === 'dict' && value.type.k === 'dict' && !target.isRecord && value.type.isRecord)
    return value.code === '{}' ? 'new Map()' : `new Map(Object.entries(${value.code}))`;
  return tied(value, binding.arrow);
}
