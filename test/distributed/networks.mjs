/** What ranks train: the tutorial's network and a small GPT, with data of their own, the same for everybody. */
export function tutorialNet({ nn, nn: { functional: F } }) {
  class Net extends nn.Module {
    constructor() {
      super();
      this.conv1 = new nn.Conv2d(3, 6, 5);
      this.pool = new nn.MaxPool2d(2, 2);
      this.conv2 = new nn.Conv2d(6, 16, 5);
      this.fc1 = new nn.Linear(16 * 5 * 5, 120);
      this.fc2 = new nn.Linear(120, 84);
      this.fc3 = new nn.Linear(84, 10);
    }

    forward(x) {
      x = this.pool.forward(F.relu(this.conv1.forward(x)));
      x = this.pool.forward(F.relu(this.conv2.forward(x)));
      x = F.relu(this.fc1.forward(x.flatten(1)));
      x = F.relu(this.fc2.forward(x));
      return this.fc3.forward(x);
    }
  }
  return new Net();
}

const [words, width, heads, length] = [17, 16, 2, 6];

export function smallGpt(torch) {
  const { nn } = torch;
  const F = nn.functional;
  class Block extends nn.Module {
    constructor() {
      super();
      this.ln1 = new nn.LayerNorm(width);
      this.qkv = new nn.Linear(width, 3 * width);
      this.proj = new nn.Linear(width, width);
      this.ln2 = new nn.LayerNorm(width);
      this.up = new nn.Linear(width, 4 * width);
      this.down = new nn.Linear(4 * width, width);
    }

    forward(x) {
      const [n, t] = x.shape;
      const parts = this.qkv.forward(this.ln1.forward(x)).reshape(n, t, 3, heads, width / heads);
      const [q, k, v] = parts.permute(2, 0, 3, 1, 4).unbind(0);
      const y = F.scaledDotProductAttention(q, k, v, { isCausal: true });
      x = x.add(this.proj.forward(y.transpose(1, 2).reshape(n, t, width)));
      return x.add(this.down.forward(F.gelu(this.up.forward(this.ln2.forward(x)))));
    }
  }
  class Gpt extends nn.Module {
    constructor() {
      super();
      this.tokens = new nn.Embedding(words, width);
      this.places = new nn.Embedding(length, width);
      this.blocks = new nn.ModuleList([new Block(), new Block()]);
      this.ln = new nn.LayerNorm(width);
      this.head = new nn.Linear(width, words, { bias: false });
    }

    forward(ids) {
      let x = this.tokens.forward(ids).add(this.places.forward(torch.arange(length)));
      for (const block of this.blocks) x = block.forward(x);
      return this.head.forward(this.ln.forward(x)).flatten(0, 1);
    }
  }
  return new Gpt();
}

const batch = 8;

/** The network of that name, and its batches: what is looked at and what it should say. */
export function task(name, torch) {
  torch.manualSeed(5);
  if (name === 'tutorial')
    return {
      model: tutorialNet(torch),
      batches: () => [torch.randn(batch, 3, 32, 32), torch.randint(0, 10, [batch])],
    };
  return {
    model: smallGpt(torch),
    batches: () => [torch.randint(0, words, [batch, length]), torch.randint(0, words, [batch, length])],
  };
}

/** Trains by `update(loss)`, on a rank's part of each batch, and gives the losses of the whole batches. Processes of a group have different parts. */
export async function train({ model, batches }, torch, dist, steps, update, group = null) {
  const [rank, size] = [dist.getRank(group), dist.getWorldSize(group)];
  const losses = [];
  for (let i = 0; i < steps; i++) {
    const [inputs, targets] = batches().map((one) => one.chunk(size)[rank]);
    const loss = torch.nn.functional.crossEntropy(model.forward(inputs), targets.flatten());
    await update(loss, i);
    const whole = loss.detach().clone();
    await dist.allReduce(whole, dist.ReduceOp.AVG, group);
    losses.push(whole.item());
  }
  return losses;
}

/** Averages gradients over all ranks, as DistributedDataParallel does. */
export async function average(model, dist) {
  for (const { grad } of model.parameters()) if (grad !== null) await dist.allReduce(grad, dist.ReduceOp.AVG);
}
