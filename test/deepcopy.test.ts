import { describe, expect, it } from 'vitest';
import * as torch from '../src/index.js';

const { nn } = torch;

class Tied extends nn.Module {
  first = new nn.Linear(2, 2);
  second = new nn.Linear(2, 2);
  readonly sizes = [1, 2];

  constructor() {
    super();
    this.second.weight = this.first.weight;
    this.registerBuffer('count', torch.zeros(1));
  }

  override forward(x: torch.Tensor): torch.Tensor {
    return this.second.forward(this.first.forward(x));
  }
}

describe('deepcopy', () => {
  it('copies modules with their state, settings and printing', () => {
    const net = new nn.Sequential(
      new nn.Conv2d(1, 2, 3),
      new nn.BatchNorm2d(2),
      new nn.Dropout(torch.pyfloat(1)),
      new nn.ModuleDict({ a: new nn.Linear(2, 2) }),
      new nn.ParameterList([torch.ones(2)]),
      new nn.ParameterDict({ b: torch.ones(1) }),
    ).eval();
    const copy = torch.deepcopy(net);
    expect(copy).toBeInstanceOf(nn.Sequential);
    expect(String(copy)).toBe(String(net));
    expect(Object.keys(copy.stateDict())).toEqual(Object.keys(net.stateDict()));
    expect(copy.modules().some((module) => module.training)).toBe(false);
    torch.noGrad(() => {
      for (const parameter of copy.parameters()) parameter.add_(1);
    });
    for (const [i, parameter] of net.parameters().entries())
      torch.testing.assertClose(copy.parameters()[i].sub(1), parameter);
    const x = torch.rand(1, 1, 4, 4);
    expect((copy.at(0) as torch.nn.Conv2d).forward(x).shape).toEqual([1, 2, 2, 2]);
  });

  it('keeps what is one thing one thing', () => {
    const net = new Tied();
    const copy = torch.deepcopy(net);
    expect(copy).toBeInstanceOf(Tied);
    expect(copy.first.weight).toBe(copy.second.weight);
    expect(copy.first.weight).not.toBe(net.first.weight);
    expect(copy.parameters().length).toBe(net.parameters().length);
    expect(copy.sizes).toEqual([1, 2]);
    expect(copy.sizes).not.toBe(net.sizes);
    expect(copy.getBuffer('count')).not.toBe(net.getBuffer('count'));
    const list: unknown[] = [];
    list.push(list);
    const twice = torch.deepcopy(list);
    expect(twice[0]).toBe(twice);
  });

  it('copies hooks, gradients and frozen parameters', () => {
    const net = new nn.Linear(2, 1);
    net.registerForwardHook((_, __, output: torch.Tensor) => output.mul(0));
    net.forward(torch.ones(1, 2)).sum().backward();
    net.bias!.requiresGrad_(false);
    const copy = torch.deepcopy(net);
    expect(Math.abs(copy.forward(torch.ones(1, 2)).item())).toBe(0);
    expect(copy.weight.grad!.tolist()).toEqual([[0, 0]]);
    expect(copy.weight.grad).not.toBe(net.weight.grad);
    expect(copy.bias!.requiresGrad).toBe(false);
  });

  it('copies lists, objects, maps and sets, and leaves functions', () => {
    const given = {
      list: [torch.ones(1)],
      map: new Map([['a', new Set([1])]]),
      f: Math.abs,
      d: torch.float32,
    };
    const copy = torch.deepcopy({ list: given.list, map: given.map, f: given.f });
    expect(copy.list[0]).not.toBe(given.list[0]);
    expect(copy.list[0].tolist()).toEqual([1]);
    expect(copy.map.get('a')).toEqual(new Set([1]));
    expect(copy.map.get('a')).not.toBe(given.map.get('a'));
    expect(copy.f).toBe(Math.abs);
  });

  it('asks objects of other classes', () => {
    class Counter {
      #count = 3;
      get count(): number {
        return this.#count;
      }
      __deepcopy__(): Counter {
        const copy = new Counter();
        copy.#count = this.#count;
        return copy;
      }
    }
    const counter = new Counter();
    expect(torch.deepcopy(counter)).not.toBe(counter);
    expect(torch.deepcopy(counter).count).toBe(3);
    expect(() => torch.deepcopy(new (class Other {})())).toThrow("cannot deepcopy 'Other' object");
  });

  it('refuses results of recorded operations', () => {
    const x = torch.ones(1, { requiresGrad: true });
    expect(() => torch.deepcopy(x.mul(2))).toThrow(
      'Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment.',
    );
    expect(torch.deepcopy(x).requiresGrad).toBe(true);
  });
});
