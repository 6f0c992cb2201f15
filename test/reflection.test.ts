import * as torch from 'flambeau';
import { describe, expect, it } from 'vitest';

/** The library's own errors: what is thrown must be one of them, and none of JavaScript's. */
const errors = new Set<unknown>([
  torch.AssertionError,
  torch.AttributeError,
  torch.IndexError,
  torch.KeyError,
  torch.NotImplementedError,
  torch.OutOfMemoryError,
  torch.RuntimeError,
  torch.TypeError,
  torch.ValueError,
]);

type Class = new (...args: unknown[]) => object;

const isClass = (value: unknown): value is Class =>
  typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));

function classesOf(namespace: object): [name: string, made: Class][] {
  return Object.entries(namespace).filter((entry): entry is [string, Class] => isClass(entry[1]));
}

/** What a call throws; null if it returns. */
function thrownBy(call: () => unknown): Error | null {
  try {
    const result = call();
    // What is refused later is refused.
    if (result instanceof Promise) result.catch(() => {});
    return null;
  } catch (error) {
    return error as Error;
  }
}

function expectRefusal(call: () => unknown, what: string): void {
  const error = thrownBy(call);
  expect(error, `${what} is silent`).not.toBeNull();
  expect(errors.has(error!.constructor), `${what} throws ${error!.constructor.name}: ${error!.message}`).toBe(
    true,
  );
}

const namespaces = {
  nn: torch.nn,
  optim: torch.optim,
  'optim.lrScheduler': torch.optim.lrScheduler,
  'utils.data': torch.utils.data,
  transforms: torch.transforms,
};

/** Those that cannot tell: what they are given by name is theirs, or any arguments are. */
const takesAnything = new Set([
  'nn.Identity',
  'nn.Sequential',
  'nn.ModuleDict',
  'nn.ParameterDict',
  'utils.data.SequentialSampler',
]);

/** Bases that users extend: their constructors take what a subclass hands on. */
const bases = new Set(['utils.data.Dataset', 'utils.data.IterableDataset', 'utils.data.Sampler']);

describe.each(Object.entries(namespaces))('every class of %s', (space, namespace) => {
  const classes = classesOf(namespace).filter(([name]) => !bases.has(`${space}.${name}`));

  it.each(classes.filter(([name]) => !takesAnything.has(`${space}.${name}`)))(
    '%s refuses a name that there is not',
    (name, made) => {
      expectRefusal(() => new made({ noSuchName: 1 }), `new ${name}({ noSuchName: 1 })`);
    },
  );
});

describe('every method', () => {
  const x = () => torch.ones(2, 3);
  const net = () => new torch.nn.Linear(3, 2);
  const optimizer = () => new torch.optim.SGD(net().parameters(), { lr: 0.1 });
  const instances: Record<string, () => object> = {
    Tensor: x,
    Module: net,
    Optimizer: optimizer,
    LRScheduler: () => new torch.optim.lrScheduler.StepLR(optimizer(), 2),
    ReduceLROnPlateau: () => new torch.optim.lrScheduler.ReduceLROnPlateau(optimizer()),
  };

  /** JavaScript's own protocols, and what subclasses define. */
  const own = new Set([
    'constructor',
    'toString',
    'toJSON',
    'extraRepr',
    'valueOf',
    'getLr',
    'resetParameters',
  ]);

  /** What the library and subclasses call; declarations keep it from others. */
  const inner = new Set([
    'relayout',
    'stateKey',
    'ownModules',
    'ownParameters',
    'upgradeStateDict',
    'assignParameter',
    'childLines',
    'update',
    'closedFormLr',
    'start',
    'initialStep',
    'currentLrs',
    'updateLr',
    'assign',
  ]);

  /** A scheduler's state dict may hold anything, as in Python. */
  const takesDicts = new Set(['LRScheduler.loadStateDict', 'ReduceLROnPlateau.loadStateDict']);

  /** Public methods: those that declarations leave out take what the library gives them. */
  function methodsOf(object: object): string[] {
    const names = new Set<string>();
    for (
      let p = Object.getPrototypeOf(object) as object;
      p !== null && p !== Object.prototype;
      p = Object.getPrototypeOf(p)
    )
      for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(p)))
        if (typeof value === 'function' && !/^_/.test(name) && !own.has(name) && !inner.has(name))
          names.add(name);
    return [...names];
  }

  it.each(
    Object.entries(instances).flatMap(([owner, make]) =>
      methodsOf(make())
        .filter((name) => !takesDicts.has(`${owner}.${name}`))
        .map((name) => [owner, name] as const),
    ),
  )('%s.%s refuses a name that there is not', async (owner, name) => {
    const instance = instances[owner]() as Record<string, (...args: unknown[]) => unknown>;
    const call = () => instance[name]({ noSuchName: 1 });
    if (name.endsWith('Async') || name === 'ready')
      await expect((async () => call())()).rejects.toThrow(Error);
    else expectRefusal(call, `${name}({ noSuchName: 1 })`);
  });
});
