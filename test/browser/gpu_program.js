// The program of the tests of WebGPU in browsers: the device, ops against the CPU, a gradient, training.

/** The largest difference between what `f` gives on the device and on the CPU. */
async function difference(torch, f) {
  const [there, here] = ['webgpu', 'cpu'].map((device) => {
    torch.manualSeed(0);
    return f((x) => x.to(device));
  });
  const copy = await there.detach().to('cpu').ready();
  return copy.sub(here.detach()).abs().max().item();
}

export async function run(torch) {
  const { nn } = torch;
  const result = {};
  try {
    torch.ones(2, { device: 'webgpu' });
  } catch (error) {
    result.early = String(error);
  }
  await torch.webgpu.init();
  result.device = [torch.webgpu.isAvailable(), torch.webgpu.deviceCount(), torch.webgpu.getDeviceName()];
  result.differences = {
    exp: await difference(torch, (on) => on(torch.randn(40, 30)).exp()),
    transposed: await difference(torch, (on) =>
      on(torch.randn(20, 30))
        .t()
        .add(on(torch.randn(20))),
    ),
    matmul: await difference(torch, (on) => on(torch.randn(33, 20)).matmul(on(torch.randn(20, 41)))),
    sum: await difference(torch, (on) => on(torch.randn(50, 300)).sum(1)),
    sort: await difference(torch, (on) => on(torch.randn(6, 40)).sort().values),
    convolution: await difference(torch, (on) =>
      nn.functional.conv2d(on(torch.randn(2, 3, 9, 9)), on(torch.randn(4, 3, 3, 3))),
    ),
    integers: await difference(torch, (on) =>
      on(torch.arange(10))
        .mul(2 ** 40 + 1)
        .remainder(1000),
    ),
  };
  const x = torch.arange(6, { dtype: torch.float32 }).reshape(2, 3).to('webgpu').requiresGrad_();
  x.pow(2).mul(x).sum().backward();
  result.gradient = await x.grad.tolistAsync();
  try {
    x.sum().item();
  } catch (error) {
    result.synchronous = String(error);
  }
  try {
    x.add(torch.ones(3));
  } catch (error) {
    result.mixed = String(error);
  }

  torch.manualSeed(0);
  const net = new nn.Sequential(
    new nn.Conv2d(1, 4, 3),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Flatten(),
    new nn.Linear(4 * 3 * 3, 3),
  ).to('webgpu');
  const images = torch.randn(6, 1, 8, 8).to('webgpu');
  const labels = torch.tensor([0, 1, 2, 0, 1, 2]).to('webgpu');
  const optimizer = new torch.optim.SGD(net.parameters(), { lr: 0.1, momentum: 0.9 });
  result.losses = [];
  for (let step = 0; step < 12; step++) {
    optimizer.zeroGrad();
    const loss = nn.functional.crossEntropy(net.forward(images), labels);
    loss.backward();
    optimizer.step();
    result.losses.push(await loss.itemAsync());
  }
  return result;
}
