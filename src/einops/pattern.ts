/** The language of patterns: `b (h w) ... 1`. */
import { ValueError } from '../core/errors.js';
import { EinopsError } from './einops_error.js';

/** Stands for any number of dimensions. */
export const ellipsis = '…';

/** The names of axes in equations of `torch.einsum`. */
export const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** An axis whose length the pattern says; each is another axis. */
export class AnonymousAxis {
  constructor(readonly length: number) {}

  toString(): string {
    return `${this.length}-axis`;
  }
}

export type Axis = string | AnonymousAxis;

/** Axes that one dimension is made of, the last one innermost. */
export interface Dimension {
  readonly axes: readonly Axis[];
  /** Whether it stands in parentheses. */
  readonly isComposed: boolean;
}

/** The dimensions of one tensor. */
export interface Expression {
  readonly dimensions: readonly Dimension[];
  readonly axes: ReadonlySet<Axis>;
}

export interface ParseOptions {
  /** Whether `_` stands for a dimension without a name, which may be there more than once. */
  readonly takesUnderscore?: boolean;
  readonly takesDuplicates?: boolean;
}

const isName = (text: string): boolean => /^[\p{L}_][\p{L}\p{N}_]*$/u.test(text);

/** Tells why a text is no name of an axis; null if it is one. */
export function whyNoName(text: string): string | null {
  if (!isName(text)) return 'not a valid python identifier';
  return /^_|_$/.test(text) ? 'axis name should should not start or end with underscore' : null;
}

/** Reads one side of a pattern. @throws EinopsError in einops' words */
export function parseExpression(text: string, options: ParseOptions = {}): Expression {
  const dots = text.split('.').length - 1;
  const ellipses = text.split('...').length - 1;
  if (dots > 0 && ellipses === 0)
    throw new EinopsError('Expression may contain dots only inside ellipsis (...)');
  if (dots > 0 && (ellipses !== 1 || dots !== 3))
    throw new EinopsError(
      'Expression may contain dots only inside ellipsis (...); only one ellipsis for tensor ',
    );
  const dimensions: Dimension[] = [];
  const axes = new Set<Axis>();
  let group: Axis[] | null = null;
  for (const [token] of text.replace('...', ellipsis).matchAll(/[()]|[\p{L}\p{N}_…]+|[^ ]/gu)) {
    if (token === '(') {
      if (group !== null)
        throw new EinopsError('Axis composition is one-level (brackets inside brackets not allowed)');
      group = [];
    } else if (token === ')') {
      if (group === null) throw new EinopsError('Brackets are not balanced');
      dimensions.push({ axes: group, isComposed: true });
      group = null;
    } else {
      if (!/^[\p{L}\p{N}_…]/u.test(token)) throw new EinopsError(`Unknown character '${token}'`);
      const axis = axisOf(token, axes, options);
      if (axis !== null) axes.add(axis);
      if (group === null) dimensions.push({ axes: axis === null ? [] : [axis], isComposed: false });
      else if (axis !== null) group.push(axis);
    }
  }
  if (group !== null) throw new EinopsError(`Imbalanced parentheses in expression: "${text}"`);
  return { dimensions, axes };
}

/** The axis that a word means; null for a length of 1, which needs none. */
function axisOf(word: string, known: ReadonlySet<Axis>, options: ParseOptions): Axis | null {
  if (/^\d+$/.test(word)) {
    const length = Number(word);
    if (length === 1) return null;
    if (length === 0) throw new EinopsError(`Anonymous axis should have positive length, not ${length}`);
    return new AnonymousAxis(length);
  }
  const isUnderscore = word === '_' && options.takesUnderscore === true;
  if (known.has(word) && !isUnderscore && options.takesDuplicates !== true)
    throw new EinopsError(`Indexing expression contains duplicate dimension "${word}"`);
  const why = word === ellipsis || isUnderscore ? null : whyNoName(word);
  if (why !== null) throw new EinopsError(`Invalid axis identifier: ${word}\n${why}`);
  return word;
}

/** The two sides of `left -> right`. @throws ValueError unless there are two */
export function sidesOf(pattern: string): [left: string, right: string] {
  const sides = pattern.split('->');
  if (sides.length !== 2)
    throw new ValueError(
      `a pattern has two sides with one '->' between them, as 'h w -> w h'; got '${pattern}'`,
    );
  return [sides[0], sides[1]];
}

/** Axes as Python prints a set of names. */
export function formatAxes(axes: Iterable<Axis>): string {
  const shown = [...axes].map((axis) => (typeof axis === 'string' ? `'${axis}'` : String(axis)));
  return `{${shown.join(', ')}}`;
}
