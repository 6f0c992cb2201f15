/** A generator and a discriminator of convolutions (after the DCGAN tutorial), for images of 16 x 16. */
import * as torch from 'flambeau';

const { nn, optim } = torch;

const latent = 16;
const width = 8;

function weightsInit(m: torch.nn.Module): void {
  if (m instanceof nn.Conv2d || m instanceof nn.ConvTranspose2d) nn.init.normal_(m.weight.data, 0, 0.02);
  else if (m instanceof nn.BatchNorm2d) {
    nn.init.normal_(m.weight!.data, 1, 0.02);
    nn.init.constant_(m.bias!.data, 0);
  }
}

export function run(): number[] {
  torch.manualSeed(5);
  const generator = new nn.Sequential(
    new nn.ConvTranspose2d(latent, 2 * width, 4, 1, 0, { bias: false }),
    new nn.BatchNorm2d(2 * width),
    new nn.ReLU(true),
    new nn.ConvTranspose2d(2 * width, width, 4, 2, 1, { bias: false }),
    new nn.BatchNorm2d(width),
    new nn.ReLU(true),
    new nn.ConvTranspose2d(width, 1, 4, 2, 1, { bias: false }),
    new nn.Tanh(),
  );
  const discriminator = new nn.Sequential(
    new nn.Conv2d(1, width, 4, 2, 1, { bias: false }),
    new nn.LeakyReLU(0.2, { inplace: true }),
    new nn.Conv2d(width, 2 * width, 4, 2, 1, { bias: false }),
    new nn.BatchNorm2d(2 * width),
    new nn.LeakyReLU(0.2, { inplace: true }),
    new nn.Conv2d(2 * width, 1, 4, 1, 0, { bias: false }),
    new nn.Sigmoid(),
  );
  generator.apply(weightsInit);
  discriminator.apply(weightsInit);
  const criterion = new nn.BCELoss();
  const options = { lr: 0.002, betas: [0.5, 0.999] } as const;
  const optimizerD = new optim.Adam(discriminator.parameters(), options);
  const optimizerG = new optim.Adam(generator.parameters(), options);
  const [ones, zeros] = [torch.ones(16), torch.zeros(16)];
  const losses: number[] = [];
  for (let step = 0; step < 5; step++) {
    const real = torch.rand(16, 1, 16, 16).round().mul(2).sub(1);
    discriminator.zeroGrad();
    const ofReal = criterion.forward(discriminator.forward(real).view(-1), ones);
    ofReal.backward();
    const fake = generator.forward(torch.randn(16, latent, 1, 1));
    const ofFake = criterion.forward(discriminator.forward(fake.detach()).view(-1), zeros);
    ofFake.backward();
    optimizerD.step();
    generator.zeroGrad();
    const ofGenerator = criterion.forward(discriminator.forward(fake).view(-1), ones);
    ofGenerator.backward();
    optimizerG.step();
    losses.push(ofReal.add(ofFake).item(), ofGenerator.item());
  }
  return losses;
}
