/** Values and errors of torchmetrics 1.9 (golden/torchmetrics_cases.py). */
import * as torch from 'flambeau';
import * as metrics from 'flambeau/metrics';
import { describe, expect, it } from 'vitest';
import { golden } from './support/golden.js';

interface Value {
  shape: number[];
  values: (number | null)[];
}
type Recorded = [value: Value, dtype: 'float32' | 'int64'];
type Given = Record<string, unknown>;
interface Case {
  name: string;
  given: Given;
  data: string;
  batches: Value[];
  whole: Value;
  functional: Value | null;
}
const recorded = golden<{
  data: Record<string, [Recorded, Recorded][]>;
  cases: Case[];
  errors: { name: string; given: Given; batch: Recorded[] | null; error: [name: string, message: string] }[];
  aggregates: { name: string; batches: Value[]; whole: Value }[];
}>('metrics');

const camel = (name: string) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
const named = (given: Given) =>
  Object.fromEntries(Object.entries(given).map(([name, x]) => [camel(name), x]));
const tensorOf = ([{ shape, values }, dtype]: Recorded): torch.Tensor =>
  torch
    .tensor(
      values.map((x) => x ?? Number.NaN),
      { dtype: torch[dtype] },
    )
    .reshape(shape);
const data = Object.fromEntries(
  Object.entries(recorded.data).map(([name, pairs]) => [name, pairs.map((pair) => pair.map(tensorOf))]),
);

type AnyMetric = metrics.Metric & { update(...args: unknown[]): void; compute(): torch.Tensor };
const classes = metrics as unknown as Record<string, new (given: Given) => AnyMetric>;
const functions = metrics.functional as unknown as Record<string, (...args: unknown[]) => torch.Tensor>;
const make = (name: string, given: Given): AnyMetric => new classes[name](named(given));

function expectValue(found: unknown, { shape, values }: Value): void {
  const tensor = found as torch.Tensor;
  expect(tensor.shape).toEqual(shape);
  for (const [i, value] of (tensor.reshape([-1]).tolist() as number[]).entries())
    if (values[i] === null) expect(value).toBeNaN();
    else expect(value).toBeCloseTo(values[i] as number, 5);
}

describe('Values of batches and of all together are those of torchmetrics:', () => {
  it.each(
    recorded.cases.map((one) => [`${one.name}(${JSON.stringify(one.given)}) of ${one.data}`, one] as const),
  )('%s', (_, { name, given, data: key, batches, whole, functional }) => {
    const metric = make(name, given);
    for (const [i, pair] of data[key].entries()) expectValue(metric.forward(...pair), batches[i]);
    expectValue(metric.compute(), whole);
    if (functional === null) return;
    const fn = functions[name[0].toLowerCase() + name.slice(1).replace('AUROC', 'Auroc')] ?? functions.auroc;
    expectValue(fn(...data[key][0], named(given)), functional);
  });
});

describe('Aggregates are those of torchmetrics', () => {
  const nan = torch.tensor([1, Number.NaN]);
  const inputs = [
    [{}, [2.5, torch.tensor([1, 4]).float()]],
    [{ nanStrategy: 'ignore' }, [nan, 3]],
    [{ nanStrategy: 7.5 }, [nan]],
  ] as const;

  it('for numbers, tensors and what is no number', () => {
    let i = 0;
    for (const name of ['MeanMetric', 'SumMetric', 'MaxMetric', 'MinMetric'])
      for (const [given, batches] of inputs) {
        const expected = recorded.aggregates[i++];
        expect(expected.name).toBe(name);
        const metric = new classes[name](given);
        for (const [k, batch] of batches.entries()) expectValue(metric.forward(batch), expected.batches[k]);
        expectValue(metric.compute(), expected.whole);
      }
  });

  it('with weights', () => {
    const mean = new metrics.MeanMetric();
    mean.update(torch.tensor([1, 3]), torch.tensor([1, 3]));
    mean.update(5, { weight: 0.5 });
    expectValue(mean.compute(), recorded.aggregates.at(-1)!.whole);
  });
});

describe('Wrong settings and inputs are refused in the words of torchmetrics:', () => {
  it.each(recorded.errors.map((one) => [`${one.name}(${JSON.stringify(one.given)})`, one] as const))(
    '%s',
    (_, { name, given, batch, error }) => {
      const attempt = () => {
        const metric = make(name, given);
        if (batch !== null) metric.forward(...batch.map(tensorOf));
      };
      let found: Error | null = null;
      try {
        attempt();
      } catch (thrown) {
        found = thrown as Error;
      }
      expect([found?.name, found?.message]).toEqual(error);
    },
  );
});

describe('A metric', () => {
  const [first, second] = data.scores;

  it('forgets everything when it is reset', () => {
    const metric = new metrics.MulticlassAccuracy(4);
    metric.update(first[0], first[1]);
    metric.update(second[0], { target: second[1] });
    expect([metric.updateCount, metric.updateCalled]).toEqual([2, true]);
    metric.reset();
    expect(metric.updateCount).toBe(0);
    metric.update(first[0], first[1]);
    expect(metric.compute().item()).toBe(
      new metrics.MulticlassAccuracy(4).forward(first[0], first[1]).item(),
    );
  });

  it('computes once for the same batches', () => {
    const metric = new metrics.MulticlassAccuracy(4);
    metric.update(first[0], first[1]);
    expect(metric.compute()).toBe(metric.compute());
  });

  it.each([
    ['of counts', () => new metrics.MulticlassF1Score(4)],
    ['of lists', () => new metrics.MulticlassAUROC(4)],
    ['of a table', () => new metrics.MulticlassConfusionMatrix(4)],
  ])('%s goes on by itself when it is cloned', (_, create) => {
    const metric = create();
    metric.update(first[0], first[1]);
    const copy = metric.clone();
    copy.update(second[0], second[1]);
    const both = create();
    both.update(first[0], first[1]);
    const alone = both.compute().tolist();
    both.update(second[0], second[1]);
    expect(metric.compute().tolist()).toEqual(alone);
    expect(copy.compute().tolist()).toEqual(both.compute().tolist());
    expect(copy.updateCount).toBe(2);
  });

  it('of one’s own needs states, update and compute alone', () => {
    class Span extends metrics.Metric {
      constructor() {
        super();
        this.addState('low', torch.tensor(Infinity), 'min');
        this.addState('high', { default: torch.tensor(-Infinity), distReduceFx: 'max' });
      }

      override update(values: torch.Tensor): void {
        this.setState('low', torch.minimum(this.state('low'), values.min()));
        this.setState('high', torch.maximum(this.state('high'), values.max()));
      }

      override compute(): torch.Tensor {
        return this.state('high').sub(this.state('low'));
      }
    }
    const span = new Span();
    expect((span.forward(torch.tensor([1, 4]).float()) as torch.Tensor).item()).toBe(3);
    expect((span.forward(torch.tensor([5, 6]).float()) as torch.Tensor).item()).toBe(1);
    expect(span.compute().item()).toBe(5);
  });
});

describe('A collection', () => {
  const [first, second] = data.scores;
  const accuracy = () => new metrics.MulticlassAccuracy(4);

  it('names values by classes, or as it is told, with what stands before and behind', () => {
    const list = new metrics.MetricCollection([accuracy(), new metrics.MulticlassRecall(4)], {
      prefix: 'val/',
    });
    expect(Object.keys(list.forward(first[0], first[1]))).toEqual([
      'val/MulticlassAccuracy',
      'val/MulticlassRecall',
    ]);
    const dict = new metrics.MetricCollection({ b: accuracy(), a: accuracy() }, { postfix: '!' });
    expect(dict.keys()).toEqual(['a!', 'b!']);
    const nested = new metrics.MetricCollection({ train: dict, x: accuracy() });
    expect(nested.keys()).toEqual(['train_a!', 'train_b!', 'x']);
  });

  it('updates, computes and resets its metrics together', () => {
    const all = new metrics.MetricCollection(accuracy(), new metrics.MulticlassRecall(4));
    const copy = all.clone({ prefix: 'c_' });
    all.update(first[0], first[1]);
    all.update(second[0], second[1]);
    const single = accuracy();
    single.update(first[0], first[1]);
    single.update(second[0], second[1]);
    expect(all.compute().MulticlassAccuracy.item()).toBe(single.compute().item());
    expect(copy.get('c_MulticlassAccuracy').updateCount).toBe(0);
    all.reset();
    expect(all.values().map((metric) => metric.updateCount)).toEqual([0, 0]);
  });

  it('refuses two of one name, and what is no metric', () => {
    expect(() => new metrics.MetricCollection([accuracy(), accuracy()])).toThrow(
      'Encountered two metrics both named MulticlassAccuracy',
    );
    expect(() => new metrics.MetricCollection([1 as never])).toThrow(/is not a instance of/);
  });
});
