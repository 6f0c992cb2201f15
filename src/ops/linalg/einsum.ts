/** `einsum`: sums of products in index notation, by way of batched matrix products. */
import { RuntimeError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import { op } from '../../dispatch/registry.js';

interface Parsed {
  readonly inputs: readonly (readonly string[])[];
  readonly output: readonly string[];
}

/** Labels of each operand, an ellipsis spelled out as `.0`, `.1`, … counted from the right. */
function parse(equation: string, operands: readonly Tensor[]): Parsed {
  const [left, right, ...rest] = equation.replace(/\s+/g, '').split('->');
  if (rest.length > 0) throw new RuntimeError("einsum(): found '->' more than once in the equation");
  const terms = left.split(',');
  if (terms.length !== operands.length)
    throw new RuntimeError(
      `einsum(): ${terms.length > operands.length ? 'fewer' : 'more'} operands were provided than specified in the equation`,
    );
  let width = 0;
  const inputs = terms.map((term, i) => {
    const labels = split(term);
    const named = labels.filter((l) => l !== '...').length;
    const { ndim } = operands[i];
    const dots = labels.includes('...') ? ndim - named : 0;
    if (dots < 0 || named + dots !== ndim)
      throw new RuntimeError(
        `einsum(): the number of subscripts in the equation (${named}) ${dots < 0 ? 'is more than' : 'does not match'} the number of dimensions (${ndim}) for operand ${i}${labels.includes('...') ? '' : ' and no ellipsis was given'}`,
      );
    width = Math.max(width, dots);
    return labels.flatMap((l) => (l === '...' ? ellipsis(dots) : [l]));
  });
  return { inputs, output: outputLabels(right, inputs, width) };
}

const ellipsis = (n: number): string[] => Array.from({ length: n }, (_, i) => `.${n - 1 - i}`);

function split(term: string): string[] {
  const labels = term.match(/\.\.\.|[A-Za-z]|./g) ?? [];
  for (const label of labels)
    if (label !== '...' && !/^[A-Za-z]$/.test(label))
      throw new RuntimeError(
        `einsum(): invalid subscript given at index ${term.indexOf(label)} in the equation string, subscripts must be in [a-zA-Z]`,
      );
  return labels;
}

function outputLabels(
  right: string | undefined,
  inputs: readonly (readonly string[])[],
  width: number,
): string[] {
  const all = inputs.flat();
  if (right === undefined) {
    // Letters that occur once, in alphabetical order, after the ellipsis.
    const once = all.filter((l) => !l.startsWith('.') && all.filter((x) => x === l).length === 1);
    return [...ellipsis(width), ...once.sort()];
  }
  const labels = split(right).flatMap((l) => (l === '...' ? ellipsis(width) : [l]));
  for (const [i, label] of labels.entries()) {
    if (!label.startsWith('.') && !all.includes(label))
      throw new RuntimeError(
        `einsum(): output subscript ${label} does not appear in the equation for any input operand`,
      );
    if (labels.indexOf(label) !== i)
      throw new RuntimeError(`einsum(): output subscript ${label} appears more than once in the output`);
  }
  return labels;
}

/** One operand with each label once: repeated ones become their diagonal. */
function diagonals(tensor: Tensor, labels: readonly string[]): { tensor: Tensor; labels: string[] } {
  let t = tensor;
  const names = [...labels];
  for (let i = 0; i < names.length; i++) {
    for (let j = names.indexOf(names[i], i + 1); j > i; j = names.indexOf(names[i], i + 1)) {
      if (t.shape[i] !== t.shape[j])
        throw new RuntimeError(
          `einsum(): subscript ${names[i]} is repeated for operand but the sizes don't match, ${t.shape[j]} != ${t.shape[i]}`,
        );
      t = t.diagonal(0, i, j).movedim(-1, i);
      names.splice(j, 1);
    }
  }
  return { tensor: t, labels: names };
}

/** A tensor with exactly these labels, in this order; missing ones have size 1. */
function arrange(t: Tensor, labels: readonly string[], order: readonly string[]): Tensor {
  const present = order.filter((l) => labels.includes(l));
  const moved = t.permute(present.map((l) => labels.indexOf(l)));
  let d = 0;
  return moved.reshape(order.map((l) => (labels.includes(l) ? moved.shape[d++] : 1)));
}

op('einsum(str equation, Tensor[] tensors) -> Tensor', {
  doc: "Sums of products in index notation: `einsum('ij,jk->ik', [a, b])` is a matrix product.",
  composite(equation, tensors) {
    const { inputs, output } = parse(equation, tensors);
    const sizes = new Map<string, number>();
    const terms = tensors.map((t, i) => diagonals(t, inputs[i]));
    for (const [i, term] of terms.entries())
      for (const [d, label] of term.labels.entries()) {
        const size = term.tensor.shape[d];
        const known = sizes.get(label) ?? 1;
        if (known !== 1 && size !== 1 && known !== size)
          throw new RuntimeError(
            `einsum(): subscript ${label} has size ${size} for operand ${i} which does not broadcast with previously seen size ${known}`,
          );
        sizes.set(label, known === 1 ? size : known);
      }
    let acc: Term = terms[0];
    for (let i = 1; i < terms.length; i++) {
      const needed = new Set([...output, ...terms.slice(i + 1).flatMap((t) => t.labels)]);
      acc = contract(acc, terms[i], needed);
    }
    // Sum what is left over, then bring the output's order.
    const extra = acc.labels.map((_, d) => d).filter((d) => !output.includes(acc.labels[d]));
    const summed = extra.length === 0 ? acc.tensor : acc.tensor.sum(extra);
    const labels = acc.labels.filter((l) => output.includes(l));
    const shape = output.map((l) => sizes.get(l)!);
    return arrange(summed, labels, output).expand(shape);
  },
});

interface Term {
  readonly tensor: Tensor;
  readonly labels: readonly string[];
}

/** The product of two terms, summed over the labels they share and nobody else needs. */
function contract(a: Term, b: Term, needed: ReadonlySet<string>): Term {
  const [x, y] = [a, b].map((t, i) => sumAlone(t, i === 0 ? b : a, needed));
  const shared = x.labels.filter((l) => y.labels.includes(l));
  const full = (l: string) => x.tensor.shape[x.labels.indexOf(l)] === y.tensor.shape[y.labels.indexOf(l)];
  const inner = shared.filter((l) => !needed.has(l) && full(l));
  if (inner.length === 0 || shared.some((l) => !full(l))) {
    const labels = [...new Set([...x.labels, ...y.labels])];
    const product = arrange(x.tensor, x.labels, labels).mul(arrange(y.tensor, y.labels, labels));
    const dropped = labels.map((_, d) => d).filter((d) => !needed.has(labels[d]));
    return {
      tensor: dropped.length === 0 ? product : product.sum(dropped),
      labels: labels.filter((l) => needed.has(l)),
    };
  }
  const batch = shared.filter((l) => !inner.includes(l));
  const rows = x.labels.filter((l) => !shared.includes(l));
  const columns = y.labels.filter((l) => !shared.includes(l));
  const sizeOf = (t: Term, labels: readonly string[]) =>
    labels.map((l) => t.tensor.shape[t.labels.indexOf(l)]);
  const count = (list: readonly number[]) => list.reduce((n, s) => n * s, 1);
  const [nb, nr, nc, ni] = [sizeOf(x, batch), sizeOf(x, rows), sizeOf(y, columns), sizeOf(x, inner)];
  const left = arrange(x.tensor, x.labels, [...batch, ...rows, ...inner]);
  const right = arrange(y.tensor, y.labels, [...batch, ...inner, ...columns]);
  const result = left
    .reshape([count(nb), count(nr), count(ni)])
    .bmm(right.reshape([count(nb), count(ni), count(nc)]));
  return { tensor: result.reshape([...nb, ...nr, ...nc]), labels: [...batch, ...rows, ...columns] };
}

/** Sums over what only this term has and nobody needs. */
function sumAlone(term: Term, other: Term, needed: ReadonlySet<string>): Term {
  const keep = (l: string) => needed.has(l) || other.labels.includes(l);
  const dims = term.labels.map((_, d) => d).filter((d) => !keep(term.labels[d]));
  if (dims.length === 0) return term;
  return { tensor: term.tensor.sum(dims), labels: term.labels.filter(keep) };
}
