/** Nested arrays and plain objects as lists of leaves, PyTorch's pytrees. */
import { isPlainObject } from '../core/plain.js';

/** The form of a tree: `null` for a leaf. */
export type TreeSpec =
  | null
  | { readonly keys: null; readonly children: readonly TreeSpec[] }
  | { readonly keys: readonly string[]; readonly children: readonly TreeSpec[] };

/** The leaves in order, and the form; `isLeaf` tells what is a leaf though it has parts. */
export function flatten(
  tree: unknown,
  isLeaf: (node: unknown) => boolean = () => false,
): { leaves: unknown[]; spec: TreeSpec } {
  const leaves: unknown[] = [];
  const walk = (node: unknown): TreeSpec => {
    if (Array.isArray(node)) return { keys: null, children: node.map(walk) };
    if (isPlainObject(node) && !isLeaf(node)) {
      const keys = Object.keys(node);
      return { keys, children: keys.map((key) => walk(node[key])) };
    }
    leaves.push(node);
    return null;
  };
  return { spec: walk(tree), leaves };
}

/** The tree of this form with these leaves. */
export function unflatten(spec: TreeSpec, leaves: readonly unknown[]): unknown {
  let next = 0;
  const build = (form: TreeSpec): unknown => {
    if (form === null) return leaves[next++];
    if (form.keys === null) return form.children.map(build);
    return Object.fromEntries(form.keys.map((key, i) => [key, build(form.children[i])]));
  };
  return build(spec);
}

/** The same tree with `fn` applied to its leaves. */
export function treeMap(fn: (leaf: unknown) => unknown, tree: unknown): unknown {
  const { leaves, spec } = flatten(tree);
  return unflatten(spec, leaves.map(fn));
}

/** A form as PyTorch prints it: `(*, {'a': *})`. Two forms are the same if they print alike. */
export function formatSpec(spec: TreeSpec): string {
  if (spec === null) return '*';
  const parts = spec.children.map(formatSpec);
  if (spec.keys === null) return parts.length === 1 ? `(${parts[0]},)` : `(${parts.join(', ')})`;
  return `{${spec.keys.map((key, i) => `'${key}': ${parts[i]}`).join(', ')}}`;
}
