import { type Code, type Converter, primary } from './converter.js';
import { dtypeNumbers } from './numpy_calls.js';
import { libraryName } from './own_names.js';
import { quoted } from './string_literals.js';
import type { Expression } from './syntax.js';
import { float, int, none, str } from './type_rules.js';

/** Modules of Python's that conversions know; of others each use is an error. */
const known = new Set(
  'math random time copy collections itertools functools typing dataclasses os sys __future__ abc warnings string enum re argparse types tqdm numpy inspect'.split(
    ' ',
  ),
);

/** Why a module is refused. */
const refusals: Readonly<Record<string, string>> = {
  matplotlib: "matplotlib is not here: 'flambeau/charts' draws what a training logged.",
  pandas: "pandas is not here: 'flambeau/tables' reads tables.",
};

/** Says why a module cannot be imported, or null if it can. */
export function refusal(module: string): string | null {
  const [root] = module.split('.');
  if (known.has(root)) return null;
  return Object.hasOwn(refusals, root) ? refusals[root] : `The module '${module}' is not converted.`;
}

const constants: Readonly<Record<string, string>> = {
  'math.pi': 'Math.PI',
  'math.e': 'Math.E',
  'math.inf': 'Infinity',
  'math.nan': 'NaN',
  'math.tau': '(2 * Math.PI)',
  'numpy.pi': 'Math.PI',
  'numpy.e': 'Math.E',
  'numpy.inf': 'Infinity',
  'numpy.nan': 'NaN',
};

const letters = 'abcdefghijklmnopqrstuvwxyz';
const texts: Readonly<Record<string, string>> = {
  'string.ascii_lowercase': letters,
  'string.ascii_uppercase': letters.toUpperCase(),
  'string.ascii_letters': letters + letters.toUpperCase(),
  'string.digits': '0123456789',
  'string.punctuation': '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
};

/** Something under a path of Python's library. */
export function pythonValue(c: Converter, place: Expression, path: string): Code {
  if (Object.hasOwn(constants, path)) return primary(constants[path], float);
  if (path === 'numpy.newaxis') return primary('null', none);
  const [, limits, of, name] = /^numpy\.(finfo|iinfo)\.(\w+)\.(\w+)$/.exec(path) ?? [];
  if (limits !== undefined) {
    const member = libraryName(name);
    return primary(
      `${c.libraryCode(limits)}(${c.libraryCode(of)}).${member}`,
      limits === 'finfo' ? float : int,
    );
  }
  if (path.startsWith('numpy.') && dtypeNumbers(path.slice(6)) !== null)
    return primary(quoted(path.slice(6).replace(/_$/, '')), { k: 'python', path });
  if (Object.hasOwn(texts, path)) return primary(quoted(texts[path]), str);
  const message = refusal(path);
  if (message !== null) c.error(place, message);
  return primary(path, { k: 'python', path });
}
