// The workloads of ../workloads.mjs in TensorFlow.js, on its WebAssembly backend. Its images lie as [N, height, width, channels].
import { createRequire } from 'node:module';
import { dirname } from 'node:path';

const require = createRequire(import.meta.url);
// Its files for Node are CommonJS: what imports find is made for bundlers.
const tf = require('@tensorflow/tfjs');
const wasm = require('@tensorflow/tfjs-backend-wasm');

tf.enableProdMode();
wasm.setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
await tf.setBackend('wasm');
await tf.ready();
if (tf.getBackend() !== 'wasm') throw new Error('the WebAssembly backend did not start');

const M = 1 << 20;
const r = (...size) => tf.randomUniform(size, -1, 1);
const learned = (fan, ...size) => tf.variable(r(...size).div(Math.sqrt(fan)));
const labels = (count) => tf.oneHot(tf.randomUniform([count], 0, 10, 'int32'), 10).toFloat();

/** An operation on tensors that are kept: its result is dropped, and what it came by. */
const over = (inputs, run) => () => tf.tidy(() => run(...inputs)).dispose();

const layerNorm = (x, weight, bias) => {
  const centred = x.sub(x.mean(-1, true));
  const scale = centred.square().mean(-1, true).add(1e-5).rsqrt();
  return centred.mul(scale).mul(weight).add(bias);
};
const linear = (x, [weight, bias]) => x.matMul(weight).add(bias);
const gelu = (x) =>
  x.mul(0.5).mul(
    x
      .add(x.pow(3).mul(0.044715))
      .mul(Math.sqrt(2 / Math.PI))
      .tanh()
      .add(1),
  );

/**
 * A convolution whose filter's gradient is a convolution, too: the backend has no kernel for it. The images change places with the channels.
 */
const convolution = tf.customGrad((x, filter, save) => {
  save([x, filter]);
  const gradFunc = (grad, [input, kernel]) => [
    tf.conv2dTranspose(grad, kernel, input.shape, 1, 'valid'),
    input
      .transpose([3, 1, 2, 0])
      .conv2d(grad.transpose([1, 2, 0, 3]), 1, 'valid')
      .transpose([1, 2, 0, 3]),
  ];
  return { value: x.conv2d(filter, 1, 'valid'), gradFunc };
});

/** Steps of an optimizer, of which each reads its loss. */
function training(optimizer, variables, lossOf) {
  return () => {
    const loss = optimizer.minimize(lossOf, true, variables);
    const value = loss.dataSync()[0];
    loss.dispose();
    return value;
  };
}

function cnnStep(batch) {
  const [k1, b1] = [learned(75, 5, 5, 3, 6), learned(75, 6)];
  const [k2, b2] = [learned(150, 5, 5, 6, 16), learned(150, 16)];
  const layers = [
    [learned(400, 400, 120), learned(400, 120)],
    [learned(120, 120, 84), learned(120, 84)],
    [learned(84, 84, 10), learned(84, 10)],
  ];
  const [x, y] = [r(batch, 32, 32, 3), labels(batch)];
  const pooled = (h, kernel, bias) => convolution(h, kernel).add(bias).relu().maxPool(2, 2, 'valid');
  return training(tf.train.momentum(0.001, 0.9), [k1, b1, k2, b2, ...layers.flat()], () => {
    const h = pooled(pooled(x, k1, b1), k2, b2).reshape([batch, 400]);
    const hidden = linear(linear(h, layers[0]).relu(), layers[1]).relu();
    return tf.losses.softmaxCrossEntropy(y, linear(hidden, layers[2]));
  });
}

export const workloads = {
  '01_add16': () => over([r(16), r(16)], (a, b) => a.add(b)),
  '02_add1M': () => over([r(M), r(M)], (a, b) => a.add(b)),
  '03_muladd1M': () => over([r(M), r(M), r(M)], (a, b, c) => a.mul(b).add(c)),
  '04_exp1M': () => over([r(M)], (a) => a.exp()),
  '05_softmax1024': () => over([r(1024, 1024)], (a) => a.softmax()),
  '06a_sum1M': () => {
    const a = r(M);
    return () => {
      const sum = a.sum();
      sum.dataSync();
      sum.dispose();
    };
  },
  '06b_sumdim0': () => over([r(1024, 1024)], (a) => a.sum(0)),
  '07_layernorm': () => over([r(1024, 768), r(768), r(768)], layerNorm),
  ...Object.fromEntries(
    [64, 256, 512, 1024, 2048].map((n) => [
      `08_matmul${String(n).padStart(4, '0')}`,
      () => over([r(n, n), r(n, n)], (a, b) => a.matMul(b)),
    ]),
  ),
  '09_bmm': () => over([r(32, 128, 64), r(32, 64, 128)], (a, b) => a.matMul(b)),
  '10a_conv5x5': () =>
    over([r(32, 32, 32, 3), r(5, 5, 3, 6), r(6)], (x, filter, bias) =>
      tf.fused.conv2d({ x, filter, strides: 1, pad: 'valid', bias }),
    ),
  '10b_conv3x3': () =>
    over([r(16, 56, 56, 64), r(3, 3, 64, 64), r(64)], (x, filter, bias) =>
      tf.fused.conv2d({ x, filter, strides: 1, pad: 'same', bias }),
    ),
  '11_maxpool': () => over([r(32, 28, 28, 6)], (x) => x.maxPool(2, 2, 'valid')),
  '12_transpose': () => over([r(1024, 1024)], (x) => x.transpose()),
  '13_gather': () =>
    over([r(50_000, 64), tf.randomUniform([10_000], 0, 50_000, 'int32')], (x, i) => x.gather(i)),
  '14_sort1M': () => {
    const x = r(M);
    return () => tf.dispose(tf.topk(x, M, true));
  },
  '15_randn1M': () => () => tf.randomNormal([M]).dispose(),
  '16a_cnn4': () => cnnStep(4),
  '16b_cnn64': () => cnnStep(64),
  '17_mlp_adam': () => {
    const layers = [
      [784, 512],
      [512, 512],
      [512, 10],
    ].map(([from, to]) => [learned(from, from, to), learned(from, to)]);
    const [x, y] = [r(128, 784), labels(128)];
    return training(tf.train.adam(1e-3), layers.flat(), () => {
      const hidden = linear(linear(x, layers[0]).relu(), layers[1]).relu();
      return tf.losses.softmaxCrossEntropy(y, linear(hidden, layers[2]));
    });
  },
  '18_transformer': () => {
    const [B, T, C, H] = [8, 128, 256, 4];
    const layer = (from, to) => [learned(from, from, to), learned(from, to)];
    const norms = [0, 1].map(() => [tf.variable(tf.ones([C])), tf.variable(tf.zeros([C]))]);
    const [qkv, proj, f1, f2] = [layer(C, 3 * C), layer(C, C), layer(C, 4 * C), layer(4 * C, C)];
    const input = tf.variable(r(B, T, C));
    const variables = [...norms.flat(), ...qkv, ...proj, ...f1, ...f2, input];
    const heads = (x) => x.reshape([B, T, H, C / H]).transpose([0, 2, 1, 3]);
    const lossOf = () => {
      const x = input.reshape([B * T, C]);
      const [q, k, v] = linear(layerNorm(x, ...norms[0]), qkv)
        .split(3, 1)
        .map(heads);
      const weights = tf
        .matMul(q, k, false, true)
        .div(Math.sqrt(C / H))
        .softmax();
      const attended = weights
        .matMul(v)
        .transpose([0, 2, 1, 3])
        .reshape([B * T, C]);
      const h = x.add(linear(attended, proj));
      const out = h.add(linear(gelu(linear(layerNorm(h, ...norms[1]), f1)), f2));
      return out.square().mean();
    };
    return () => {
      const { value, grads } = tf.variableGrads(lossOf, variables);
      const loss = value.dataSync()[0];
      value.dispose();
      tf.dispose(grads);
      return loss;
    };
  },
};
