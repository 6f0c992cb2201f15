/** The device `meta`, and what the library says of devices that are not here. Values and texts are PyTorch's. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readVariant, stemsOf } from '../conformance/corpus.js';
import { checkOnMeta } from '../conformance/meta.js';
import * as torch from '../src/index.js';

const { nn } = torch;
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const meta = { device: 'meta' } as const;

describe('every op on meta', () => {
  const folder = [here('../../shared/conformance'), here('../conformance/sample')].find(
    (path) => stemsOf(path) !== null,
  )!;

  it.each(stemsOf(folder)!)(
    '%s gives shapes, dtypes and strides as on the CPU, and its gradients',
    (stem) => {
      const variant = readVariant(folder, stem);
      const problems = variant.cases
        .filter(({ kind }) => kind === 'sample')
        .flatMap((record) => {
          const problem = checkOnMeta(variant, record);
          return problem === null ? [] : [`${record.id}: ${problem}`];
        });
      expect(problems).toEqual([]);
    },
  );
});

describe('a tensor on meta', () => {
  const m = torch.empty([2, 3], meta);

  it('prints its size instead of values', () => {
    expect(String(m)).toBe("tensor(..., device='meta', size=(2, 3))");
    expect(String(torch.arange(5, meta))).toBe("tensor(..., device='meta', size=(5,), dtype=torch.int64)");
    expect(m.isMeta).toBe(true);
    expect(torch.ones(2).isMeta).toBe(false);
  });

  it.each<[string, () => unknown, string]>([
    ['item', () => torch.empty([], meta).item(), 'Tensor.item() cannot be called on meta tensors'],
    ['tolist', () => m.tolist(), 'Cannot copy out of meta tensor; no data!'],
    ['cpu', () => m.cpu(), 'Cannot copy out of meta tensor; no data!'],
    ['copy_', () => torch.zeros(2, 3).copy_(m), 'Cannot copy out of meta tensor; no data!'],
    ['numpy', () => m.numpy(), "can't convert meta device type tensor to numpy. Use Tensor.cpu()"],
    ['nonzero', () => m.nonzero(), 'aten::nonzero: attempted to run this operator with Meta tensors'],
    ['add', () => m.add(torch.ones(2, 3)), 'Tensor on device cpu is not on the expected device meta!'],
    ['mul', () => torch.ones(2, 3).mul(m), 'Tensor on device meta is not on the expected device cpu!'],
    [
      'repeatInterleave',
      () => m.repeatInterleave(torch.empty([2], { ...meta, dtype: torch.long }), 0),
      'cannot repeat_interleave a meta tensor without output_size',
    ],
  ])('refuses to be read: %s', (_, read, message) => {
    expect(read).toThrow(message);
  });

  it('computes with numbers of the CPU', () => {
    expect(m.add(torch.tensor(1)).shape).toEqual([2, 3]);
    expect(m.copy_(torch.zeros(2, 3))).toBe(m);
  });

  it('draws no random numbers', () => {
    const before = torch.getRngState();
    expect(torch.rand([3], { ...meta, generator: new torch.Generator() }).shape).toEqual([3]);
    torch.randn([3], meta);
    expect(torch.equal(torch.getRngState(), before)).toBe(true);
  });

  it('takes no memory, however large it is', () => {
    const before = torch.memoryStats().aliveBytes;
    const big = torch.empty([1e6, 1e6], meta);
    expect(big.matmul(big).shape).toEqual([1e6, 1e6]);
    expect(torch.memoryStats().aliveBytes).toBe(before);
  });

  it('has gradients', () => {
    const x = torch.empty([2, 3], { ...meta, requiresGrad: true });
    x.mul(x).sum().backward();
    expect(String(x.grad)).toBe("tensor(..., device='meta', size=(2, 3))");
  });

  it('is saved and loaded without values, as in PyTorch', async () => {
    const loaded = (await torch.load(await torch.save(m.t(), null))) as torch.Tensor;
    expect([loaded.device.type, loaded.shape, loaded.stride()]).toEqual(['meta', [3, 2], [1, 3]]);
    const file = await torch.save(torch.ones(3), null);
    expect(String(await torch.load(file, { mapLocation: 'meta' }))).toBe(
      "tensor(..., device='meta', size=(3,))",
    );
  });
});

describe('a module on meta', () => {
  const net = () => new nn.Sequential(new nn.Linear(2, 3, meta), new nn.ReLU(), new nn.Linear(3, 1, meta));

  it('runs, trains and prints', () => {
    const module = net();
    const optimizer = new torch.optim.Adam(module.parameters());
    const y = module.forward(torch.empty([4, 2], meta));
    y.sum().backward();
    optimizer.step();
    expect(String(y)).toBe("tensor(..., device='meta', size=(4, 1), grad_fn=<AddmmBackward0>)");
  });

  it('goes elsewhere without its values alone', () => {
    expect(() => net().to('cpu')).toThrow(
      'Cannot copy out of meta tensor; no data! Please use nn.Module.toEmpty() instead of nn.Module.to() when moving module from meta to a different device.',
    );
    expect(() => Reflect.apply(net().toEmpty, net(), [])).toThrow(
      "to_empty() missing 1 required keyword-only argument: 'device'",
    );
    expect(net().toEmpty({ device: 'cpu' }).parameters()[0].device.type).toBe('cpu');
  });

  it('takes a state dict by assignment', () => {
    const module = new nn.Linear(2, 3, meta);
    const { weight } = new nn.Linear(2, 3);
    module.loadStateDict({ weight, bias: torch.zeros(3) }, { assign: true });
    expect(module.weight.tolist()).toEqual(weight.tolist());
  });

  it('is how skipInit leaves out initial values', () => {
    const before = torch.getRngState();
    const linear = nn.utils.skipInit(nn.Linear, 2, 3, { bias: false });
    expect([linear.weight.shape, linear.bias, linear.weight.device.type]).toEqual([[3, 2], null, 'cpu']);
    expect(torch.equal(torch.getRngState(), before)).toBe(true);
    expect(() => nn.utils.skipInit(nn.ReLU)).toThrow(
      "Module must support a 'device' arg to skip initialization",
    );
    expect(() => nn.utils.skipInit(Number as never)).toThrow('Expected a Module; got');
  });
});

describe('devices that are not here', () => {
  it('say so when they are asked', () => {
    expect([torch.cuda, torch.mps, torch.xpu, torch.accelerator].map((m) => m.isAvailable())).toEqual(
      Array(4).fill(false),
    );
    expect([torch.cuda, torch.mps, torch.xpu].map((m) => m.deviceCount())).toEqual([0, 0, 0]);
    expect(torch.accelerator.currentAccelerator()).toBeNull();
    expect(torch.backends.cudnn.isAvailable()).toBe(false);
    expect(torch.backends.mps.isBuilt()).toBe(false);
  });

  it("let the tutorial's own lines run", () => {
    let tensor = torch.ones(4, 4);
    if (torch.cuda.isAvailable()) tensor = tensor.to('cuda');
    if (torch.accelerator.isAvailable()) tensor = tensor.to(torch.accelerator.currentAccelerator());
    expect(tensor.device.type).toBe('cpu');
  });

  it.each<[string, () => unknown, string]>([
    ['to', () => torch.ones(2).to('cuda'), 'Torch not compiled with CUDA enabled'],
    ['cuda', () => torch.ones(2).cuda(), 'Torch not compiled with CUDA enabled'],
    ['Module.cuda', () => new nn.Linear(2, 3).cuda(), 'Torch not compiled with CUDA enabled'],
    ['getDeviceName', () => torch.cuda.getDeviceName(), 'Torch not compiled with CUDA enabled'],
    ['xpu', () => torch.ones(2, { device: 'xpu' }), 'Torch not compiled with XPU enabled'],
    ['mps', () => torch.ones(2).to('mps'), 'PyTorch is not linked with support for mps devices'],
    [
      'accelerator',
      () => torch.accelerator.memoryAllocated(),
      'Cannot access accelerator device when none is available',
    ],
  ])('refuse what needs them: %s', (_, use, message) => {
    expect(use).toThrow(message);
    expect(use).toThrow(/webgpu/);
  });
});
