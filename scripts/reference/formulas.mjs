// Formulas that no row says: of layers, losses and distributions, by their names, and of optimizers, by the rules that they run.
import { readFileSync } from 'node:fs';
import { formulas } from './math.mjs';

const texts = new Map(
  readFileSync(new URL('./formulas.txt', import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line.includes(': '))
    .flatMap((line) => {
      const at = line.indexOf(': ');
      return line
        .slice(0, at)
        .split(' ')
        .map((name) => [name, line.slice(at + 2)]);
    }),
);
let optimizers = null;

/** The formula of a name in TeX; null if none is known. */
export function formulaOf(path) {
  return texts.get(path) ?? optimizers?.get(path) ?? null;
}

/** Learns the optimizers' formulas from their rules, with their options at the defaults. */
export async function readRules() {
  const torch = await import('../../dist/index.js');
  optimizers = new Map();
  for (const [name, Optimizer] of Object.entries(torch.optim)) {
    if (typeof Optimizer?.prototype?.rule !== 'function') continue;
    const optimizer = new Optimizer(
      [torch.zeros(1, { requiresGrad: true })],
      name === 'SGD' ? { lr: 0.1, momentum: 0.9 } : {},
    );
    let lines;
    try {
      ({ lines } = optimizer.rule(optimizer.paramGroups[0], {}));
    } catch {
      continue;
    }
    const written = lines.filter(Boolean).map((line) => formulas(line)?.[0]);
    if (written.length > 0 && written.every(Boolean))
      optimizers.set(`torch.optim.${name}`, written.join(' \\\\ '));
  }
}
