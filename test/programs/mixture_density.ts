/** Fits several answers to one question by a mixture of Gaussians (Bishop 1994), then draws some. */
import * as torch from 'flambeau';

const { nn, optim } = torch;
const { Categorical, MixtureSameFamily, Normal } = torch.distributions;

class MixtureDensityNetwork extends nn.Module {
  hidden: torch.nn.Sequential;
  logits: torch.nn.Linear;
  mean: torch.nn.Linear;
  logScale: torch.nn.Linear;

  constructor(hidden: number, components: number) {
    super();
    this.hidden = new nn.Sequential(new nn.Linear(1, hidden), new nn.Tanh());
    this.logits = new nn.Linear(hidden, components);
    this.mean = new nn.Linear(hidden, components);
    this.logScale = new nn.Linear(hidden, components);
  }

  forward(x: torch.Tensor): torch.distributions.MixtureSameFamily {
    const h = this.hidden.forward(x);
    const components = new Normal(this.mean.forward(h), this.logScale.forward(h).exp());
    return new MixtureSameFamily(new Categorical({ logits: this.logits.forward(h) }), components);
  }
}

export function run(): { losses: number[]; means: number[]; drawn: number[] } {
  torch.manualSeed(15);
  const y = torch.rand(200, 1).mul(20).sub(10);
  const x = torch.sin(y.mul(0.75)).mul(7).add(y.mul(0.5)).add(torch.randn(200, 1));
  const net = new MixtureDensityNetwork(20, 5);
  const optimizer = new optim.Adam(net.parameters(), { lr: 0.01 });
  const losses: number[] = [];
  for (let step = 0; step < 10; step++) {
    const loss = net.forward(x).logProb(y.squeeze(1)).mean().neg();
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    losses.push(loss.item());
  }
  return torch.noGrad(() => {
    const mixture = net.forward(torch.linspace(-10, 10, 5).unsqueeze(1));
    return {
      losses,
      means: mixture.mean.tolist() as number[],
      drawn: mixture.sample([2]).flatten().tolist() as number[],
    };
  });
}
