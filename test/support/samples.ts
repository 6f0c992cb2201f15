/**
 * Arguments for every differentiable row, made from its schema: what a parameter's type and name say, and the table of hints
 * (`sample_hints.ts`) where they do not say enough. Every alternative of every parameter occurs once.
 */

import { dispatch } from '../../src/dispatch/dispatch.js';
import type { Op } from '../../src/dispatch/op.js';
import { PointwiseOp } from '../../src/dispatch/pointwise_op.js';
import { refuseComplex } from '../../src/dispatch/real_only.js';
import type { PointwiseRow } from '../../src/dispatch/row.js';
import type { Parameter } from '../../src/dispatch/schema.js';
import * as torch from '../../src/index.js';
import { domains, hints } from './sample_hints.js';
import { mask, Positive, Values, values } from './sample_kinds.js';

export interface Sample {
  readonly label: string;
  /** One per parameter; what is to be differentiated requires grad. */
  readonly args: readonly unknown[];
}

/** The row takes floating-point numbers and returns them. */
export function isSampled(op: Op): boolean {
  if (!(op instanceof PointwiseOp)) return true;
  const only = (op.row as PointwiseRow).only;
  return only === undefined || only[1].includes('f');
}

export function samplesOf(op: Op): Sample[] {
  const { parameters, name, overload } = op.schema;
  // An in-place form takes what the op takes.
  const plain = name.replace(/(?<=\w)_$/, '');
  const keys = [`${op.row.module}.${plain}`, `${plain}.${overload}`, plain];
  const table = keys.map((key) => hints[key]).find((t) => t !== undefined) ?? {};
  const domain = domains[plain] ?? [0.1, 2];
  const choices = parameters.map((p, i) => table[p.name] ?? alternatives(op, p, i));
  const first = choices.map((list) => list[0]);
  const labels = [''];
  const picked = [first];
  for (const [i, list] of choices.entries())
    for (const other of list.slice(1)) {
      labels.push(` with another ${parameters[i].name}`);
      picked.push(first.map((choice, k) => (k === i ? other : choice)));
    }
  return picked.map((list, k) => ({
    label: `${name}${overload === '' ? '' : `.${overload}`}${labels[k]}`,
    args: list.map((choice, i) => made(choice, domain, i)),
  }));
}

/** The sample with a complex tensor in place of each that is to be differentiated; null for a row without complex form. */
export function complexSample(op: Op, { label, args }: Sample): Sample | null {
  const isReal = (a: unknown): a is torch.Tensor =>
    a instanceof torch.Tensor && a.requiresGrad && a.isFloatingPoint();
  const complex = (a: unknown, seed: number): unknown => {
    if (Array.isArray(a)) return a.map((item, k) => complex(item, seed + k));
    if (!isReal(a)) return a;
    const imaginary = torch.noGrad(() =>
      a
        .detach()
        .sin()
        .mul(seed % 2 === 0 ? 0.7 : -0.45),
    );
    return torch.complex(a.detach(), imaginary).requiresGrad_();
  };
  const sample = { label: `complex ${label}`, args: args.map(complex) };
  try {
    if (op.row.realOnly !== undefined) refuseComplex(op.row.realOnly, sample.args);
    torch.noGrad(() =>
      dispatch(
        op,
        sample.args.map((a) => (a instanceof torch.Tensor ? a.detach().clone() : a)),
      ),
    );
  } catch (error) {
    if (/complex|Complex/.test((error as Error).message)) return null;
    throw error;
  }
  return sample;
}

/** Values that a parameter's type and name stand for; the first is part of every sample. */
function alternatives(op: Op, p: Parameter, position: number): readonly unknown[] {
  const rest = p.optional ? [p.default] : [];
  switch (p.type) {
    case 'Tensor':
      if (p.name === 'mask' || p.name === 'condition') return [mask];
      // Operands of pointwise ops broadcast.
      if (op instanceof PointwiseOp && position > 0) return [values(2, 3), values(3), values(2, 1)];
      return p.nullable ? [values(2, 3), null] : [values(2, 3)];
    case 'Tensor|Scalar':
      return [values(2, 3), 0.7, ...(p.nullable ? [null] : [])];
    case 'Tensor[]':
      return [[values(2, 3), values(2, 3)]];
    case 'bool':
      return [false, true];
    case 'int':
      if (/^dim(\d?|ension)$/.test(p.name)) return [0, -1];
      return p.optional ? rest : [1];
    case 'str':
      return p.name === 'reduction' ? ['mean', 'none', 'sum'] : rest;
    case 'int[]':
      if (p.name !== 'dim') return p.optional ? rest : [[]];
      return [[1], [0, 1], ...(p.nullable ? [null] : [])];
    case 'ScalarType':
      return p.nullable ? [null] : [torch.float64];
    case 'Device':
      return [torch.device('cpu')];
    default:
      return p.optional ? rest : [p.nullable ? null : 0.7];
  }
}

function made(choice: unknown, domain: readonly [number, number], position: number): unknown {
  if (choice instanceof Positive) {
    const root = numbers(choice, domain, position).detach();
    const identity = torch.eye(root.shape.at(-1)!, { dtype: root.dtype });
    return root.matmul(root.mT).add(identity).requiresGrad_();
  }
  if (choice instanceof Values) return numbers(choice, domain, position);
  if (Array.isArray(choice)) return choice.map((item, k) => made(item, domain, position + k));
  return choice;
}

/** Distinct numbers in a domain, away from kinks at integers and halves, in no order. */
function numbers(
  { shape, isComplex }: Values,
  [centre, width]: readonly [number, number],
  seed: number,
): torch.Tensor {
  const sizes = isComplex ? [...shape, 2] : shape;
  const count = sizes.reduce((a, b) => a * b, 1);
  const list = Array.from({ length: count }, (_, k) => {
    const u = Math.sin(12.9898 * (k + 1) + 4.1414 * seed + 1.3);
    const x = centre + width * 0.93 * u;
    const kink = Math.round(2 * x) / 2;
    return Math.abs(x - kink) < 0.03 ? kink + (x < kink ? -0.04 : 0.04) - 0.001 * k : x;
  });
  const t = torch.tensor(list, { dtype: torch.float64 }).reshape(sizes);
  return (isComplex ? torch.viewAsComplex(t) : t).requiresGrad_();
}
