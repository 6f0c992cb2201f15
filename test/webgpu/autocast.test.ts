import { describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';
import { expectSame, hasAdapter } from './device.js';

const { nn } = torch;
const { crossEntropy } = nn.functional;

/** The tutorial's network on smaller images. */
class Net extends nn.Module {
  conv = new nn.Conv2d(1, 4, 3);
  pool = new nn.MaxPool2d(2, 2);
  norm = new nn.LayerNorm(36);
  fc1 = new nn.Linear(36, 16);
  fc2 = new nn.Linear(16, 5);

  override forward(x: torch.Tensor): torch.Tensor {
    const features = this.pool.forward(this.conv.forward(x).relu()).flatten(1);
    return this.fc2.forward(this.fc1.forward(this.norm.forward(features)).relu());
  }
}

function setUp(device: string) {
  torch.manualSeed(0);
  const net = new Net();
  const images = torch.randn([8, 1, 8, 8]).to(device);
  const labels = torch.randint(0, 5, [8]).to(device);
  return { net: net.to(device), images, labels };
}

/** Three steps in mixed precision, the second of which overflows. */
async function train(device: string, dtype: torch.DType) {
  const { net, images, labels } = setUp(device);
  const optimizer = new torch.optim.SGD(net.parameters(), { lr: 0.1, momentum: 0.9 });
  const scaler = new torch.amp.GradScaler(device, { initScale: 1024 });
  const losses: number[] = [];
  const scales: number[] = [];
  for (let step = 0; step < 3; step++) {
    optimizer.zeroGrad();
    const loss = torch.autocast(device, { dtype }, () => crossEntropy(net.forward(images), labels));
    scaler.scale(loss).backward();
    if (step === 1) net.fc1.weight.grad!.fill_(Number.POSITIVE_INFINITY);
    scaler.unscale_(optimizer);
    await scaler.stepAsync(optimizer);
    await scaler.updateAsync();
    losses.push(await loss.itemAsync());
    scales.push(scaler.getScale());
  }
  return { losses, scales, weights: [...net.parameters()].map((p) => p.detach()) };
}

describe.skipIf(!hasAdapter)('mixed precision on WebGPU', () => {
  it("follows CUDA's lists", () => {
    const { net, images } = setUp('webgpu');
    torch.autocast('webgpu', () => {
      expect(torch.getAutocastDtype('webgpu')).toBe(torch.float16);
      const features = net.conv.forward(images);
      expect(features.dtype).toBe(torch.float16);
      expect(features.relu().dtype).toBe(torch.float16);
      const flat = net.pool.forward(features).flatten(1);
      // On the CPU it would stay in half precision.
      expect(net.norm.forward(flat).dtype).toBe(torch.float32);
      expect(flat.exp().dtype).toBe(torch.float32);
      expect(flat.softmax(1).dtype).toBe(torch.float32);
      expect(flat.sum().dtype).toBe(torch.float32);
      expect(flat.mul(2).dtype).toBe(torch.float16);
      expect(torch.cat([flat, torch.ones([1, 36], { device: 'webgpu' })]).dtype).toBe(torch.float32);
      expect(flat.mm(net.fc1.weight.t()).dtype).toBe(torch.float16);
    });
    // Tensors of another device are not cast.
    const x = torch.ones(2, 2);
    expect(torch.autocast('webgpu', () => x.mm(x).dtype)).toBe(torch.float32);
  });

  it.each([
    ['float16', torch.float16, 5e-3],
    ['bfloat16', torch.bfloat16, 4e-2],
  ])('trains as the CPU does, in %s', async (_, dtype, atol) => {
    const [own, cpu] = [await train('webgpu', dtype), await train('cpu', dtype)];
    for (const [i, loss] of own.losses.entries()) expect(Math.abs(loss - cpu.losses[i])).toBeLessThan(atol);
    // The step with an infinite gradient is left out.
    expect(own.scales).toEqual([1024, 512, 512]);
    expect(cpu.scales).toEqual(own.scales);
    for (const [i, weight] of own.weights.entries()) {
      expect(weight.dtype).toBe(torch.float32);
      await expectSame(weight, cpu.weights[i], { atol, rtol: 0.05 });
    }
  });

  it('scales losses and unscales gradients', async () => {
    const { net, images, labels } = setUp('webgpu');
    const optimizer = new torch.optim.SGD(net.parameters(), { lr: 0 });
    const loss = () => crossEntropy(net.forward(images), labels);
    loss().backward();
    const plain = [...net.parameters()].map((p) => p.grad!.clone());
    optimizer.zeroGrad();
    const scaler = new torch.amp.GradScaler('webgpu');
    scaler.scale(loss()).backward();
    scaler.unscale_(optimizer);
    for (const [i, p] of [...net.parameters()].entries())
      await expectSame(p.grad!, plain[i], { atol: 1e-6, rtol: 1e-4 });
  });
});
