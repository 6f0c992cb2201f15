/** A graph convolutional network (after tkipf/pygcn), on a graph of two groups. */
import * as torch from 'flambeau';
import { karateClub } from './graph.js';

const { nn, optim } = torch;
const F = nn.functional;

class GraphConvolution extends nn.Module {
  weight: torch.nn.Parameter;
  bias: torch.nn.Parameter;

  constructor(inFeatures: number, outFeatures: number) {
    super();
    this.weight = new nn.Parameter(torch.empty(inFeatures, outFeatures));
    this.bias = new nn.Parameter(torch.empty(outFeatures));
    const stdv = 1 / Math.sqrt(outFeatures);
    nn.init.uniform_(this.weight, -stdv, stdv);
    nn.init.uniform_(this.bias, -stdv, stdv);
  }

  forward(x: torch.Tensor, adj: torch.Tensor): torch.Tensor {
    return torch.sparse.mm(adj, torch.mm(x, this.weight)).add(this.bias);
  }
}

class GCN extends nn.Module {
  gc1: GraphConvolution;
  gc2: GraphConvolution;

  constructor(features: number, hidden: number, classes: number) {
    super();
    this.gc1 = new GraphConvolution(features, hidden);
    this.gc2 = new GraphConvolution(hidden, classes);
  }

  forward(x: torch.Tensor, adj: torch.Tensor): torch.Tensor {
    const h = F.dropout(F.relu(this.gc1.forward(x, adj)), 0.5, this.training);
    return F.logSoftmax(this.gc2.forward(h, adj), { dim: 1 });
  }
}

/** Each row of neighbours, oneself among them, divided by their number; as a sparse tensor. */
function normalized(adjacency: torch.Tensor): torch.Tensor {
  const adj = adjacency.add(torch.eye(adjacency.shape[0])).toSparse().coalesce();
  const degrees = torch.sparse.sum(adj, { dim: 1 }).toDense();
  const values = adj.values().div(degrees.index(adj.indices().index(0)));
  return torch.sparseCooTensor(adj.indices(), values, adj.shape);
}

export function run() {
  torch.manualSeed(42);
  const [adjacency, features, group] = karateClub();
  const adj = normalized(adjacency);
  const model = new GCN(34, 16, 2);
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.01, weightDecay: 5e-4 });
  const losses: number[] = [];
  for (let epoch = 0; epoch < 10; epoch++) {
    optimizer.zeroGrad();
    const output = model.forward(features, adj);
    const loss = F.nllLoss(output.index(':20'), group.index(':20'));
    loss.backward();
    optimizer.step();
    losses.push(loss.item());
  }
  model.eval();
  const output = model.forward(features, adj.toSparseCsr());
  return { losses, correct: output.argmax(1).eq(group).sum().item() };
}
