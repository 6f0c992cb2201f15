/** The library's public interface, found by walking what it exports: every function, class and method. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { entries } from '../../scripts/entries.mjs';
import * as torch from '../../src/index.js';

export type Function = (this: unknown, ...args: unknown[]) => unknown;
export type Class = new (...args: unknown[]) => object;

const isClass = (value: unknown): value is Class =>
  typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));

/** Namespaces: modules, and plain objects of functions. */
function isNamespace(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value) as unknown;
  return prototype === null || prototype === Object.prototype;
}

/** Errors are made by the library; their constructors are JavaScript's. */
const isError = (value: Class): boolean => value.prototype instanceof Error;

/** `nn.functional.relu`, and what it is. */
export const functions: [path: string, value: Function][] = [];
export const classes: [path: string, value: Class][] = [];

function walk(namespace: object, prefix: string, seen: Set<unknown>): void {
  for (const [name, value] of Object.entries(namespace) as [string, unknown][]) {
    if (typeof value !== 'function' && !isNamespace(value)) continue;
    const path = prefix + name;
    if (isNamespace(value)) walk(value, `${path}.`, seen);
    else if (seen.has(value)) continue;
    else if (!isClass(value)) functions.push([path, value as Function]);
    else if (!isError(value)) classes.push([path, value]);
    seen.add(value);
  }
}
const seen = new Set<unknown>();
walk(torch, '', seen);
/**
 * `python` is what programs that were Python call by position, as the converter writes it: Python's own functions, whose signatures are their types.
 * `distributed` is tried with ranks (test/distributed, test/mpi.test.ts): most of it needs a group of processes, and some of it has no signature yet.
 */
const apart = ['python', 'distributed'];
for (const name of entries.filter((name) => !apart.includes(name))) {
  const { href } = new URL(`../../dist/${name}/index.js`, import.meta.url);
  walk((await import(href)) as object, `${name}.`, seen);
}

/** The members of each class that declarations show to users: none that is internal, private or protected. */
const declared: ReadonlyMap<string, ReadonlySet<string>> = (() => {
  const found = new Map<string, Set<string>>();
  const root = new URL('../../dist', import.meta.url).pathname;
  // Other tests write programs of their own into folders there, and take them away meanwhile.
  const files = readdirSync(root, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith('readme-'))
    .flatMap((entry) =>
      entry.isDirectory()
        ? readdirSync(join(root, entry.name), { recursive: true, encoding: 'utf8' }).map((file) =>
            join(entry.name, file),
          )
        : [entry.name],
    );
  for (const file of files) {
    if (!file.endsWith('.d.ts')) continue;
    let members = new Set<string>();
    for (const line of readFileSync(join(root, file), 'utf8').split('\n')) {
      const head = /^\s*(?:export |declare |abstract )*(?:class|interface) (\w+)/.exec(line);
      if (head !== null) {
        // The build spreads the methods of tensors over several interfaces.
        const owner = /^Tensor/.test(head[1]) ? 'Tensor' : head[1];
        members = found.get(owner) ?? new Set();
        found.set(owner, members);
      }
      const member = /^\s+(?:static |abstract |readonly )*(\w+)\??[(<:]/.exec(line);
      if (member !== null) members.add(member[1]);
    }
  }
  return found;
})();

/** Whether declarations show a class's member; what is not declared as a class is looked at as a whole. */
const isPublic = (owner: object, name: string): boolean =>
  declared.get((owner.constructor as Class).name)?.has(name) ?? true;

/** JavaScript's own protocols. */
const protocols = new Set(['constructor', 'toString', 'toJSON', 'valueOf', 'next', 'return', 'throw']);

/** Methods that users call, by the class that has them, up to JavaScript's own. */
export function methodsOf(prototype: object): [owner: object, name: string][] {
  const found: [object, string][] = [];
  const seen = new Set<string>(protocols);
  for (
    let owner = prototype;
    owner !== Object.prototype && owner !== Array.prototype && owner !== null;
    owner = Object.getPrototypeOf(owner) as object
  )
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(owner)))
      if (typeof value === 'function' && !name.startsWith('_') && isPublic(owner, name) && !seen.has(name)) {
        seen.add(name);
        found.push([owner, name]);
      }
  return found;
}

/** Runs a check where nothing has values, if it is of models: theirs are many. */
export async function withoutValues(path: string, check: () => Promise<void>): Promise<void> {
  if (!path.startsWith('vision.models.')) return check();
  torch.setDefaultDevice('meta');
  try {
    await check();
  } finally {
    torch.setDefaultDevice('cpu');
  }
}
