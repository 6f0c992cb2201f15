import { libraryName } from './own_names.js';

/** Python's packages, by the paths of the library's that they are. The longest come first. */
const packages: readonly (readonly [python: string, path: string])[] = [
  ['torch.utils.tensorboard', 'tensorboard'],
  ['torch', ''],
  ['torchvision', 'vision'],
  ['einops', 'einops'],
  ['torchmetrics', 'metrics'],
  ['torchinfo', 'torchinfo'],
];

/** Names under which the further entries are imported. */
const entries: Readonly<Record<string, string>> = {
  vision: 'torchvision',
  einops: 'einops',
  metrics: 'torchmetrics',
  tensorboard: 'tensorboard',
  torchinfo: 'torchinfo',
};

/** The library's path of a module of Python's, or null if it is none of the library's. */
export function libraryPath(module: string): string | null {
  for (const [python, path] of packages)
    if (module === python || module.startsWith(`${python}.`)) {
      const rest = module.slice(python.length + 1);
      const parts = rest === '' ? [] : rest.split('.').map(libraryName);
      return [...(path === '' ? [] : [path]), ...parts].join('.');
    }
  return null;
}

export const within = (path: string, name: string): string =>
  path === '' ? libraryName(name) : `${path}.${libraryName(name)}`;

/** How TypeScript writes a path, and the entry that it comes from. */
export function libraryText(path: string): { text: string; entry: string } {
  const [root, ...rest] = path.split('.');
  if (Object.hasOwn(entries, root)) return { text: [entries[root], ...rest].join('.'), entry: root };
  return { text: path === '' ? 'torch' : `torch.${path}`, entry: '' };
}

/** The imports of entries. */
export const importOf = (entry: string): string =>
  entry === ''
    ? `import * as torch from 'flambeau';`
    : `import * as ${entries[entry]} from 'flambeau/${entry}';`;

/** Python's name of a path, for messages. */
export const pythonName = (path: string): string => `torch.${path}`;
