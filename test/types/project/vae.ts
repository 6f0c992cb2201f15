/** A variational autoencoder: `forward` gives a tuple, the loss takes it apart. */
import * as torch from 'flambeau';
import { nn, optim, type Tensor } from 'flambeau';

const F = nn.functional;

export class VAE extends nn.Module {
  encoder: nn.Sequential;
  mu: nn.Linear;
  logvar: nn.Linear;
  decoder: nn.Sequential;

  constructor(inputs: number, hidden: number, latent: number) {
    super();
    this.encoder = new nn.Sequential(new nn.Linear(inputs, hidden), new nn.ReLU());
    this.mu = new nn.Linear(hidden, latent);
    this.logvar = new nn.Linear(hidden, latent);
    this.decoder = new nn.Sequential(
      new nn.Linear(latent, hidden),
      new nn.ReLU(),
      new nn.Linear(hidden, inputs),
      new nn.Sigmoid(),
    );
  }

  encode(x: Tensor): [Tensor, Tensor] {
    const h = this.encoder.forward(x);
    return [this.mu.forward(h), this.logvar.forward(h)];
  }

  reparameterize(mu: Tensor, logvar: Tensor): Tensor {
    const std = torch.exp(logvar.mul(0.5));
    return mu.add(torch.randnLike(std).mul(std));
  }

  forward(x: Tensor, mask?: Tensor): [Tensor, Tensor, Tensor] {
    const [mu, logvar] = this.encode(mask ? x.mul(mask) : x);
    return [this.decoder.forward(this.reparameterize(mu, logvar)), mu, logvar];
  }
}

export function vaeLoss([reconstruction, mu, logvar]: [Tensor, Tensor, Tensor], x: Tensor) {
  const bce = F.binaryCrossEntropy(reconstruction, x, { reduction: 'sum' });
  const kld = torch.sum(logvar.add(1).sub(mu.pow(2)).sub(logvar.exp())).mul(-0.5);
  return { total: bce.add(kld), bce, kld };
}

export const trainVAE = (steps: number): number[] => {
  const model = new VAE(12, 8, 2);
  const optimizer = new optim.Adam(model.parameters(), { lr: 1e-2, betas: [0.9, 0.99] });
  const losses: number[] = [];
  model.train();
  for (let step = 0; step < steps; step++) {
    const x = torch.rand(16, 12);
    optimizer.zeroGrad();
    const { total } = vaeLoss(model.forward(x), x);
    total.backward();
    nn.utils.clipGradNorm_(model.parameters(), 1);
    optimizer.step();
    losses.push(total.item());
  }
  return losses;
};
