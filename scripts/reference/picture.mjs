// Draws the README's first picture: runs its first program, and shows what the network that it trains sees of the plane.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';
import { namespaces } from './record.mjs';

const path = (relative) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));
const side = 56;
const reach = 5.4;
/** Colours from one spiral's to the other's. */
const shades = ['#f4a261', '#f7bf92', '#fbdcc4', '#f4f1ee', '#cfe0ee', '#9fc4df', '#6fa8d0'];

export async function drawPicture() {
  const [, code] = /```ts\n([\s\S]*?)```/.exec(readFileSync(path('README.md'), 'utf8'));
  const { module } = await runnerImport(path('site/runner.ts'), { configFile: false, logLevel: 'error' });
  const library = await namespaces();
  const shown = {};
  const torch = library.torch;
  await module.runPage([code, 'console.picture({ net, points, arm })'], library, {
    picture: (values) => Object.assign(shown, values),
  });
  const { net, points, arm } = shown;
  const axis = torch.linspace(-reach, reach, side);
  const [y, x] = torch.meshgrid([axis, axis], { indexing: 'ij' });
  const plane = torch.stack([x.flatten(), y.neg().flatten()], 1);
  const level = torch.noGrad(() =>
    net
      .forward(plane)
      .softmax(1)
      .select(1, 1)
      .mul(shades.length - 1e-3)
      .floor()
      .reshape(side, side)
      .tolist(),
  );
  writeFileSync(path('docs/spirals.svg'), svg(level, points.tolist(), arm.tolist()));
  return 'docs/spirals.svg';
}

function svg(level, points, arm) {
  // Neighbours of a row that look alike are one rectangle, and all of a shade one path.
  const paths = shades.map(() => '');
  for (const [row, levels] of level.entries())
    for (let from = 0; from < side; ) {
      let to = from;
      while (to < side && levels[to] === levels[from]) to++;
      paths[levels[from]] += `M${from} ${row}h${to - from}v1h${from - to}z`;
      from = to;
    }
  const scale = side / (2 * reach);
  const place = (value) => (scale * (value + reach)).toFixed(1);
  const dots = ['', ''];
  for (const [i, [x, y]] of points.entries()) dots[arm[i]] += `M${place(x)} ${place(-y)}h0`;
  const dot = (path, colour) =>
    `<path d="${path}" stroke="${colour}" stroke-width="0.9" stroke-linecap="round"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" role="img" aria-label="Two spirals and the regions that a network finds for them">
<g shape-rendering="crispEdges">
${paths.map((path, i) => `<path fill="${shades[i]}" d="${path}"/>`).join('\n')}
</g>
${dot(dots[0], '#9c3d0c')}
${dot(dots[1], '#14507f')}
</svg>
`;
}
