// The workloads of ../workloads.mjs in jax-js, compiled by its `jit` to WebAssembly.
import * as jax from '@jax-js/jax';

await jax.init('wasm');
jax.defaultDevice('wasm');

const { lax, nn, numpy: np, random, tree } = jax;
const M = 1 << 20;
let key = random.key(0);

function nextKey() {
  const [one, other] = random.split(key);
  key = other;
  return one;
}
/** Uniform numbers in [-scale, scale). */
const r = (size, scale = 1) => random.uniform(nextKey(), size, { minval: -scale, maxval: scale });
const learned = (fan, ...size) => r(size, 1 / Math.sqrt(fan));
const integers = (count, below) =>
  np.array(Int32Array.from({ length: count }, () => Math.floor(Math.random() * below)));

/** A compiled function of arrays that are kept. Every use of an array takes one of its references. */
async function over(shapes, run) {
  const inputs = shapes.map((shape) => r(shape));
  await jax.blockUntilReady(inputs);
  const compiled = jax.jit(run);
  return async () => {
    const result = compiled(...inputs.map((x) => x.ref));
    await result.blockUntilReady();
    result.dispose();
  };
}

const layerNorm = (x, weight, bias) => nn.standardize(x, -1).mul(weight).add(bias);
const linear = (x, weight, bias) => np.matmul(x, weight).add(bias);
const pool = (x) => lax.reduceWindow(x, np.max, [2, 2], [2, 2]);
const crossEntropy = (logits, labels) => np.mean(np.sum(nn.logSoftmax(logits, -1).mul(labels), -1)).mul(-1);

/** Steps by gradients: `update` gives the state and the parameters that follow. */
async function training(parameters, state, inputs, lossOf, update) {
  let current = { parameters, state };
  await jax.blockUntilReady([parameters, state, inputs]);
  const step = jax.jit((now, count, ...data) => {
    const [loss, gradients] = jax.valueAndGrad(lossOf)(tree.ref(now.parameters), ...data);
    return [loss, update(now, gradients, count)];
  });
  let count = 0;
  return async () => {
    const [loss, next] = step(current, np.array([++count]), ...inputs.map((x) => x.ref));
    current = next;
    const value = (await loss.data())[0];
    await jax.blockUntilReady(current);
    return value;
  };
}

const zerosLike = (parameters) => tree.map((p) => np.zeros(p.shape), parameters);

async function cnnStep(batch) {
  const parameters = {
    k1: learned(75, 6, 3, 5, 5),
    b1: learned(75, 6, 1, 1),
    k2: learned(150, 16, 6, 5, 5),
    b2: learned(150, 16, 1, 1),
    w1: learned(400, 400, 120),
    d1: learned(400, 120),
    w2: learned(120, 120, 84),
    d2: learned(120, 84),
    w3: learned(84, 84, 10),
    d3: learned(84, 10),
  };
  const pooled = (x, kernel, bias) => pool(nn.relu(lax.conv(x, kernel, [1, 1], 'VALID').add(bias)));
  const lossOf = (p, x, y) => {
    const h = pooled(pooled(x, p.k1, p.b1), p.k2, p.b2).reshape([batch, 400]);
    const hidden = nn.relu(linear(nn.relu(linear(h, p.w1, p.d1)), p.w2, p.d2));
    return crossEntropy(linear(hidden, p.w3, p.d3), y);
  };
  const inputs = [r([batch, 3, 32, 32]), nn.oneHot(integers(batch, 10), 10)];
  return training(parameters, zerosLike(parameters), inputs, lossOf, (now, gradients, count) => {
    count.dispose();
    const momentum = tree.map((m, g) => m.mul(0.9).add(g), now.state, gradients);
    const moved = tree.map((p, m) => p.sub(m.mul(0.001)), now.parameters, tree.ref(momentum));
    return { parameters: moved, state: momentum };
  });
}

export const workloads = {
  '01_add16': () => over([[16], [16]], (a, b) => a.add(b)),
  '02_add1M': () => over([[M], [M]], (a, b) => a.add(b)),
  '03_muladd1M': () => over([[M], [M], [M]], (a, b, c) => a.mul(b).add(c)),
  '04_exp1M': () => over([[M]], (a) => np.exp(a)),
  '05_softmax1024': () => over([[1024, 1024]], (a) => nn.softmax(a, -1)),
  '06a_sum1M': async () => {
    const x = r([M]);
    await x.blockUntilReady();
    const sum = jax.jit((a) => np.sum(a));
    return () => sum(x.ref).data();
  },
  '06b_sumdim0': () => over([[1024, 1024]], (a) => np.sum(a, 0)),
  '07_layernorm': () => over([[1024, 768], [768], [768]], layerNorm),
  ...Object.fromEntries(
    [64, 256, 512, 1024, 2048].map((n) => [
      `08_matmul${String(n).padStart(4, '0')}`,
      () =>
        over(
          [
            [n, n],
            [n, n],
          ],
          (a, b) => np.matmul(a, b),
        ),
    ]),
  ),
  '09_bmm': () =>
    over(
      [
        [32, 128, 64],
        [32, 64, 128],
      ],
      (a, b) => np.matmul(a, b),
    ),
  '10a_conv5x5': () =>
    over(
      [
        [32, 3, 32, 32],
        [6, 3, 5, 5],
        [6, 1, 1],
      ],
      (x, kernel, bias) => lax.conv(x, kernel, [1, 1], 'VALID').add(bias),
    ),
  '10b_conv3x3': () =>
    over(
      [
        [16, 64, 56, 56],
        [64, 64, 3, 3],
        [64, 1, 1],
      ],
      (x, kernel, bias) => lax.conv(x, kernel, [1, 1], 'SAME').add(bias),
    ),
  '11_maxpool': () => over([[32, 6, 28, 28]], pool),
  '12_transpose': () => over([[1024, 1024]], (x) => np.transpose(x)),
  '13_gather': async () => {
    const [x, indices] = [r([50_000, 64]), integers(10_000, 50_000)];
    await jax.blockUntilReady([x, indices]);
    const take = jax.jit((from, i) => np.take(from, i, 0));
    return async () => {
      const result = take(x.ref, indices.ref);
      await result.blockUntilReady();
      result.dispose();
    };
  },
  '14_sort1M': () => over([[M]], (x) => np.sort(x)),
  '15_randn1M': async () => {
    const own = nextKey();
    await own.blockUntilReady();
    const normal = jax.jit((k) => random.normal(k, [M]));
    return async () => {
      const result = normal(own.ref);
      await result.blockUntilReady();
      result.dispose();
    };
  },
  '16a_cnn4': () => cnnStep(4),
  '16b_cnn64': () => cnnStep(64),
  '17_mlp_adam': () => {
    const parameters = {
      w1: learned(784, 784, 512),
      b1: learned(784, 512),
      w2: learned(512, 512, 512),
      b2: learned(512, 512),
      w3: learned(512, 512, 10),
      b3: learned(512, 10),
    };
    const lossOf = (p, x, y) => {
      const hidden = nn.relu(linear(nn.relu(linear(x, p.w1, p.b1)), p.w2, p.b2));
      return crossEntropy(linear(hidden, p.w3, p.b3), y);
    };
    const state = { first: zerosLike(parameters), second: zerosLike(parameters) };
    const inputs = [r([128, 784]), nn.oneHot(integers(128, 10), 10)];
    return training(parameters, state, inputs, lossOf, (now, gradients, count) => {
      const first = tree.map((a, g) => a.mul(0.9).add(g.mul(0.1)), now.state.first, tree.ref(gradients));
      const second = tree.map(
        (a, g) => a.mul(0.999).add(g.ref.mul(g).mul(0.001)),
        now.state.second,
        gradients,
      );
      const shares = [0.9, 0.999].map((beta) =>
        np
          .exp(count.ref.mul(Math.log(beta)))
          .mul(-1)
          .add(1),
      );
      count.dispose();
      const moved = tree.map(
        (p, a, b) => {
          const root = np.sqrt(b.div(shares[1].ref)).add(1e-8);
          return p.sub(a.div(shares[0].ref).div(root).mul(1e-3));
        },
        now.parameters,
        tree.ref(first),
        tree.ref(second),
      );
      for (const share of shares) share.dispose();
      return { parameters: moved, state: { first, second } };
    });
  },
  '18_transformer': async () => {
    const [B, T, C, H] = [8, 128, 256, 4];
    const parameters = {
      g1: np.ones([C]),
      e1: np.zeros([C]),
      g2: np.ones([C]),
      e2: np.zeros([C]),
      qkv: learned(C, C, 3 * C),
      bqkv: learned(C, 3 * C),
      proj: learned(C, C, C),
      bproj: learned(C, C),
      f1: learned(C, C, 4 * C),
      bf1: learned(C, 4 * C),
      f2: learned(4 * C, 4 * C, C),
      bf2: learned(4 * C, C),
      x: r([B, T, C]),
    };
    await jax.blockUntilReady(parameters);
    const lossOf = (p) => {
      const [q, k, v] = np
        .split(linear(layerNorm(p.x.ref, p.g1, p.e1), p.qkv, p.bqkv), 3, 2)
        .map((part) => part.reshape([B, T, H, C / H]));
      const attended = nn.dotProductAttention(q, k, v).reshape([B, T, C]);
      const h = p.x.add(linear(attended, p.proj, p.bproj));
      const inner = nn.gelu(linear(layerNorm(h.ref, p.g2, p.e2), p.f1, p.bf1));
      return np.mean(np.square(h.add(linear(inner, p.f2, p.bf2))));
    };
    const step = jax.jit(jax.valueAndGrad(lossOf));
    return async () => {
      const [loss, gradients] = step(tree.ref(parameters));
      const value = (await loss.data())[0];
      await jax.blockUntilReady(gradients);
      tree.dispose(gradients);
      return value;
    };
  },
};
