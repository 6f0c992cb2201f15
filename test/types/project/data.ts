/** Data sets, samplers, transforms and loaders of one's own. */

import type { Tensor } from 'flambeau';
import * as torch from 'flambeau';
import * as torchvision from 'flambeau/vision';

const { DataLoader, Dataset, IterableDataset, Sampler, TensorDataset, randomSplit } = torch.utils.data;

export interface Item {
  image: Tensor;
  label: number;
  name: string;
}

export class Shapes extends Dataset<Item> {
  constructor(
    private readonly size: number,
    private readonly transform?: (image: Tensor) => Tensor,
  ) {
    super();
  }

  get length(): number {
    return this.size;
  }

  at(index: number): Item {
    const image = torch.full([1, 4, 4], index, { dtype: torch.float32 });
    return { image: this.transform?.(image) ?? image, label: index % 2, name: `shape ${index}` };
  }
}

export class Pairs extends Dataset<[Tensor, number]> {
  override get length() {
    return 10;
  }
  override at(i: number): [Tensor, number] {
    return [torch.full([3], i), i];
  }
}

export class Countdown extends IterableDataset<number> {
  constructor(readonly from: number) {
    super();
  }
  override *[Symbol.iterator](): Generator<number> {
    for (let i = this.from; i > 0; i--) yield i;
  }
}

export class EveryOther extends Sampler {
  constructor(readonly source: { readonly length: number }) {
    super();
  }
  *[Symbol.iterator]() {
    for (let i = 0; i < this.source.length; i += 2) yield i;
  }
  get length() {
    return Math.ceil(this.source.length / 2);
  }
}

export class AddNoise extends torchvision.transforms.Transform<Tensor, Tensor> {
  constructor(private readonly std: number) {
    super();
  }
  forward(x: Tensor): Tensor {
    return x.add(torch.randnLike(x).mul(this.std));
  }
}

export const augment = new torchvision.transforms.Compose([
  new torchvision.transforms.ToTensor(),
  new torchvision.transforms.Normalize([0.5], [0.5]),
  new AddNoise(0.1),
  (x: Tensor) => x.clamp(-1, 1),
]);

export const noisy = new Shapes(8, (image) => new AddNoise(0.5).forward(image));

export async function batches(): Promise<string[]> {
  const [train, test] = randomSplit(
    noisy,
    [6, 2],
    torch.Generator ? new torch.Generator().manualSeed(1) : null,
  );
  const lines: string[] = [];
  if (train && test) {
    const loader = new DataLoader(train, { batchSize: 3, shuffle: true, dropLast: true });
    for await (const { image, label, name } of loader)
      lines.push(`${image.shape} ${label.dtype} ${name.join(', ')} of ${test.length + loader.length}`);
  }
  for await (const [x, y] of new DataLoader(new Pairs(), {
    batchSize: 5,
    sampler: new EveryOther(new Pairs()),
  }))
    lines.push(`${x.size(0)} ${y.tolist()}`);
  for (const batch of new DataLoader({ dataset: new Countdown(4), batchSize: 2 }))
    lines.push(String(batch.sum().item()));
  const rows = new TensorDataset(torch.rand(4, 2), torch.arange(4));
  const collateFn = (items: Tensor[][]) =>
    torch.stack(items.map(([x, y]) => (x && y ? x.mul(y) : torch.zeros(2))));
  for (const batch of new DataLoader(rows, { batchSize: 4, collateFn })) lines.push(`${batch.shape}`);
  return lines;
}
