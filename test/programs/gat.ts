/** A graph attention network with sparse attention (after Diego999/pyGAT), on a graph of two groups. */
import * as torch from 'flambeau';
import { karateClub } from './graph.js';

const { nn, optim } = torch;
const F = nn.functional;

class GraphAttention extends nn.Module {
  W: torch.nn.Parameter;
  a: torch.nn.Parameter;

  constructor(
    inFeatures: number,
    outFeatures: number,
    readonly concat: boolean,
  ) {
    super();
    this.W = new nn.Parameter(torch.empty(inFeatures, outFeatures));
    this.a = new nn.Parameter(torch.empty(2 * outFeatures, 1));
    nn.init.xavierUniform_(this.W, { gain: Math.SQRT2 });
    nn.init.xavierUniform_(this.a, { gain: Math.SQRT2 });
  }

  forward(x: torch.Tensor, edges: torch.Tensor): torch.Tensor {
    const h = torch.mm(x, this.W);
    const pairs = torch.cat([h.index(edges.index(0)), h.index(edges.index(1))], 1);
    const scores = F.leakyRelu(torch.mm(pairs, this.a).squeeze(1), 0.2);
    const size = [x.shape[0], x.shape[0]];
    const attention = torch.sparse.softmax(torch.sparseCooTensor(edges, scores, size), { dim: 1 });
    const out = torch.sparse.mm(attention, h);
    return this.concat ? F.elu(out) : out;
  }
}

class GAT extends nn.Module {
  attentions: torch.nn.ModuleList<GraphAttention>;
  outAtt: GraphAttention;

  constructor(features: number, hidden: number, classes: number, heads: number) {
    super();
    this.attentions = new nn.ModuleList(
      Array.from({ length: heads }, () => new GraphAttention(features, hidden, true)),
    );
    this.outAtt = new GraphAttention(hidden * heads, classes, false);
  }

  forward(input: torch.Tensor, edges: torch.Tensor): torch.Tensor {
    let x = F.dropout(input, 0.5, this.training);
    x = torch.cat(
      [...this.attentions].map((att) => att.forward(x, edges)),
      1,
    );
    x = F.dropout(x, 0.5, this.training);
    return F.logSoftmax(F.elu(this.outAtt.forward(x, edges)), { dim: 1 });
  }
}

export function run(): number[] {
  torch.manualSeed(72);
  const [adjacency, features, group] = karateClub();
  const edges = adjacency.add(torch.eye(34)).nonzero().t().contiguous();
  const model = new GAT(34, 8, 2, 4);
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.005, weightDecay: 5e-4 });
  const losses: number[] = [];
  for (let epoch = 0; epoch < 10; epoch++) {
    optimizer.zeroGrad();
    const output = model.forward(features, edges);
    const loss = F.nllLoss(output.index(':20'), group.index(':20'));
    loss.backward();
    optimizer.step();
    losses.push(loss.item());
  }
  return losses;
}
