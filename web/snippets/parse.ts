import type { SyntaxNode, Tree } from '@lezer/common';
import { parser } from '@lezer/javascript';

const typescript = parser.configure({ dialect: 'ts' });

/** A tree and the text that it is of: the source, but for types that the parser does not know. Places are the same in both. */
export interface Parsed {
  readonly tree: Tree;
  readonly source: string;
}

/** Parses TypeScript. Where the parser stumbles over a type that it does not know, the type is blanked, and it begins anew. */
export function parse(source: string): Parsed {
  let tree = typescript.parse(source);
  // Each repair makes the text simpler; the bound is for what nobody has thought of.
  for (let repairs = 0; repairs < 200; repairs++) {
    const repaired = repairOne(tree, source);
    if (repaired === null || repaired === source) break;
    source = repaired;
    tree = typescript.parse(source);
  }
  return { tree, source };
}

/** Text around a place where the parser stumbled. */
interface Fault {
  readonly before: string;
  readonly after: string;
  readonly node: SyntaxNode;
}

/** A stretch of what is before the fault, or from there on, and what stands there instead: spaces where nothing is said. */
type Repair = readonly [from: number, to: number, filler?: string] | null;

const repairs: readonly ((fault: Fault) => Repair)[] = [
  // catch (e: unknown)
  ({ before, after }) =>
    /\bcatch\s*\(\s*[\w$]+\s*$/.test(before) && /^\s*:/.test(after) ? [0, closing(after, 1)] : null,
  // class { method?(): void }
  ({ before, after, node }) =>
    /^\s*[(<]/.test(after) && isInside(node, 'ClassBody') ? last(before, /\?\s*$/) : null,
  // class { async method?(): void }
  ({ after, node }) => (isInside(node, 'ClassBody') ? first(after, /^\s*\?(?=\s*[(<])/) : null),
  // let x!: number
  ({ after }) => first(after, /^\s*!(?=\s*:)/),
  // x! += 1
  ({ before, after }) =>
    /^\s*(?:\*\*|<<|>>>?|\?\?|&&|\|\||[-+*/%&|^])?=(?!=)/.test(after) ? last(before, /!\s*$/) : null,
  // (x: unknown): asserts x is string =>
  ({ before }) => last(before, /(?<=(?::|=>)\s*)asserts\s*$/),
  ({ before, after }) => {
    const [is] = /^\s*is\b/.exec(after) ?? [];
    const [, name] = /(?::|=>)\s*([\w$]+\s*)$/.exec(before) ?? [];
    return is === undefined || name === undefined ? null : [-name.length, is.length];
  },
  // typeof import('flambeau')
  ({ before, after }) => {
    const [name] = /^\s*import\s*\(/.exec(after) ?? [];
    return name !== undefined && /\btypeof\s*$/.test(before)
      ? [name.search(/\S/), closing(after, name.length) + 1, '_']
      : null;
  },
  // declare module 'flambeau' { … }
  ({ before, after }) =>
    /\bmodule\s*$/.test(before) ? (first(after, /(?<=^\s*)(['"]).*?\1/, '_') ?? null) : null,
  // abstract new () => T
  ({ before, after }) => (/^\s*new\b/.test(after) ? last(before, /\babstract\s*$/) : null),
  // class { [name: string]: number }
  ({ before, after, node }) => {
    const [member] =
      /(?:\b(?:static|readonly|declare|public|private|protected)\s+)*\[\s*[\w$]+\s*$/.exec(before) ?? [];
    if (member === undefined || !/^\s*:/.test(after) || !isInside(node, 'ClassBody')) return null;
    const [, rest] = /^[^\]]*\]([^;\n}]*;?)/.exec(after) ?? [];
    return rest === undefined ? null : [-member.length, after.indexOf(']') + 1 + rest.length];
  },
  // [first: number, second?: string]
  ({ after, node }) => (isInside(node, 'TupleType') ? first(after, /^\s*\?(?=\s*:)/) : null),
  // [...rest: number[]]
  ({ before, after, node }) => {
    const [, name] = /\.\.\.\s*([\w$]+\s*)$/.exec(before) ?? [];
    const [colon] = /^\s*:/.exec(after) ?? [];
    return name !== undefined && colon !== undefined && isInside(node, 'TupleType')
      ? [-name.length, colon.length]
      : null;
  },
  // const C = class extends Base<T> implements I {}
  ({ before, node }) => {
    const [all, args] = /\bextends\s+[\w$.]+\s*(<[^{}]*>)\s*(?:implements\s*)?$/.exec(before) ?? [];
    if (all === undefined || !isInside(node, 'ClassExpression')) return null;
    const start = all.indexOf('<') - all.length;
    return [start, start + args.length];
  },
  // class<T> extends Base<T>
  ({ before, after }) =>
    /\bclass\s*$/.test(before) && /^\s*</.test(after)
      ? [0, closing(after, after.indexOf('<') + 1) + 1]
      : null,
  // interface F { <T>(x: T): T }
  ({ after, node }) =>
    /^\s*</.test(after) && isInside(node, 'ObjectType')
      ? [0, closing(after, after.indexOf('<') + 1) + 1]
      : null,
  // async <T>(x: T) => x
  ({ before, after }) => {
    const at = before.search(/\basync\s*<(?!.*\basync\s*<)/s);
    if (at < 0) return null;
    const open = before.indexOf('<', at);
    const end = closing(before + after, open + 1) + 1;
    const isFunction = /^\s*\(/.test((before + after).slice(end));
    return isFunction ? [open - before.length, end - before.length] : null;
  },
];

function repairOne(tree: Tree, source: string): string | null {
  let repaired: string | null = null;
  tree.iterate({
    enter({ type, from, node }) {
      if (repaired !== null) return false;
      if (!type.isError) return true;
      const fault = { before: source.slice(0, from), after: source.slice(from), node };
      for (const repair of repairs) {
        const found = repair(fault);
        if (found === null) continue;
        const [start, end, filler = ' '] = [from + found[0], from + found[1], found[2]];
        const text = source.slice(start, end).replace(/[^\n]/g, filler);
        if (text === source.slice(start, end)) continue;
        repaired = source.slice(0, start) + text + source.slice(end);
        return false;
      }
      return true;
    },
  });
  return repaired;
}

function isInside(node: SyntaxNode, name: string): boolean {
  for (let at: SyntaxNode | null = node; at !== null; at = at.parent) if (at.name === name) return true;
  return false;
}

function first(after: string, pattern: RegExp, filler?: string): Repair {
  const found = pattern.exec(after);
  return found === null ? null : [found.index, found.index + found[0].length, filler];
}

function last(before: string, pattern: RegExp): Repair {
  const found = pattern.exec(before);
  return found === null ? null : [found.index - before.length, 0];
}

/** Where the bracket closes that was opened just before a place. */
function closing(text: string, from: number): number {
  let depth = 1;
  for (let i = from; i < text.length; i++) {
    if (text[i] === '=' && text[i + 1] === '>') i++;
    else if ('([{<'.includes(text[i])) depth++;
    else if (')]}>'.includes(text[i]) && --depth === 0) return i;
  }
  return text.length;
}
