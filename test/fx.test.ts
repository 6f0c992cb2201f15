import * as torch from 'flambeau';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Net } from './support/training.js';

const { nn } = torch;
const { symbolicTrace, TraceError } = torch.fx;
const { makeFx } = torch.fx.experimental.proxyTensor;

class Model extends nn.Module {
  param = new nn.Parameter(torch.ones(3, 4));
  linear = new nn.Linear(4, 5);
  sub = new nn.Sequential(new nn.Linear(5, 5), new nn.ReLU());

  constructor() {
    super();
    this.registerBuffer('b', torch.ones(1));
  }

  override forward(x: torch.Tensor): torch.Tensor {
    const y = this.linear.forward(torch.add(x, this.param)).clamp({ min: 0, max: 1 });
    return this.sub.forward(y).sum({ dim: -1 }).mul(this.getBuffer('b')).add(torch.ones(1));
  }
}

describe('a traced module', () => {
  const model = new Model();
  const traced = symbolicTrace(model, [torch.zeros(3, 4)]);

  it('prints its graph as torch.fx does', () => {
    expect(String(traced.graph)).toBe(`graph():
    %x : [num_users=1] = placeholder[target=x]
    %param : [num_users=1] = get_attr[target=param]
    %add : [num_users=1] = call_function[target=torch.add](args = (%x, %param), kwargs = {})
    %linear : [num_users=1] = call_module[target=linear](args = (%add,), kwargs = {})
    %clamp : [num_users=1] = call_method[target=clamp](args = (%linear,), kwargs = {min: 0, max: 1})
    %sub_0 : [num_users=1] = call_module[target=sub.0](args = (%clamp,), kwargs = {})
    %sub_1 : [num_users=1] = call_module[target=sub.1](args = (%sub_0,), kwargs = {})
    %sum_1 : [num_users=1] = call_method[target=sum](args = (%sub_1,), kwargs = {dim: -1})
    %b : [num_users=1] = get_attr[target=b]
    %mul : [num_users=1] = call_method[target=mul](args = (%sum_1, %b), kwargs = {})
    %_tensor_constant0 : [num_users=1] = get_attr[target=_tensor_constant0]
    %add_1 : [num_users=1] = call_method[target=add](args = (%mul, %_tensor_constant0), kwargs = {})
    return add_1`);
  });

  it('says in TypeScript what it does', () => {
    expect(traced.code).toBe(`forward(x) {
  const param = this.param;
  const add = torch.add(x, param);
  const linear = this.linear.forward(add);
  const clamp = linear.clamp({ min: 0, max: 1 });
  const sub_0 = this.sub['0'].forward(clamp);
  const sub_1 = this.sub['1'].forward(sub_0);
  const sum_1 = sub_1.sum({ dim: -1 });
  const b = this.b;
  const mul = sum_1.mul(b);
  const _tensor_constant0 = this._tensor_constant0;
  const add_1 = mul.add(_tensor_constant0);
  return add_1;
}
`);
  });

  it('computes the same, shares parameters and gives them gradients', () => {
    const x = torch.randn(3, 4);
    expect((traced.forward(x) as torch.Tensor).tolist()).toEqual(model.forward(x).tolist());
    (traced.forward(x) as torch.Tensor).sum().backward();
    const grads = [...model.parameters()].map((p) => p.grad!.tolist());
    model.zeroGrad();
    model.forward(x).sum().backward();
    expect(grads).toEqual([...model.parameters()].map((p) => p.grad!.tolist()));
    expect(Object.keys(traced.stateDict()).sort()).toEqual(Object.keys(model.stateDict()).sort());
  });

  it('leaves the module that was traced as it was', () => {
    expect(Object.hasOwn(model.linear, 'forward')).toBe(false);
    expect(symbolicTrace(traced, [torch.zeros(3, 4)]).code).toContain('this.linear.forward(add)');
  });
});

it('the tutorial’s network prints as in PyTorch and takes batches of other sizes', () => {
  const net = new Net();
  const traced = symbolicTrace(net, [torch.zeros(1, 3, 32, 32)]);
  expect(String(traced.graph)).toBe(`graph():
    %images : [num_users=1] = placeholder[target=images]
    %conv1 : [num_users=1] = call_module[target=conv1](args = (%images,), kwargs = {})
    %relu : [num_users=1] = call_function[target=torch.nn.functional.relu](args = (%conv1,), kwargs = {inplace: False})
    %pool : [num_users=1] = call_module[target=pool](args = (%relu,), kwargs = {})
    %conv2 : [num_users=1] = call_module[target=conv2](args = (%pool,), kwargs = {})
    %relu_1 : [num_users=1] = call_function[target=torch.nn.functional.relu](args = (%conv2,), kwargs = {inplace: False})
    %pool_1 : [num_users=1] = call_module[target=pool](args = (%relu_1,), kwargs = {})
    %flatten : [num_users=1] = call_function[target=torch.flatten](args = (%pool_1, 1), kwargs = {})
    %fc1 : [num_users=1] = call_module[target=fc1](args = (%flatten,), kwargs = {})
    %relu_2 : [num_users=1] = call_function[target=torch.nn.functional.relu](args = (%fc1,), kwargs = {inplace: False})
    %fc2 : [num_users=1] = call_module[target=fc2](args = (%relu_2,), kwargs = {})
    %relu_3 : [num_users=1] = call_function[target=torch.nn.functional.relu](args = (%fc2,), kwargs = {inplace: False})
    %fc3 : [num_users=1] = call_module[target=fc3](args = (%relu_3,), kwargs = {})
    return fc3`);
  const images = torch.randn(5, 3, 32, 32);
  expect((traced.forward(images) as torch.Tensor).tolist()).toEqual(net.forward(images).tolist());
});

it('a module on meta is traced without computing', () => {
  const net = new Net().to('meta');
  const traced = symbolicTrace(net, [torch.zeros(2, 3, 32, 32, { device: 'meta' })]);
  expect(traced.graph.nodes.length).toBe(14);
  expect((traced.forward(torch.zeros(7, 3, 32, 32, { device: 'meta' })) as torch.Tensor).shape).toEqual([
    7, 10,
  ]);
});

describe('a traced function', () => {
  function pair(x: torch.Tensor) {
    const [a, i] = x.max(1);
    const b = torch.cat([a, a.neg()], { dim: 0 });
    const c = x.add_(1);
    return { a: Object.freeze([b, i]), c: c.transpose(0, 1) };
  }

  it('takes results apart, changes in place and returns what the function does', () => {
    const traced = symbolicTrace(pair, [torch.ones(2, 2)]);
    expect(String(traced.graph)).toBe(`graph():
    %x : [num_users=2] = placeholder[target=x]
    %max_1 : [num_users=2] = call_method[target=max](args = (%x, 1), kwargs = {})
    %getitem : [num_users=2] = call_function[target=operator.getitem](args = (%max_1, 0), kwargs = {})
    %neg : [num_users=1] = call_method[target=neg](args = (%getitem,), kwargs = {})
    %cat : [num_users=1] = call_function[target=torch.cat](args = ([%getitem, %neg],), kwargs = {dim: 0})
    %add_ : [num_users=1] = call_method[target=add_](args = (%x, 1), kwargs = {})
    %transpose : [num_users=1] = call_method[target=transpose](args = (%add_, 0, 1), kwargs = {})
    %getitem_1 : [num_users=1] = call_function[target=operator.getitem](args = (%max_1, 1), kwargs = {})
    return {'a': (cat, getitem_1), 'c': transpose}`);
    const x = torch.tensor([
      [1, 5],
      [4, 2],
    ]);
    const [result, expected] = [traced.forward(x.clone()), pair(x.clone())] as ReturnType<typeof pair>[];
    expect(result.a.map((t) => t.tolist())).toEqual(expected.a.map((t) => t.tolist()));
    expect(result.c.tolist()).toEqual(expected.c.tolist());
  });

  it('keeps what is computed of no input as a constant', () => {
    const traced = symbolicTrace((x: torch.Tensor) => x.add(torch.arange(3).mul(2)), [torch.ones(3)]);
    expect(traced.graph.nodes.map(({ op }) => op)).toEqual([
      'placeholder',
      'get_attr',
      'call_method',
      'output',
    ]);
    expect((traced.forward(torch.zeros(3)) as torch.Tensor).tolist()).toEqual([0, 2, 4]);
    expect(Object.keys(traced.stateDict())).toEqual([]);
  });

  it('must not branch on values', () => {
    const branch = (x: torch.Tensor) => (x.sum().item() > 0 ? x : x.neg());
    expect(() => symbolicTrace(branch, [torch.ones(2)])).toThrow(TraceError);
    expect(() => symbolicTrace(branch, [torch.ones(2)])).toThrow(
      'symbolically traced variables cannot be used as inputs to control flow',
    );
    expect(() => symbolicTrace(3 as never, [])).toThrow("Expected FunctionType, got <class 'int'>");
  });

  it('is not seen after its trace', () => {
    const x = torch.ones(2);
    const traced = symbolicTrace((t: torch.Tensor) => t.mul(2), [x]);
    x.mul(3).tolist();
    expect(traced.graph.nodes.length).toBe(3);
  });
});

describe('a graph', () => {
  afterEach(() => void vi.restoreAllMocks());

  const trace = () => symbolicTrace((x: torch.Tensor) => [x.mul(2), x.exp().sin()][0], [torch.ones(1)]);

  it('knows the users of its nodes, and can be changed', () => {
    const { graph, forward } = trace();
    const [x, mul, exp, sin, output] = graph.nodes;
    expect([...x.users]).toEqual([mul, exp]);
    expect(() => graph.eraseNode(exp)).toThrow(
      'Tried to erase Node exp but it still had 1 users in the graph: {sin: None}!',
    );
    expect(graph.eliminateDeadCode()).toBe(true);
    expect(graph.nodes).toEqual([x, mul, output]);
    expect([...x.users]).toEqual([mul]);
    expect(sin.args).toEqual([]);
    expect(mul.replaceAllUsesWith(x)).toEqual([output]);
    expect(graph.eliminateDeadCode()).toBe(true);
    expect(String(graph)).toBe('graph():\n    %x : [num_users=1] = placeholder[target=x]\n    return x');
    expect(typeof forward).toBe('function');
  });

  it('prints as a table', () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    trace().graph.printTabular();
    expect(log.mock.calls[0][0]).toBe(`opcode       name    target    args    kwargs
-----------  ------  --------  ------  --------
placeholder  x       x         ()      {}
call_method  mul     mul       (x, 2)  {}
call_method  exp     exp       (x,)    {}
call_method  sin     sin       (exp,)  {}
output       output  output    (mul,)  {}`);
  });
});

describe('makeFx', () => {
  it('notes the ops that a function comes to', () => {
    const traced = makeFx((x: torch.Tensor) => nn.functional.softplus(x.mm(x.t())).mean())(torch.ones(2, 2));
    expect(String(traced.graph)).toBe(`graph():
    %x_1 : [num_users=2] = placeholder[target=x_1]
    %t : [num_users=1] = call_function[target=torch.ops.aten.t.default](args = (%x_1,), kwargs = {})
    %mm : [num_users=1] = call_function[target=torch.ops.aten.mm.default](args = (%x_1, %t), kwargs = {})
    %softplus : [num_users=1] = call_function[target=torch.ops.aten.softplus.default](args = (%mm,), kwargs = {})
    %mean : [num_users=1] = call_function[target=torch.ops.aten.mean.default](args = (%softplus,), kwargs = {})
    return mean`);
  });

  it('follows derivatives', () => {
    const gradient = torch.func.grad((x: torch.Tensor) => x.sin().mul(x).sum());
    const traced = makeFx(gradient)(torch.ones(3));
    const x = torch.randn(3);
    expect((traced.forward(x) as torch.Tensor).tolist()).toEqual(gradient(x).tolist());
  });
});
