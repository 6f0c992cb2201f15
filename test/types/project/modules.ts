/** Modules of every kind: what they take and give is up to them. */
import * as torch from 'flambeau';
import { nn, type Tensor } from 'flambeau';

const F = nn.functional;

export interface AttentionOutput {
  output: Tensor;
  weights: Tensor | null;
}

/** With `override`, options in an object, a result by names. */
export class Attention extends nn.Module {
  readonly query: nn.Linear;
  readonly key: nn.Linear;
  readonly value: nn.Linear;
  readonly scale: number;

  constructor(size: number, { bias = true }: { bias?: boolean } = {}) {
    super();
    this.query = new nn.Linear(size, size, { bias });
    this.key = new nn.Linear(size, size, bias);
    this.value = new nn.Linear({ inFeatures: size, outFeatures: size, bias });
    this.scale = 1 / Math.sqrt(size);
  }

  override forward(x: Tensor, mask: Tensor | null = null, needWeights = false): AttentionOutput {
    const [q, k, v] = [this.query.forward(x), this.key.forward(x), this.value.forward(x)];
    let scores = q.matmul(k.transpose(-2, -1)).mul(this.scale);
    if (mask !== null) scores = scores.maskedFill(mask.logicalNot(), -Infinity);
    const weights = F.softmax(scores, { dim: -1 });
    return { output: weights.matmul(v), weights: needWeights ? weights : null };
  }
}

/** Without `override`; parameters and buffers of its own. */
export class RMSNorm extends nn.Module {
  weight: nn.Parameter;
  eps = 1e-6;

  constructor(size: number) {
    super();
    this.weight = new nn.Parameter(torch.ones(size));
    this.registerBuffer('steps', torch.zeros([]), { persistent: false });
  }

  forward(x: Tensor) {
    return x.mul(x.pow(2).mean(-1, true).add(this.eps).rsqrt()).mul(this.weight);
  }

  override extraRepr(): string {
    return `${this.weight.shape[0]}, eps=${this.eps}`;
  }
}

/** A dictionary in, a dictionary out. */
export class TwoTowers extends nn.Module {
  towers = new nn.ModuleDict({ image: new nn.Linear(6, 4), text: new nn.Linear(3, 4) });

  forward(batch: Record<string, Tensor>): Record<string, Tensor> {
    const out: Record<string, Tensor> = {};
    for (const [name, tower] of this.towers.entries()) {
      const input = batch[name];
      if (input) out[name] = F.normalize(tower.forward(input), { dim: 1 });
    }
    return out;
  }
}

/** A list in, a list out. */
export class Pyramid extends nn.Module {
  laterals = new nn.ModuleList([2, 4, 8].map((channels) => new nn.Conv2d(channels, 4, 1)));
  smooth = new nn.Conv2d(4, 4, 3, { padding: 1, bias: false });

  forward(features: Tensor[]): Tensor[] {
    const results: Tensor[] = [];
    let i = 0;
    for (const lateral of this.laterals) {
      const feature = features[i++];
      if (feature !== undefined) results.push(this.smooth.forward(lateral.forward(feature)));
    }
    return results;
  }
}

/** Optional inputs, a state that goes round. */
export class Cell extends nn.Module {
  i2h: nn.Linear;
  h2h: nn.Linear;

  constructor(
    inputs: number,
    readonly hidden: number,
  ) {
    super();
    this.i2h = new nn.Linear(inputs, hidden);
    this.h2h = new nn.Linear(hidden, hidden);
  }

  forward(xs: Tensor, state?: { h: Tensor }): [outputs: Tensor, state: { h: Tensor }] {
    let h = state?.h ?? torch.zeros(xs.size(1), this.hidden);
    const outputs: Tensor[] = [];
    for (const x of xs.unbind(0)) {
      h = torch.tanh(this.i2h.forward(x).add(this.h2h.forward(h)));
      outputs.push(h);
    }
    return [torch.stack(outputs), { h }];
  }
}

/** Any module inside another one. */
export class Residual extends nn.Module {
  constructor(readonly inner: nn.Module) {
    super();
  }

  forward(x: Tensor): Tensor {
    return x.add(this.inner.forward(x));
  }
}

/** A narrower layer in the place of a wider one. */
export class NoisyLinear extends nn.Linear {
  sigma = 0.1;

  override forward(input: Tensor): Tensor {
    const clean = super.forward(input);
    return this.training ? clean.add(torch.randnLike(clean).mul(this.sigma)) : clean;
  }
}

export class Transformer extends nn.Module {
  embedding: nn.Embedding;
  layers: nn.ModuleList<Residual>;
  norm: RMSNorm;
  dropout = new nn.Dropout(0.1);
  head: nn.Linear;

  constructor(vocabulary: number, size: number, depth: number) {
    super();
    this.embedding = new nn.Embedding(vocabulary, size, { paddingIdx: 0 });
    const block = () =>
      new Residual(new nn.Sequential(new RMSNorm(size), new nn.Linear(size, size), new nn.GELU()));
    this.layers = new nn.ModuleList(Array.from({ length: depth }, block));
    this.norm = new RMSNorm(size);
    this.head = new nn.Linear(size, vocabulary, { bias: false });
    this.head.weight = this.embedding.weight;
    if (this.head.bias) nn.init.zeros_(this.head.bias);
  }

  forward(tokens: Tensor, targets?: Tensor): { logits: Tensor; loss?: Tensor } {
    let x = this.dropout.forward(this.embedding.forward(tokens));
    for (const layer of this.layers) x = layer.forward(x);
    const logits = this.head.forward(this.norm.forward(x));
    if (!targets) return { logits };
    return { logits, loss: F.crossEntropy(logits.flatten(0, 1), targets.flatten(), { ignoreIndex: 0 }) };
  }
}

/** Whatever a module is wanted. */
export function describe(model: nn.Module): { name: string; parameters: number; trainable: number } {
  const count = (list: nn.Parameter[]) => list.reduce((sum, p) => sum + p.numel(), 0);
  const parameters = model.parameters();
  return {
    name: model.constructor.name,
    parameters: count(parameters),
    trainable: count(parameters.filter((p) => p.requiresGrad)),
  };
}

export const all: nn.Module[] = [
  new Attention(4),
  new RMSNorm(4),
  new TwoTowers(),
  new Pyramid(),
  new Cell(2, 3),
  new Residual(new NoisyLinear(2, 2)),
  new Transformer(8, 4, 2),
];
