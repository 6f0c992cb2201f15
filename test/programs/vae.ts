/** A variational autoencoder (after pytorch/examples' vae), on images of crosses. */
import * as torch from 'flambeau';

const { nn, optim } = torch;
const F = nn.functional;

class VAE extends nn.Module {
  fc1 = new nn.Linear(64, 40);
  fc21 = new nn.Linear(40, 5);
  fc22 = new nn.Linear(40, 5);
  fc3 = new nn.Linear(5, 40);
  fc4 = new nn.Linear(40, 64);

  forward(x: torch.Tensor): [recon: torch.Tensor, mu: torch.Tensor, logvar: torch.Tensor] {
    const h = this.fc1.forward(x).relu();
    const [mu, logvar] = [this.fc21.forward(h), this.fc22.forward(h)];
    const std = logvar.mul(0.5).exp();
    const z = mu.add(torch.randnLike(std).mul(std));
    return [this.fc4.forward(this.fc3.forward(z).relu()).sigmoid(), mu, logvar];
  }
}

function crosses(count: number): torch.Tensor {
  const images = torch.zeros(count, 8, 8);
  const [rows, columns] = torch.randint(0, 8, [2, count]).unbind();
  images.indexPut_([torch.arange(count), rows], 1);
  images.indexPut_([torch.arange(count), ':', columns], 1);
  return images.view(count, 64);
}

export function run(): number[] {
  torch.manualSeed(4);
  const net = new VAE();
  const optimizer = new optim.Adam(net.parameters(), { lr: 1e-3 });
  const losses: number[] = [];
  for (let step = 0; step < 10; step++) {
    const x = crosses(32);
    const [recon, mu, logvar] = net.forward(x);
    const bce = F.binaryCrossEntropy(recon, x, { reduction: 'sum' });
    const kld = logvar.add(1).sub(mu.pow(2)).sub(logvar.exp()).sum().mul(-0.5);
    const loss = bce.add(kld);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    losses.push(loss.item());
  }
  return losses;
}
