/** Cases of the recorded operator database, called once for a stack of inputs and once for each. */
import { call } from '../../conformance/call.js';
import { type Case, readVariant, type Step, type Variant } from '../../conformance/corpus.js';
import { Inputs } from '../../conformance/inputs.js';
import { torch } from '../../conformance/library.js';

/** How many inputs are stacked. */
const COUNT = 3;

/** Where the stack lies in each of the inputs; null: the input is the same for all. Integers and masks are stacked by 'indices' alone. */
export const placements: Readonly<Record<string, (position: number) => number | null>> = {
  first: () => 0,
  last: () => -1,
  mixed: (position) => (position === 0 ? 0 : position % 2 === 1 ? null : -1),
  indices: () => 0,
};

export interface Figures {
  compared: number;
  /** Cases whose results are no tensors, or of other sizes for each input. */
  left: number;
  readonly problems: string[];
}

/** The tensors of a result. */
function tensorsIn(value: unknown): torch.Tensor[] {
  if (value instanceof torch.Tensor) return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(tensorsIn);
}

function runCase(record: Case, inputs: Inputs): torch.Tensor[] {
  const step = ({ fn, args, kwargs }: Step): unknown =>
    call(
      fn,
      args.map((a) => inputs.decode(a)),
      inputs.options(kwargs),
      false,
    );
  if (record.fn !== null) return tensorsIn(step(record as Step));
  for (const s of record.steps ?? []) inputs.steps.push(step(s));
  return record.ret === undefined ? [] : tensorsIn(inputs.decode(record.ret));
}

/** The difference, or null. */
function difference(got: torch.Tensor, want: torch.Tensor): string | null {
  if (String(got.shape) !== String(want.shape)) return `sizes ${got.shape}, not ${want.shape}`;
  if (got.dtype !== want.dtype) return `${got.dtype}, not ${want.dtype}`;
  if (want.numel() === 0) return null;
  if (want.dtype.isComplex) return difference(torch.viewAsReal(got), torch.viewAsReal(want));
  if (!want.dtype.isFloatingPoint) return got.equal(want) ? null : 'other integers';
  const [x, y] = [got.detach(), want.detach()];
  // Products of many elements are summed in another order.
  const scale = Math.max(1, torch.where(y.isfinite(), y, 0).abs().max().item());
  if (torch.allclose(x, y, { rtol: 2e-4, atol: 1e-5 * scale, equalNan: true })) return null;
  return `values off by ${x.sub(y).abs().nanToNum().max().item()}`;
}

/** Directions that differ from element to element. */
const cotangentsOf = (outputs: readonly torch.Tensor[]): torch.Tensor[] =>
  outputs.map((y, i) =>
    torch.randn([...y.shape], { dtype: y.dtype, generator: new torch.Generator().manualSeed(i) }),
  );

function gradients(
  outputs: readonly torch.Tensor[],
  inputs: readonly torch.Tensor[],
  cotangents: readonly torch.Tensor[],
): readonly torch.Tensor[] {
  const options = { allowUnused: true, materializeGrads: true, retainGraph: true };
  return torch.autograd.grad(outputs, inputs, cotangents, options) as torch.Tensor[];
}

function compare(variant: Variant, record: Case, placement: string): string | null | undefined {
  const isFloat = (i: number): boolean => record.tensors[i].d === 'float32';
  const inputs = record.tensors.flatMap((d, i) =>
    (d.r === 'in' || d.r === 'const') && (isFloat(i) || placement === 'indices') ? [i] : [],
  );
  if (!inputs.some(isFloat) || (placement === 'indices' && inputs.every(isFloat))) return undefined;
  const recorded = new Inputs(record, variant.store, 'cpu');
  const samples = Array.from({ length: COUNT }, (_, k) =>
    inputs.map((i) =>
      isFloat(i)
        ? recorded
            .tensor(i)
            .detach()
            .mul(1 - k / 16)
        : recorded.tensor(i),
    ),
  );
  const dims = inputs.map((_, n) => placements[placement](n));
  const stacks = inputs.map((i, n) => {
    const dim = dims[n];
    const stack =
      dim === null
        ? samples[0][n].clone()
        : torch.stack(
            samples.map((s) => s[n]),
            dim,
          );
    return record.grad === undefined || !isFloat(i) ? stack : stack.requiresGrad_();
  });
  const body = (...given: torch.Tensor[]): torch.Tensor[] => {
    const values = new Inputs(record, variant.store, 'cpu');
    // Copies, which may be changed in place.
    for (const [n, i] of inputs.entries()) values.replace(i, given[n].clone());
    torch.manualSeed(0);
    return runCase(record, values);
  };
  let each: torch.Tensor[][];
  try {
    each = Array.from({ length: COUNT }, (_, k) =>
      body(...stacks.map((stack, n) => (dims[n] === null ? stack : stack.select(dims[n], k)))),
    );
  } catch {
    // A call that fails for one fails for a stack.
    return undefined;
  }
  const isEven = each.every((r) =>
    r.every((t, j) => String(t.shape) === String(each[0][j].shape) && t.dtype === each[0][j].dtype),
  );
  if (each[0].length === 0 || !isEven) return undefined;
  const want = each[0].map((_, j) => torch.stack(each.map((r) => r[j])));
  const got = torch.func.vmap(body, dims, { randomness: 'same' })(...stacks);
  for (const [j, t] of want.entries()) {
    const problem = difference(got[j], t);
    if (problem !== null) return problem;
  }
  const differentiable = want.flatMap((t, j) => (t.requiresGrad ? [j] : []));
  const leaves = stacks.flatMap((stack, n) => (stack.requiresGrad ? [n] : []));
  if (differentiable.length === 0) return null;
  const pick = <T>(list: readonly T[], places: readonly number[]): T[] => places.map((j) => list[j]);
  const byLeaves = pick(stacks, leaves);
  const cotangents = cotangentsOf(pick(want, differentiable));
  const wanted = gradients(pick(want, differentiable), byLeaves, cotangents);
  const found = gradients(pick(got, differentiable), byLeaves, cotangents);
  for (const [n, g] of wanted.entries()) {
    const problem = difference(found[n], g);
    if (problem !== null) return `gradient ${n}: ${problem}`;
  }
  // The gradients of every example by itself.
  const pulled = torch.func.vmap(
    (directions: torch.Tensor[], ...given: torch.Tensor[]) => {
      const f = (...moved: torch.Tensor[]): torch.Tensor[] => {
        const all = [...given];
        for (const [k, n] of leaves.entries()) all[n] = moved[k];
        return pick(body(...all), differentiable);
      };
      return torch.func.vjp(f, ...pick(given, leaves))[1](directions);
    },
    [cotangents.map(() => 0), ...dims],
    { randomness: 'same' },
  )(cotangents, ...stacks.map((stack) => stack.detach()));
  const alone = each.map((results, k) =>
    gradients(
      pick(results, differentiable),
      byLeaves,
      cotangents.map((c) => c.select(0, k)),
    ),
  );
  for (const [n, leaf] of leaves.entries()) {
    const dim = dims[leaf];
    const rows = alone.map((list, k) => (dim === null ? list[n] : list[n].select(dim, k)));
    const problem = difference(pulled[n], torch.stack(rows));
    if (problem !== null) return `gradient ${n} of every example: ${problem}`;
  }
  return null;
}

/** Compares the cases of a variant with float32 inputs: at most `most` of them, spread over all. */
export function compareVariant(folder: string, stem: string, most: number): Figures {
  const variant = readVariant(folder, stem);
  const cases = variant.cases.filter((c) => c.kind === 'sample' && c.dtype === 'float32' && !c.random);
  const step = Math.max(1, cases.length / most);
  const figures: Figures = { compared: 0, left: 0, problems: [] };
  for (let i = step / 2; i < cases.length; i += step) {
    const record = cases[Math.floor(i)];
    for (const placement of Object.keys(placements)) {
      let problem: string | null | undefined;
      try {
        problem = compare(variant, record, placement);
      } catch (error) {
        problem = String(error);
      }
      if (problem === undefined) figures.left++;
      else figures.compared++;
      if (problem) figures.problems.push(`${record.id}, ${placement}: ${problem}`);
    }
  }
  return figures;
}
