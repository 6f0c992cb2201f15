/** Networks that are trained on many processes: the tutorial's, and a small GPT. */
import * as torch from 'flambeau';

const { nn } = torch;
const F = torch.nn.functional;

/** The tutorial's classifier of small images. */
export class Net extends nn.Module {
  conv1 = new nn.Conv2d(3, 6, 5);
  conv2 = new nn.Conv2d(6, 16, 5);
  fc1 = new nn.Linear(16 * 5 * 5, 120);
  fc2 = new nn.Linear(120, 84);
  fc3 = new nn.Linear(84, 10);

  override forward(input: torch.Tensor): torch.Tensor {
    let x = F.maxPool2d(F.relu(this.conv1.forward(input)), 2);
    x = F.maxPool2d(F.relu(this.conv2.forward(x)), 2);
    x = F.relu(this.fc1.forward(torch.flatten(x, 1)));
    return this.fc3.forward(F.relu(this.fc2.forward(x)));
  }
}

/** Attention to what came before, and two linear layers. */
class Block extends nn.Module {
  ln1: torch.nn.LayerNorm;
  qkv: torch.nn.Linear;
  proj: torch.nn.Linear;
  ln2: torch.nn.LayerNorm;
  up: torch.nn.Linear;
  down: torch.nn.Linear;

  constructor(
    private readonly width: number,
    private readonly heads: number,
  ) {
    super();
    this.ln1 = new nn.LayerNorm(width);
    this.qkv = new nn.Linear(width, 3 * width);
    this.proj = new nn.Linear(width, width);
    this.ln2 = new nn.LayerNorm(width);
    this.up = new nn.Linear(width, 4 * width);
    this.down = new nn.Linear(4 * width, width);
  }

  override forward(input: torch.Tensor): torch.Tensor {
    const [n, t] = input.shape;
    const { width, heads } = this;
    const parts = this.qkv.forward(this.ln1.forward(input)).reshape(n, t, 3, heads, width / heads);
    const [q, k, v] = parts.permute(2, 0, 3, 1, 4).unbind(0);
    const seen = F.scaledDotProductAttention(q, k, v, { isCausal: true });
    const x = input.add(this.proj.forward(seen.transpose(1, 2).reshape(n, t, width)));
    return x.add(this.down.forward(F.gelu(this.up.forward(this.ln2.forward(x)))));
  }
}

/** Tells which character comes next, after each of so many. */
export class SmallGpt extends nn.Module {
  tokens: torch.nn.Embedding;
  places: torch.nn.Embedding;
  blocks: torch.nn.ModuleList;
  ln: torch.nn.LayerNorm;
  head: torch.nn.Linear;

  constructor(characters: number, length: number, width = 64, layers = 2, heads = 4) {
    super();
    this.tokens = new nn.Embedding(characters, width);
    this.places = new nn.Embedding(length, width);
    this.blocks = new nn.ModuleList(Array.from({ length: layers }, () => new Block(width, heads)));
    this.ln = new nn.LayerNorm(width);
    this.head = new nn.Linear(width, characters, { bias: false });
  }

  /** @returns a row of scores for each character of each text */
  override forward(ids: torch.Tensor): torch.Tensor {
    let x = this.tokens.forward(ids).add(this.places.forward(torch.arange(ids.shape[1])));
    for (const block of this.blocks) x = (block as Block).forward(x);
    return this.head.forward(this.ln.forward(x)).flatten(0, 1);
  }
}
