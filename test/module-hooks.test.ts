import * as torch from 'flambeau';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const { nn } = torch;
const { module: everyModule } = nn.modules;

const warnings: string[] = [];
beforeEach(() => {
  warnings.length = 0;
  vi.spyOn(console, 'warn').mockImplementation((text: string) => void warnings.push(text));
});
afterEach(() => vi.restoreAllMocks());

class Scaled extends nn.Module {
  lin = new nn.Linear(1, 1);
  settings = { v: 3 };
  override forward(x: torch.Tensor, { scale = 1 }: { scale?: number } = {}) {
    return this.lin.forward(x).mul(scale);
  }
  override getExtraState() {
    return { ...this.settings };
  }
  override setExtraState(state: { v: number }) {
    this.settings = state;
  }
}

describe('Hooks of a module', () => {
  it('see arguments by name where they want them', () => {
    const net = new Scaled();
    const x = torch.ones(2, 1);
    const plain = net.forward(x, { scale: 2 });
    const log: unknown[] = [];
    net.registerForwardPreHook(
      (_, args, kwargs) => {
        log.push([args.length, kwargs]);
        return [args, { scale: 3 }];
      },
      { withKwargs: true },
    );
    net.registerForwardHook(
      (_, args, kwargs, output) => {
        log.push([args.length, kwargs]);
        return output.mul(2);
      },
      { withKwargs: true },
    );
    expect(net.forward(x, { scale: 2 }).tolist()).toEqual(plain.mul(3).tolist());
    expect(log).toEqual([
      [1, { scale: 2 }],
      [1, { scale: 3 }],
    ]);
    net.registerForwardPreHook(() => 3, { withKwargs: true, prepend: true });
    expect(() => net.forward(x)).toThrow(
      'forward pre-hook must return None or a tuple of (new_args, new_kwargs), but got 3.',
    );
  });

  it('are called although forward fails, if they ask for it', () => {
    const net = new nn.Linear(1, 1);
    const log: unknown[] = [];
    net.registerForwardHook((_m, _a, output) => void log.push(['always', output]), { alwaysCall: true });
    net.registerForwardHook(() => void log.push('never'));
    net.registerForwardHook(
      () => {
        throw new Error('hook');
      },
      { alwaysCall: true },
    );
    expect(() => net.forward(torch.ones(3))).toThrow('mat1 and mat2 shapes cannot be multiplied');
    expect(log).toEqual([['always', null]]);
    expect(warnings).toEqual([
      'UserWarning: module forward hook with `alwaysCall: true` raised an exception that was silenced as another error was raised in forward: hook',
    ]);
  });

  it('warn where backward hooks cannot do what they are for', () => {
    class Named extends nn.Module {
      override forward(x: torch.Tensor) {
        return { x };
      }
    }
    const named = new Named();
    named.registerFullBackwardHook(() => {});
    named.forward(torch.ones(1, { requiresGrad: true }));
    expect(warnings[0]).toContain(
      "module output should be a Tensor or a tuple of Tensors but received <class 'dict'>",
    );
    const net = new nn.Linear(1, 1);
    net.registerFullBackwardHook(() => {});
    net.forward(torch.ones(1)).sum().backward();
    expect(warnings[1]).toContain('Full backward hook is firing when gradients are computed');
  });
});

describe('Hooks of all modules', () => {
  it('come before the own ones of each, and go without a trace', () => {
    const net = new nn.Sequential(new nn.Linear(2, 2), new nn.ReLU());
    const forward = Object.getOwnPropertyDescriptor(nn.Linear.prototype, 'forward');
    const log: string[] = [];
    const name = (module: torch.nn.Module) => module.constructor.name;
    net.children()[0].registerForwardHook(() => void log.push('own'));
    const handles = [
      everyModule.registerModuleForwardPreHook((m) => void log.push(`before ${name(m)}`)),
      everyModule.registerModuleForwardHook((m) => void log.push(`after ${name(m)}`)),
      everyModule.registerModuleFullBackwardPreHook((m) => void log.push(`pre ${name(m)}`)),
      everyModule.registerModuleFullBackwardHook((m) => void log.push(`back ${name(m)}`)),
    ];
    // Of a class that is made later, too, and a subclass calls its parent's forward once.
    class Later extends nn.Linear {
      override forward(x: torch.Tensor) {
        return super.forward(x);
      }
    }
    const later = new Later(2, 1);
    const x = torch.ones(1, 2, { requiresGrad: true });
    later.forward(net.forward(x)).sum().backward();
    expect(log).toEqual([
      'before Sequential',
      'before Linear',
      'after Linear',
      'own',
      'before ReLU',
      'after ReLU',
      'after Sequential',
      'before Later',
      'after Later',
      'pre Later',
      'back Later',
      'pre Sequential',
      'pre ReLU',
      'back ReLU',
      'pre Linear',
      'back Linear',
      'back Sequential',
    ]);
    for (const handle of handles) handle.remove();
    log.length = 0;
    later.forward(net.forward(x));
    expect(log).toEqual(['own']);
    expect(Object.getOwnPropertyDescriptor(nn.Linear.prototype, 'forward')).toEqual(forward);
  });

  it('change arguments and outputs, and are called although forward fails', () => {
    const net = new nn.Identity();
    const seen: unknown[] = [];
    const handles = [
      everyModule.registerModuleForwardPreHook((_, [x]) => x.mul(2)),
      everyModule.registerModuleForwardHook((_m, _a, _k, y) => y.add(1), { withKwargs: true }),
    ];
    expect(net.forward(torch.tensor([3])).tolist()).toEqual([7]);
    handles.push(
      everyModule.registerModuleForwardHook((_m, _a, y) => void seen.push(y), { alwaysCall: true }),
    );
    expect(() => new nn.Linear(2, 2).forward(torch.ones(3))).toThrow(
      'mat1 and mat2 shapes cannot be multiplied',
    );
    expect(seen).toEqual([null]);
    for (const handle of handles) handle.remove();
  });
});

describe('State dicts', () => {
  it('have what else a module wants to keep', () => {
    const net = new nn.Sequential(new Scaled());
    const state = net.stateDict();
    expect(Object.keys(state)).toEqual(
      ['0.lin.weight', '0.lin.bias', '0._extra_state'].sort(
        (a, b) => Object.keys(state).indexOf(a) - Object.keys(state).indexOf(b),
      ),
    );
    const other = new nn.Sequential(new Scaled());
    (state['0._extra_state'] as unknown as { v: number }).v = 5;
    expect(String(other.loadStateDict(state))).toBe('<All keys matched successfully>');
    expect((other.children()[0] as Scaled).settings).toEqual({ v: 5 });
    const { '0._extra_state': _, ...less } = state;
    expect(() => other.loadStateDict(less)).toThrow('Missing key(s) in state_dict: "0._extra_state". ');
    const linear = new nn.Linear(1, 1);
    expect(() => linear.loadStateDict({ ...linear.stateDict(), _extra_state: 1 })).toThrow(
      'Unexpected key(s) in state_dict: "_extra_state". ',
    );
    expect(() => linear.getExtraState()).toThrow('Reached a code path in Module.get_extra_state()');
  });

  it('pass hooks on their way out and in', () => {
    const net = new nn.Sequential(new nn.Linear(1, 1));
    const log: unknown[] = [];
    const [inner] = net;
    inner.registerStateDictPreHook((_, prefix, keepVars) => void log.push(['pre', prefix, keepVars]));
    const renaming = inner.registerStateDictPostHook((_, state, prefix) => {
      state[`${prefix}w`] = state[`${prefix}weight`];
      delete state[`${prefix}weight`];
    });
    const state = net.stateDict({ prefix: 'a.' });
    expect(Object.keys(state).sort()).toEqual(['a.0.bias', 'a.0.w']);
    expect(log).toEqual([['pre', 'a.0.', false]]);
    inner.registerLoadStateDictPreHook((_, state, prefix) => {
      state[`${prefix}weight`] = state[`${prefix}w`];
      delete state[`${prefix}w`];
    });
    net.registerLoadStateDictPostHook((_, { missingKeys }) => void missingKeys.splice(0));
    const given = net.stateDict();
    delete given['0.bias'];
    net.loadStateDict(given);
    expect(Object.keys(given)).toEqual(['0.w']);
    renaming.remove();
    expect(Object.keys(net.stateDict()).sort()).toEqual(['0.bias', '0.weight']);
    inner.registerStateDictPostHook((() => 3) as never);
    expect(() => net.stateDict()).toThrow('state_dict post-hook must return None');
    const last = new nn.ReLU();
    last.registerLoadStateDictPostHook((() => 3) as never);
    expect(() => last.loadStateDict({})).toThrow(torch.AssertionError);
  });

  it('warn where values go to the meta device', () => {
    new nn.Linear(1, 1, { device: 'meta' }).loadStateDict(new nn.Linear(1, 1).stateDict());
    expect(warnings[0]).toContain(
      'for weight: copying from a non-meta parameter in the checkpoint to a meta parameter',
    );
  });

  it('call what subclasses make of stateDict', () => {
    class Own extends nn.Linear {
      override stateDict(...args: Parameters<torch.nn.Linear['stateDict']>) {
        const { destination, prefix } = args[0] as {
          destination: Record<string, torch.Tensor>;
          prefix: string;
        };
        destination[`${prefix}own`] = torch.ones(1);
        return destination;
      }
    }
    expect(Object.keys(new nn.Sequential(new Own(1, 1)).stateDict())).toEqual(['0.own']);
  });
});

describe('A Buffer', () => {
  class Counter extends nn.Module {
    count = new nn.Buffer(torch.zeros(1));
    scratch = new nn.Buffer(torch.ones(1), { persistent: false });
    lin = new nn.Linear(1, 1);
  }

  it('is found as a field', () => {
    const net = new Counter();
    expect(net.namedBuffers().map(([name]) => name)).toEqual(['count', 'scratch']);
    expect(Object.keys(net.stateDict()).sort()).toEqual(['count', 'lin.bias', 'lin.weight']);
    expect(String(net.count)).toBe('tensor([0.])');
    net.double();
    expect(net.count.dtype).toBe(torch.float64);
    expect(Object.keys(net.stateDict())).toHaveLength(3);
    net.count = new nn.Buffer(torch.ones(2), { persistent: false });
    expect(net.stateDict().count).toBeUndefined();
    expect(() => {
      net.lin.weight = new nn.Buffer(torch.ones(1)) as never;
    }).toThrow(
      "cannot assign 'torch.FloatTensor' as parameter 'weight' (torch.nn.Parameter or None expected)",
    );
    expect(String(new nn.Buffer())).toBe('tensor([])');
  });
});

describe('setSubmodule', () => {
  it('replaces and adds', () => {
    const net = new nn.Sequential(new nn.Linear(1, 1));
    net.setSubmodule('0', new nn.ReLU());
    expect(String(net)).toBe('Sequential(\n  (0): ReLU()\n)');
    const outer = new Scaled();
    outer.setSubmodule('lin.part', new nn.ReLU());
    expect(outer.getSubmodule('lin.part')).toBeInstanceOf(nn.ReLU);
    expect(() => outer.setSubmodule('', new nn.ReLU())).toThrow(
      'Cannot set the submodule without a target name!',
    );
    expect(() => outer.setSubmodule('a', 3 as never)).toThrow(
      "`module` is not an nn.Module, found <class 'int'>",
    );
    expect(() => outer.setSubmodule('lin.weight', new nn.ReLU())).toThrow('`weight` is not an nn.Module');
    expect(() => outer.setSubmodule('zzz', new nn.ReLU(), { strict: true })).toThrow(
      'Scaled has no attribute `zzz`',
    );
  });
});

describe('DataParallel', () => {
  it('calls its module, under a name that checkpoints have', () => {
    const inner = new nn.Linear(2, 1);
    const net = new nn.DataParallel(inner);
    expect(String(net)).toBe(
      'DataParallel(\n  (module): Linear(in_features=2, out_features=1, bias=True)\n)',
    );
    expect(Object.keys(net.stateDict()).sort()).toEqual(['module.bias', 'module.weight']);
    expect(net.forward(torch.ones(1, 2)).tolist()).toEqual(inner.forward(torch.ones(1, 2)).tolist());
  });
});
