/** Which of PyTorch's public names are here, and why the others are not. */
import { readFileSync } from 'node:fs';
import * as torch from 'flambeau';

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));

/** PyTorch's names by module, written by pytorch_names.py. */
export const pytorch = new Map(
  Object.entries(read('pytorch.json') as Record<string, string>).map(([module, names]) => [
    module,
    names.split(' '),
  ]),
);

/** Names that are left out for one reason, by module: exact, or with `*` for any letters; module `*` means any. */
interface LeftOut {
  readonly reason: string;
  /** Whether they are on their way: it does not matter then whether they are here yet. */
  readonly comes?: true;
  readonly names: Readonly<Record<string, string>>;
}

export const leftOut = read('left_out.json') as readonly LeftOut[];

const camel = (name: string): string =>
  name.replace(/(?<=[a-zA-Z0-9])_+([a-zA-Z0-9])/g, (_, c: string) => c.toUpperCase());

/** Where the names of a module of PyTorch are here. */
function ownerOf(module: string): object | undefined {
  if (module === 'torch.Tensor') return torch.ones(1);
  if (module === 'torch.nn.Module') return new torch.nn.Module();
  if (module === 'torch.optim.Optimizer') return new torch.optim.SGD([torch.ones(1)], { lr: 1 });
  const path = module.split('.').slice(1).map(camel);
  return path.reduce<unknown>((owner, key) => (owner as Record<string, unknown> | undefined)?.[key], torch) as
    | object
    | undefined;
}

/** Whether a name of PyTorch's is here, as it is or in TypeScript's spelling. */
export function isHere(module: string, name: string): boolean {
  const owner = ownerOf(module);
  return owner !== undefined && (name in owner || camel(name) in owner);
}

const matches = (pattern: string, name: string): boolean =>
  new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(name);

/** Why a name is left out; null if nothing says so. */
export function reasonFor(module: string, name: string): LeftOut | null {
  const fits = (names: string | undefined) => names?.split(' ').some((pattern) => matches(pattern, name));
  return leftOut.find(({ names }) => fits(names[module]) || fits(names['*'])) ?? null;
}
