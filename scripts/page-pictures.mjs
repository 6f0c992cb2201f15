// Icons of the pages and the picture that a link to them shows: drawn at every build, none is kept.

import { readFileSync } from 'node:fs';
import { createCanvas, loadImage, Path2D } from '@napi-rs/canvas';

/** A torch on a square of 64: parts and their colours. */
const torch = [
  ['M24 47H40L36.5 62H27.5Z', '#0b57d0'],
  [
    'M33 2C37 13 50 19 50 32C50 42 42 48 32 48C22 48 14 42 14 32C14 25 18 21 20 14C24 17 26 20 27 24C31 18 33 10 33 2Z',
    '#e8590c',
  ],
  ['M32 24C36 30 41 33 41 39C41 44 37 47 32 47C27 47 23 44 23 39C23 34 29 31 32 24Z', '#ffd43b'],
];

export function iconSvg() {
  const paths = torch.map(([d, fill]) => `<path fill="${fill}" d="${d}"/>`).join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">${paths}</svg>\n`;
}

function drawTorch(context, left, top, side) {
  context.save();
  context.translate(left, top);
  context.scale(side / 64, side / 64);
  for (const [d, fill] of torch) {
    context.fillStyle = fill;
    context.fill(new Path2D(d));
  }
  context.restore();
}

/** @param isMaskable whether systems may cut it to a form of theirs: then it has a background, and room around it */
export function iconPng(side, isMaskable = false) {
  const canvas = createCanvas(side, side);
  const context = canvas.getContext('2d');
  if (isMaskable) {
    context.fillStyle = '#ffffff';
    context.fillRect(0, 0, side, side);
  }
  const part = isMaskable ? 0.6 : 1;
  drawTorch(context, ((1 - part) / 2) * side, ((1 - part) / 2) * side, part * side);
  return canvas.toBuffer('image/png');
}

/** What programs show of a link: what it is, and the picture that the README's first program makes. */
export async function cardPng() {
  const { font } = await import('../dist/examples/picture_font.js');
  const canvas = createCanvas(1200, 630);
  const context = canvas.getContext('2d');
  context.fillStyle = '#14171b';
  context.fillRect(0, 0, 1200, 630);
  const spirals = await loadImage(readFileSync(new URL('../docs/spirals.svg', import.meta.url)));
  context.imageSmoothingEnabled = false;
  context.drawImage(spirals, 620, 50, 530, 530);
  drawTorch(context, 60, 90, 130);
  const write = (text, size, y, colour, weight = '') => {
    context.fillStyle = colour;
    context.font = `${weight} ${size}px ${font}`;
    context.fillText(text, 60, y);
  };
  write('Flambeau', 92, 330, '#e4e8ec', 'bold');
  write('PyTorch for TypeScript', 43, 405, '#e4e8ec');
  write('in browsers, Node, Bun and Deno', 30, 465, '#a5aeb8');
  return canvas.toBuffer('image/png');
}
