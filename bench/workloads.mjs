// The workloads in Flambeau; workloads.py holds the same in PyTorch, under the same names. Each entry prepares its data and returns
// what is timed.
import * as torch from 'flambeau';
import { models } from 'flambeau/vision';

const { nn } = torch;
const F = nn.functional;
const M = 1 << 20;

/** Uniform numbers in [-1, 1). */
const r = (...size) => torch.rand(size).mul(2).sub(1);
const inDouble = (...size) => torch.rand(size, { dtype: torch.float64 }).mul(2).sub(1);

/** Stacks of square matrices: many small ones, some, one large one. */
const stacks = [
  [10_000, 4],
  [100, 64],
  [1, 512],
];
const { linalg } = torch;
const matrixOps = {
  solve: (a, b) => linalg.solve(a, b),
  cholesky: (_a, _b, positive) => linalg.cholesky(positive),
  qr: (a) => linalg.qr(a),
  inv: (a) => linalg.inv(a),
  det: (a) => linalg.det(a),
  eigh: (_a, _b, positive) => linalg.eigh(positive),
  svd: (a) => linalg.svd(a),
  eig: (a) => linalg.eig(a),
  eigvalsh: (_a, _b, positive) => linalg.eigvalsh(positive),
  svdvals: (a) => linalg.svdvals(a),
};

/** Lines of complex numbers, and planes of real ones. */
const lines = [
  ['1024', 1000, 1024],
  ['1M', 1, M],
  ['1009', 1, 1009],
  ['15015', 1, 15015],
];

export const workloads = {
  '01_add16': () => {
    const [a, b] = [r(16), r(16)];
    return () => a.add(b);
  },
  '01b_add16_recorded': () => {
    const [a, b] = [r(16).requiresGrad_(), r(16)];
    return () => a.add(b);
  },
  '02_add1M': () => {
    const [a, b] = [r(M), r(M)];
    return () => a.add(b);
  },
  '03_muladd1M': () => {
    const [a, b, c] = [r(M), r(M), r(M)];
    return () => a.mul(b).add(c);
  },
  '04_exp1M': () => {
    const a = r(M);
    return () => torch.exp(a);
  },
  '05_softmax1024': () => {
    const a = r(1024, 1024);
    return () => torch.softmax(a, -1);
  },
  '06a_sum1M': () => {
    const a = r(M);
    return () => a.sum().item();
  },
  '06b_sumdim0': () => {
    const a = r(1024, 1024);
    return () => a.sum(0);
  },
  '07_layernorm': () => {
    const [a, g, b] = [r(1024, 768), r(768), r(768)];
    return () => F.layerNorm(a, [768], g, b);
  },
  ...Object.fromEntries(
    [64, 256, 512, 1024, 2048].map((n) => [
      `08_matmul${String(n).padStart(4, '0')}`,
      () => {
        const [a, b] = [r(n, n), r(n, n)];
        return () => a.matmul(b);
      },
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(matrixOps).flatMap(([name, run]) =>
      stacks.flatMap(([count, n]) =>
        Object.entries({ '': r, _double: inDouble }).map(([precision, random]) => [
          `23_${name}${String(n).padStart(3, '0')}${precision}`,
          () => {
            const [a, b] = [random(count, n, n), random(count, n, n)];
            const positive = a.matmul(a.mT).add(torch.eye(n, { dtype: a.dtype }));
            return () => run(a, b, positive);
          },
        ]),
      ),
    ),
  ),
  ...Object.fromEntries(
    lines.flatMap(([name, count, n]) => [
      [
        `24_fft${name}`,
        () => {
          const x = torch.complex(r(count, n), r(count, n));
          return () => torch.fft.fft(x);
        },
      ],
      [
        `24_rfft${name}`,
        () => {
          const x = r(count, n);
          return () => torch.fft.rfft(x);
        },
      ],
    ]),
  ),
  '24_rfft2_512': () => {
    const x = r(512, 512);
    return () => torch.fft.rfft2(x);
  },
  '09_bmm': () => {
    const [a, b] = [r(32, 128, 64), r(32, 64, 128)];
    return () => a.matmul(b);
  },
  '10a_conv5x5': () => {
    const [x, k, b] = [r(32, 3, 32, 32), r(6, 3, 5, 5), r(6)];
    return () => F.conv2d(x, k, b);
  },
  '10b_conv3x3': () => {
    const [x, k, b] = [r(16, 64, 56, 56), r(64, 64, 3, 3), r(64)];
    return () => F.conv2d(x, k, b, { padding: 1 });
  },
  '11_maxpool': () => {
    const x = r(32, 6, 28, 28);
    return () => F.maxPool2d(x, 2);
  },
  '12_transpose': () => {
    const x = r(1024, 1024);
    return () => x.t().contiguous();
  },
  '13_gather': () => {
    const [x, i] = [r(50000, 64), torch.randint(0, 50000, [10000])];
    return () => x.index(i);
  },
  '14_sort1M': () => {
    const x = r(M);
    return () => torch.sort(x);
  },
  '15_randn1M': () => () => torch.randn(M),
  '16a_cnn4': () => cnnStep(4),
  '16b_cnn64': () => cnnStep(64),
  '17_mlp_adam': () => {
    const net = new nn.Sequential(
      new nn.Linear(784, 512),
      new nn.ReLU(),
      new nn.Linear(512, 512),
      new nn.ReLU(),
      new nn.Linear(512, 10),
    );
    const optimizer = new torch.optim.Adam(net.parameters(), { lr: 1e-3 });
    const [x, y] = [r(128, 784), torch.randint(0, 10, [128])];
    return trainingStep(net, optimizer, x, y);
  },
  '18_transformer': () => {
    const block = new Block();
    const x = r(8, 128, 256).requiresGrad_(true);
    const parameters = [...block.parameters(), x];
    return () => {
      for (const p of parameters) p.grad = null;
      const loss = block.forward(x).pow(2).mean();
      loss.backward();
      return loss.item();
    };
  },
  ...Object.fromEntries(
    [nn.LSTM, nn.GRU].flatMap((Network) => {
      const name = Network.name.toLowerCase();
      return [
        [`19a_${name}`, () => recurrent(Network, false)],
        [`19b_${name}_train`, () => recurrent(Network, true)],
      ];
    }),
  ),
  '20a_encoder_layer': () => {
    const layer = new nn.TransformerEncoderLayer(256, 8, 1024, { dropout: 0, batchFirst: true });
    return gradients(layer, (x) => layer.forward(x), r(8, 128, 256));
  },
  '20b_attention': () => {
    const layer = new nn.MultiheadAttention(256, 8, { batchFirst: true });
    return gradients(layer, (x) => layer.forward(x, x, x, { needWeights: false })[0], r(8, 128, 256));
  },
  '21_embedding_bag': () => {
    const layer = new nn.EmbeddingBag(10_000, 64, { mode: 'sum' });
    const indices = torch.randint(0, 10_000, [4096]);
    const offsets = torch.arange(0, 4096, 16);
    return gradients(layer, () => layer.forward(indices, offsets));
  },
  '22_adamw': () => {
    const sizes = Array.from(
      { length: 50 },
      (_, i) => [[64], [256, 64], [3, 3, 32], [1000], [128, 128]][i % 5],
    );
    const parameters = sizes.map((size) => r(...size).requiresGrad_());
    for (const p of parameters) p.grad = r(...p.shape);
    const optimizer = new torch.optim.AdamW(parameters, { lr: 1e-3, foreach: true });
    return () => optimizer.step();
  },
  '25a_resnet18_step': () => visionStep(models.resnet18()),
  '25b_mobilenet_v3_step': () => visionStep(models.mobilenetV3Large()),
};

/** A training step of a classifier of ImageNet. */
function visionStep(net) {
  const optimizer = new torch.optim.SGD(net.parameters(), { lr: 1e-3, momentum: 0.9 });
  return trainingStep(net, optimizer, r(8, 3, 128, 128), torch.randint(0, 1000, [8]));
}

/** Forward and backward pass of a layer, to its parameters and its input. */
function gradients(layer, forward, input = null) {
  const x = input?.requiresGrad_();
  const leaves = x === undefined ? [...layer.parameters()] : [...layer.parameters(), x];
  return () => {
    for (const p of leaves) p.grad = null;
    const loss = forward(x).pow(2).mean();
    loss.backward();
    return loss.item();
  };
}

/** Two layers over 64 steps of 32 sequences. */
function recurrent(Network, isTrained) {
  const net = new Network(128, 128, 2);
  const x = r(64, 32, 128).requiresGrad_(isTrained);
  const parameters = [...net.parameters(), x];
  return () => {
    if (!isTrained) return torch.noGrad(() => net.forward(x)[0]);
    for (const p of parameters) p.grad = null;
    const loss = net.forward(x)[0].pow(2).mean();
    loss.backward();
    return loss.item();
  };
}

function trainingStep(net, optimizer, x, y) {
  return () => {
    optimizer.zeroGrad();
    const loss = F.crossEntropy(net.forward(x), y);
    loss.backward();
    optimizer.step();
    return loss.item();
  };
}

/** The tutorial's network. */
class Net extends nn.Module {
  conv1 = new nn.Conv2d(3, 6, 5);
  pool = new nn.MaxPool2d(2, 2);
  conv2 = new nn.Conv2d(6, 16, 5);
  fc1 = new nn.Linear(400, 120);
  fc2 = new nn.Linear(120, 84);
  fc3 = new nn.Linear(84, 10);

  forward(input) {
    let x = this.pool.forward(F.relu(this.conv1.forward(input)));
    x = this.pool.forward(F.relu(this.conv2.forward(x)));
    x = torch.flatten(x, 1);
    return this.fc3.forward(F.relu(this.fc2.forward(F.relu(this.fc1.forward(x)))));
  }
}

function cnnStep(batch) {
  const net = new Net();
  const optimizer = new torch.optim.SGD(net.parameters(), { lr: 0.001, momentum: 0.9 });
  return trainingStep(net, optimizer, r(batch, 3, 32, 32), torch.randint(0, 10, [batch]));
}

/** A transformer's block: attention and a perceptron, each behind a norm and beside a shortcut. */
class Block extends nn.Module {
  channels = 256;
  heads = 4;
  ln1 = new nn.LayerNorm(this.channels);
  ln2 = new nn.LayerNorm(this.channels);
  qkv = new nn.Linear(this.channels, 3 * this.channels);
  proj = new nn.Linear(this.channels, this.channels);
  f1 = new nn.Linear(this.channels, 4 * this.channels);
  f2 = new nn.Linear(4 * this.channels, this.channels);

  forward(input) {
    const [B, T, C] = input.shape;
    const H = this.heads;
    const [q, k, v] = this.qkv
      .forward(this.ln1.forward(input))
      .view(B, T, 3, H, C / H)
      .permute(2, 0, 3, 1, 4);
    const attended = F.scaledDotProductAttention(q, k, v).transpose(1, 2).reshape(B, T, C);
    const x = input.add(this.proj.forward(attended));
    const hidden = F.gelu(this.f1.forward(this.ln2.forward(x)), { approximate: 'tanh' });
    return x.add(this.f2.forward(hidden));
  }
}
