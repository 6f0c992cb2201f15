/** A distribution: its attributes, samples, probabilities and their gradients; divergences of two. */
import type { Json } from '../corpus.js';
import { torch } from '../library.js';
import { argumentsFor, type Constructor, type Subject, type Way } from './construct.js';
import type { DistributionRecord, GradientOf, KlRecord } from './corpus.js';
import { compareText, entry, firstProblem, type Values } from './values.js';

/** A distribution as PyTorch's users expect it. */
interface AnyDistribution {
  readonly batchShape: readonly number[];
  readonly eventShape: readonly number[];
  readonly hasRsample: boolean;
  readonly hasEnumerateSupport: boolean;
  readonly support: { check(value: torch.Tensor): torch.Tensor };
  readonly mean: torch.Tensor;
  readonly mode: torch.Tensor;
  readonly variance: torch.Tensor;
  readonly stddev: torch.Tensor;
  entropy(): torch.Tensor;
  perplexity(): torch.Tensor;
  sample(shape: readonly number[]): torch.Tensor;
  rsample(shape: readonly number[]): torch.Tensor;
  logProb(value: torch.Tensor): torch.Tensor;
  cdf(value: torch.Tensor): torch.Tensor;
  icdf(value: torch.Tensor): torch.Tensor;
  enumerateSupport(): torch.Tensor;
  expand(shape: readonly number[]): AnyDistribution;
}

function make({ record, Class, signature }: Subject<DistributionRecord>, way: Way, values: Values) {
  return new Class(...argumentsFor(way, signature, record, values)) as unknown as AnyDistribution;
}

export async function checkMadeDistribution(
  subject: Subject<DistributionRecord>,
  way: Way,
): Promise<string | null> {
  const { record } = subject;
  const d = make(subject, way, subject.values());
  return (
    compareText(String(d), record.repr, 'repr') ??
    compareText(String(d.batchShape), String(record.batch_shape), 'batchShape') ??
    compareText(String(d.eventShape), String(record.event_shape), 'eventShape') ??
    compareText(String(d.hasRsample), String(record.has_rsample), 'hasRsample') ??
    compareText(String(d.hasEnumerateSupport), String(record.has_enumerate_support), 'hasEnumerateSupport') ??
    compareText(withoutGraph(String(d.support)), withoutGraph(record.support), 'support')
  );
}

/** Bounds that are tensors print their place in a graph, which depends on what was asked of the distribution before. */
function withoutGraph(text: string): string {
  return text.replace(/, (requires_grad=True|grad_fn=<\w+>)/g, '');
}

export async function checkDistribution(subject: Subject<DistributionRecord>): Promise<string | null> {
  const { record } = subject;
  const values = subject.values();
  const d = make(subject, 'as given', values);
  const value = values.decode(record.value) as torch.Tensor;
  const asked: [name: string, expected: Json | undefined, ask: () => torch.Tensor][] = [
    ['mean', record.mean, () => d.mean],
    ['mode', record.mode, () => d.mode],
    ['variance', record.variance, () => d.variance],
    ['stddev', record.stddev, () => d.stddev],
    ['entropy()', record.entropy, () => d.entropy()],
    ['perplexity()', record.perplexity, () => d.perplexity()],
    ['sample()', record.sample, () => seeded(record.sample_seed, () => d.sample([3]))],
    ['logProb()', record.log_prob, () => d.logProb(value)],
    ['cdf()', record.cdf, () => d.cdf(value)],
    ['icdf()', record.icdf, () => d.icdf(values.decode(record.u) as torch.Tensor)],
    ['enumerateSupport()', record.enumerate_support, () => d.enumerateSupport()],
    ['support.check()', record.support_check, () => d.support.check(value)],
    ['expand().logProb()', record.expanded_log_prob, () => expandedLogProb(d, value)],
  ];
  return (
    (await firstProblem(asked, ([name, expected, ask]) =>
      expected === undefined ? null : checkAnswer(values, name, expected, ask),
    )) ??
    (await checkLogProbGradient(subject)) ??
    (await checkRsample(subject))
  );
}

function seeded(seed: number, body: () => torch.Tensor): torch.Tensor {
  torch.manualSeed(seed);
  return body();
}

/** The first sample repeated, in a distribution of two such batches. */
function expandedLogProb(d: AnyDistribution, value: torch.Tensor): torch.Tensor {
  const [first] = value.unbind();
  return d.expand([2, ...d.batchShape]).logProb(first.expand([2, ...first.shape]));
}

/** Compares a value with the recorded one, or the error with the one that is to be raised. */
async function checkAnswer(
  values: Values,
  what: string,
  expected: Json,
  ask: () => unknown,
): Promise<string | null> {
  const error = entry(expected, 'raises');
  if (error === null) return values.compareTree(ask(), expected, what);
  try {
    ask();
  } catch (thrown) {
    const { name, message } = thrown as Error;
    return name === error ? null : `${what}: ${name} '${message}' instead of ${String(error)}`;
  }
  return `${what}: no error instead of ${String(error)}`;
}

async function checkLogProbGradient(subject: Subject<DistributionRecord>): Promise<string | null> {
  const { record } = subject;
  if (record.log_prob_grad === undefined) return null;
  const values = subject.values();
  const d = make(subject, 'as given', values);
  const result = d.logProb(values.decode(record.value) as torch.Tensor);
  return checkGradient(values, result, record.log_prob_grad, 'logProb()');
}

async function checkRsample(subject: Subject<DistributionRecord>): Promise<string | null> {
  const { rsample } = subject.record;
  if (rsample === undefined) return null;
  const values = subject.values();
  const d = make(subject, 'as given', values);
  const result = seeded(rsample.seed, () => d.rsample([2]));
  return (
    (await values.compare(result, rsample.out, 'rsample()')) ??
    checkGradient(values, result, rsample, 'rsample()')
  );
}

function checkGradient(
  values: Values,
  result: torch.Tensor,
  { cot, grads }: GradientOf,
  what: string,
): Promise<string | null> {
  const inputs = grads.map(([input]) => values.tensor(input));
  const gradients = torch.autograd.grad([result], inputs, [values.tensor(cot)], { allowUnused: true });
  return firstProblem(grads, async ([input, position], i) => {
    const gradient = gradients[i];
    const name = `the gradient of ${what} by input ${input}`;
    if (position === null) return (await gradient?.any().itemAsync()) ? `${name} is not zero` : null;
    return values.compare(gradient ?? inputs[i].detach().zerosLike(), position, name);
  });
}

export async function checkKl({ record, values: made, find }: Subject<KlRecord>): Promise<string | null> {
  const values = made();
  const [p, q] = [record.p, record.q].map(
    ([name, args]) =>
      new (find(`torch.distributions.${name}`) as Constructor)(...args.map((arg) => values.decode(arg))),
  );
  const divergence = find('torch.distributions.kl_divergence') as (p: object, q: object) => unknown;
  return values.compareTree(divergence(p, q), record.out, 'klDivergence()');
}
