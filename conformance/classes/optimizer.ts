/** An optimizer: how it prints, what it makes of parameters step by step, its state, and that it can be taken up again. */
import { torch } from '../library.js';
import { argumentsFor, type Subject, type Way } from './construct.js';
import type { OptimizerRecord } from './corpus.js';
import { compareText, firstProblem, type Values } from './values.js';

/** The part of an optimizer that the runner uses. */
interface AnyOptimizer {
  step(): unknown;
  step(closure: () => torch.Tensor): torch.Tensor;
  zeroGrad(): void;
  stateDict(): StateDict;
  loadStateDict(state: StateDict): void;
}

interface StateDict {
  readonly state: ReadonlyMap<number, Readonly<Record<string, unknown>>>;
  readonly param_groups: readonly Readonly<Record<string, unknown>>[];
}

/** An optimizer with what it optimizes. */
class Run {
  private constructor(
    private readonly record: OptimizerRecord,
    private readonly values: Values,
    readonly parameters: readonly torch.nn.Parameter[],
    readonly optimizer: AnyOptimizer,
  ) {}

  /** @param parameters what it begins with */
  static start(
    { record, Class, signature }: Subject<OptimizerRecord>,
    way: Way,
    values: Values,
    start: readonly torch.Tensor[],
  ): Run {
    const parameters = start.map((tensor) => new torch.nn.Parameter(tensor.detach().clone()));
    const groups = record.groups?.map(({ params, ...options }) => ({
      ...values.options(options),
      params: params.map((i) => parameters[i]),
    }));
    const given = { args: [], kwargs: record.kwargs };
    const args = argumentsFor(way, signature, given, values, [groups ?? parameters]);
    return new Run(record, values, parameters, new Class(...args) as unknown as AnyOptimizer);
  }

  /** One step, and what differs after it. */
  async step(s: number): Promise<string | null> {
    const { record, values, parameters, optimizer } = this;
    let problem: string | null = null;
    if (record.closure !== undefined) {
      const matrices = record.closure.quadratic.map((i) => values.tensor(i));
      const loss = optimizer.step(() => {
        optimizer.zeroGrad();
        const losses = parameters.map((p, i) => quadratic(p, matrices[i]));
        const sum = losses.reduce((total, one) => total.add(one));
        sum.backward();
        return sum;
      });
      problem = await values.compareTree(loss.detach(), record.losses[s], `the loss of step ${s}`);
    } else {
      for (const [i, position] of record.grads[s].entries())
        parameters[i].grad = position === null ? null : this.gradient(position);
      optimizer.step();
    }
    return (
      problem ??
      firstProblem(record.after[s], (position, i) =>
        values.compare(parameters[i], position, `parameter ${i} after step ${s}`),
      )
    );
  }

  private gradient(position: number): torch.Tensor {
    const dense = this.values.tensor(position);
    if (!this.record.sparse_grads) return dense;
    return (dense as torch.Tensor & { toSparse(): torch.Tensor }).toSparse();
  }
}

/** ½ xᵀ A x + Σ x, with two views: gradients are added in the order of their uses. */
function quadratic(parameter: torch.Tensor, matrix: torch.Tensor): torch.Tensor {
  const x = () => parameter.reshape([-1]);
  return x().mul(0.5).matmul(matrix).matmul(x()).add(parameter.sum());
}

export async function checkMadeOptimizer(
  subject: Subject<OptimizerRecord>,
  way: Way,
): Promise<string | null> {
  const values = subject.values();
  const { optimizer } = Run.start(subject, way, values, startOf(subject, values));
  return compareText(String(optimizer), subject.record.repr, 'repr');
}

const startOf = ({ record }: Subject<OptimizerRecord>, values: Values) =>
  record.params.map((i) => values.tensor(i));

/** All steps by one optimizer. */
export async function checkSteps(subject: Subject<OptimizerRecord>): Promise<string | null> {
  const values = subject.values();
  const run = Run.start(subject, 'as given', values, startOf(subject, values));
  const problem = await firstProblem(new Array(subject.record.steps).keys(), (s) => run.step(s));
  return problem ?? compareState(values, run.optimizer.stateDict(), subject.record);
}

/** The second half of the steps by another optimizer, which has the state dict of the first. */
export async function checkResumedSteps(subject: Subject<OptimizerRecord>): Promise<string | null> {
  const { steps } = subject.record;
  const half = Math.floor(steps / 2);
  const values = subject.values();
  const first = Run.start(subject, 'by name', values, startOf(subject, values));
  const indices = [...new Array(steps).keys()];
  const problem = await firstProblem(indices.slice(0, half), (s) => first.step(s));
  if (problem !== null) return problem;
  const second = Run.start(subject, 'by position', values, first.parameters);
  second.optimizer.loadStateDict(first.optimizer.stateDict());
  return (
    (await firstProblem(indices.slice(half), (s) => second.step(s))) ??
    (await compareState(values, second.optimizer.stateDict(), subject.record))
  );
}

async function compareState(
  values: Values,
  { state, param_groups }: StateDict,
  { state: expected, param_groups: groups }: OptimizerRecord,
): Promise<string | null> {
  const sorted = (names: Iterable<unknown>) => [...names].map(String).sort().join();
  return (
    compareText(sorted(state.keys()), sorted(Object.keys(expected)), 'the list of state') ??
    (await firstProblem(Object.entries(expected), ([number, kept]) => {
      const found = state.get(Number(number))!;
      const what = `the state of parameter ${number}`;
      return (
        compareText(sorted(Object.keys(found)), sorted(Object.keys(kept)), what) ??
        firstProblem(Object.entries(kept), ([name, value]) =>
          values.compareTree(found[name], value, `${what}: ${name}`),
        )
      );
    })) ??
    firstProblem(groups, (group, i) => {
      const what = `group ${i} of the state dict`;
      return (
        compareText(sorted(Object.keys(param_groups[i])), sorted(Object.keys(group)), what) ??
        firstProblem(Object.entries(group), ([name, value]) =>
          values.compareTree(param_groups[i][name], value, `${what}: ${name}`),
        )
      );
    })
  );
}
