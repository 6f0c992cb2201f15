import { camelCase } from '../core/camel_case.js';

const reserved = new Set(
  `arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for function if
  implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof
  undefined var void while with yield Array Date Error Infinity JSON Map Math NaN Number Object Promise Set String Symbol console performance
  process np py torch`.split(/\s+/),
);

/** Names of a program in TypeScript's spelling: each stands for one of Python's. */
export class Names {
  private readonly owners = new Map<string, string>();
  private readonly known = new Map<string, string>();

  /** A variable's or function's. Constants and names that begin with an underscore stay as they are. */
  of(name: string): string {
    const known = this.known.get(name);
    if (known !== undefined) return known;
    const isConstant = name === name.toUpperCase();
    let own = isConstant || name.startsWith('_') ? name : camelCase(name);
    if (reserved.has(own)) own = `${own}_`;
    if (this.owners.has(own)) own = name;
    while (this.owners.has(own) || reserved.has(own)) own = `${own}_`;
    this.owners.set(own, name);
    this.known.set(name, own);
    return own;
  }

  /** One that nothing in the program has. */
  fresh(wish: string): string {
    let own = wish;
    for (let i = 2; this.owners.has(own) || reserved.has(own); i++) own = `${wish}${i}`;
    this.owners.set(own, '');
    return own;
  }
}

/** A name of the library's. */
export const libraryName = (name: string): string => (name === name.toUpperCase() ? name : camelCase(name));
