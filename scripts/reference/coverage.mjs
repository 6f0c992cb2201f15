// Which names of the reference have an example: of their own, of what they are another name of, or of the function whose kernels they are.
import { aliasExamples, examplesByName, readExamples } from './examples.mjs';
import { names, wantsExample } from './names.mjs';

const kernels = /(?:Image|Video|Mask|BoundingBoxes|Keypoints)$/;

/** The examples of every name; what has none that wants one is left out. */
export function examplesOf(items, rows, examples = readExamples()) {
  const found = examplesByName(examples);
  const byOp = new Map();
  for (const item of items) {
    const row = rows.functions.get(item.path);
    if (row !== undefined && found.has(item.path) && !byOp.has(row.definition))
      byOp.set(row.definition, item.path);
  }
  const paths = new Set(items.map(({ path }) => path));
  for (const { path } of items) {
    if (found.has(path) || path.endsWith('Async')) continue;
    const row = rows.functions.get(path);
    const plain = path.replace(/_$/, '');
    const others = [byOp.get(row?.definition), plain !== path && found.has(plain) ? plain : undefined];
    const base = path.replace(kernels, '');
    const family =
      base !== path && path.startsWith('vision.transforms.v2.functional.') && paths.has(base) ? base : null;
    for (const other of others) {
      const own = other === undefined || found.has(path) ? [] : aliasExamples(path, other, found);
      if (own.length > 0) found.set(path, own);
    }
    if (!found.has(path) && family !== null && found.has(family))
      found.set(
        path,
        found.get(family).map((one) => ({ ...one, shownBy: family })),
      );
  }
  return found;
}

/** All examples, those of other names of functions included, the names that lack one, and heads that name nothing. */
export async function coverage() {
  const { items, rows, tensor } = await names();
  const found = examplesOf(items, rows);
  const known = new Set([
    ...items.map(({ path }) => path),
    ...tensor.members.map(({ name }) => `Tensor.${name}`),
  ]);
  const examples = new Map([...found.values()].flat().map((one) => [one.code, one]));
  return {
    examples: [...examples.values()],
    missing: items.filter((item) => wantsExample(item) && !found.has(item.path)).map(({ path }) => path),
    unknown: [...found.keys()].filter((path) => !known.has(path)),
  };
}
