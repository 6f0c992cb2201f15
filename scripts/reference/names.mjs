// The names that the reference tells of.
import { entries } from '../entries.mjs';
import { readInterface } from './interface.mjs';
import { readRows } from './rows.mjs';

/** Names of the reference: what is exported, but for types, and the tensors' methods that are no functions. */
export async function names() {
  const rows = await readRows();
  const exists = await runtime();
  const items = readInterface().filter(
    ({ kind, path }) => kind !== 'type' && !/(^|\.)_/.test(path) && exists(path),
  );
  const tensor = items.find(({ path }) => path === 'torch.Tensor');
  const functions = new Set(items.filter(({ path }) => /^torch\.\w+$/.test(path)).map(({ name }) => name));
  const methods = tensor.members
    .filter(
      ({ name }) => !functions.has(name.replace(/^static /, '')) && !functions.has(name.replace(/_$/, '')),
    )
    .map(({ name, ...member }) => ({
      ...member,
      path: `Tensor.${name.replace('static ', '')}`,
      name: name.replace('static ', ''),
      file: 'core/tensor.ts',
      members: [],
      parameters: [],
      base: null,
      type: '',
      same: null,
    }));
  return { rows, items: [...items, ...methods], tensor, functions };
}

/** Tells whether a path is there when a program runs: types are exported beside values. */
async function runtime() {
  const roots = { torch: await import('../../dist/index.js') };
  for (const name of entries) roots[name] = await import(`../../dist/${name}/index.js`);
  return (path) => {
    let value = roots;
    for (const name of path.split('.')) {
      if (value === undefined || value === null || !(name in Object(value))) return false;
      value = value[name];
    }
    return true;
  };
}

/** Whether a name has to have an example of its own. Values of enumerations, weights and errors are told with what takes them. */
export function wantsExample({ kind, path, same, name }) {
  if (kind === 'value' || same !== null || kind === 'property') return false;
  return !/Async$|Error$|Weights$|_Weights$/.test(name) && !path.startsWith('vision.models.detection._');
}
