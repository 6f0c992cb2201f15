/** Imports among the files of `src/`. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../src', import.meta.url));

/** Every file of `src/` that is written by hand, by its path there. */
export const sources: readonly string[] = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.startsWith('generated'))
  .sort();

const statement = /^(?:import|export)\s+(type\s+)?([^'";]*?)\bfrom\s+'(\.[^']+\.js)';$/gm;
/** `typeof import('…')`, which is a type; a module that is imported while the program runs closes no circle. */
const inType = /\btypeof import\('(\.[^']+)'\)/g;

/** Whether a clause like `{ type A, type B }` names types alone. */
const namesTypes = (clause: string): boolean => {
  const names = /^\{([^}]*)\}\s*$/.exec(clause)?.[1].split(',') ?? [''];
  return (
    names.filter((name) => name.trim() !== '').every((name) => /^\s*type\s/.test(name)) &&
    clause.includes('{')
  );
};

/** The files that a file imports, with the types it takes from others or without. */
export function importsOf(path: string, withTypes: boolean): string[] {
  const text = readFileSync(join(root, path), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
  const found: string[] = [];
  const add = (specifier: string): void => {
    found.push(relative(root, resolve(root, dirname(path), specifier)).replace(/\.js$/, '.ts'));
  };
  for (const [, type, clause, specifier] of text.matchAll(statement))
    if (withTypes || (type === undefined && !namesTypes(clause))) add(specifier);
  if (withTypes) for (const [, specifier] of text.matchAll(inType)) add(specifier);
  for (const [, specifier] of text.matchAll(/^import '(\.[^']+)';$/gm)) add(specifier);
  return found.filter((to) => to !== path);
}

/** The sets of files each of which reaches all others of its set (R. Tarjan, "Depth-first search and linear graph algorithms", 1972). */
export function circles(withTypes: boolean): string[][] {
  const order = new Map<string, number>();
  const stack: string[] = [];
  const found: string[][] = [];
  const visit = (file: string): number => {
    const number = order.size;
    order.set(file, number);
    let low = number;
    stack.push(file);
    for (const to of importsOf(file, withTypes))
      if (!order.has(to)) low = Math.min(low, visit(to));
      else if (stack.includes(to)) low = Math.min(low, order.get(to)!);
    if (low === number) {
      const members = stack.splice(stack.indexOf(file));
      if (members.length > 1) found.push(members.sort());
    }
    return low;
  };
  for (const file of sources) if (!order.has(file)) visit(file);
  return found;
}
