// Programs whose results depend on memory that only temporaries hold; prints what they compute.
import * as torch from 'flambeau';

const { nn } = torch;
const F = nn.functional;
torch.manualSeed(0);
torch.setNumThreads(1);

const results = [];
const note = (tensor) => results.push(tensor.detach().reshape(-1).slice(0, 0, 8).tolist());

// A network with convolutions, norms and an optimizer with state.
const net = new nn.Sequential(
  new nn.Conv2d(3, 16, 3, { padding: 1 }),
  new nn.BatchNorm2d(16),
  new nn.ReLU(),
  new nn.MaxPool2d(2),
  new nn.Flatten(),
  new nn.Linear(16 * 16 * 16, 10),
);
const optimizer = new torch.optim.AdamW(net.parameters(), { lr: 1e-3 });
const [images, labels] = [torch.randn(16, 3, 32, 32), torch.randint(0, 10, [16])];
for (let i = 0; i < 4; i++) {
  optimizer.zeroGrad();
  const loss = F.crossEntropy(net.forward(images), labels);
  loss.backward();
  optimizer.step();
  note(loss);
}

// Second derivatives, views of temporaries, copies of what does not lie in order, complex numbers, other dtypes, lists.
const x = torch.randn(96, 96).requiresGrad_();
const [slope] = torch.autograd.grad(x.mul(x).exp().t().matmul(x).sum(), x, { createGraph: true });
slope.pow(2).sum().backward();
note(x.grad);
note(torch.randn(64, 64).t().add(1).t().flip(0).contiguous().cumsum(1));
note(torch.fft.ifft(torch.fft.fft(torch.randn(32, 512)).conj().mul(2)).real);
note(
  torch.randn(256, 256).to(torch.bfloat16).matmul(torch.randn(256, 256).to(torch.bfloat16)).to(torch.float32),
);
note(torch.cat(Array.from({ length: 8 }, (_, i) => torch.full([32, 32], i).add(torch.randn(32, 32)))));
note(torch.linalg.svd(torch.randn(48, 48)).S);
note(torch.func.vmap((row) => F.softmax(row.mul(2), 0))(torch.randn(64, 128)));
note(
  torch
    .stack(torch.meshgrid([torch.arange(64), torch.arange(64)], { indexing: 'ij' }))
    .to(torch.float32)
    .std(0),
);

console.log(JSON.stringify(results));
