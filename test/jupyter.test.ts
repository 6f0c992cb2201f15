import * as torch from 'flambeau';
import { transforms } from 'flambeau/vision';
import { describe, expect, it } from 'vitest';

/** The forms that Deno's Jupyter kernel asks a value for. */
type Shown = Record<string, string>;
const shown = async (value: object): Promise<Shown> =>
  (value as Record<symbol, () => Shown | Promise<Shown>>)[Symbol.for('Jupyter.display')]();

describe('in notebooks', () => {
  it('small matrices and vectors are tables of what is printed', async () => {
    const forms = await shown(
      torch.tensor([
        [1, 2.5],
        [-3, 0.25],
      ]),
    );
    expect(forms['text/plain']).toBe('tensor([[ 1.0000,  2.5000],\n        [-3.0000,  0.2500]])');
    expect(forms['text/html']).toBe(
      '<table><caption>2 × 2, torch.float32</caption>' +
        '<tr><td>1.0000</td><td>2.5000</td></tr><tr><td>-3.0000</td><td>0.2500</td></tr></table>',
    );
    const vector = await shown(torch.tensor([true, false], { requiresGrad: false }));
    expect(vector['text/html']).toContain('<tr><td>True</td><td>False</td></tr>');
  });

  it('gradients, dtypes and complex numbers do not disturb them', async () => {
    const x = torch.tensor([1, 2.5], { dtype: torch.float64, requiresGrad: true });
    expect((await shown(x.mul(2)))['text/html']).toContain('<tr><td>2.</td><td>5.</td></tr>');
    const z = torch.complex(torch.tensor([1.5]), torch.tensor([-2.5]));
    expect((await shown(z))['text/html']).toContain('<td>1.5000-2.5000j</td>');
  });

  it.each([
    ['numbers', torch.tensor(3)],
    ['large matrices', torch.ones(21, 2)],
    ['stacks', torch.ones(2, 2, 2)],
    ['nothing', torch.ones(0)],
    ['what has no values', torch.ones([2], { device: 'meta' })],
  ])('%s are text', async (_, tensor) => {
    expect(await shown(tensor)).toEqual({ 'text/plain': String(tensor) });
  });

  it('images are PNG files', async () => {
    const image = transforms.Image.fromPlanes(Uint8Array.of(0, 255), 2, 1, 1);
    const forms = await shown(image);
    expect(forms['text/plain']).toBe(String(image));
    const bytes = Buffer.from(forms['image/png'], 'base64');
    expect([...(await transforms.Image.open(new Uint8Array(bytes))).planes]).toEqual([0, 255]);
  });
});
