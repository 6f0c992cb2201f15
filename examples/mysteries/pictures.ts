/** Results as pictures, on a canvas without a browser. */
import { writeFileSync } from 'node:fs';
import { createCanvas, type SKRSContext2D } from '@napi-rs/canvas';
import { font } from '../picture_font.js';
import type { Measured } from './events.js';
import { classCount, featureCount, learnedFrom } from './feature_counts.js';
import { rowTitle } from './report.js';
import type { Results } from './results.js';
import { written } from './statistics.js';
import type { Study } from './study.js';

const [ink, muted, line] = ['#1b1f24', '#555e68', '#d3d8de'];

function draw(path: string, width: number, height: number, title: string, put: (to: SKRSContext2D) => void) {
  const canvas = createCanvas(width, height);
  const context = canvas.getContext('2d');
  context.fillStyle = 'white';
  context.fillRect(0, 0, width, height);
  context.fillStyle = ink;
  context.font = `bold 20px ${font}`;
  context.fillText(title, 24, 38);
  context.font = `14px ${font}`;
  context.textBaseline = 'middle';
  put(context);
  writeFileSync(path, canvas.toBuffer('image/png'));
}

/** Draws the first score of each row with its standard error. */
export function drawScores(path: string, title: string, results: Results, study: Study): void {
  const rows = results.rows();
  const [left, right, rowHeight, top] = [280, 160, 40, 72];
  const width = 1000;
  const name = Object.keys(rows[0].scores)[0];
  const estimates = rows.map(({ scores }) => scores[name]);
  const lows = estimates.map(({ mean, error }) => mean - (error ?? 0));
  // Bars that begin at a number that is said: differences of a percent are to be seen.
  const from = Math.max(0, 10 * Math.floor((Math.min(...lows) - 5) / 10));
  draw(path, width, top + rows.length * rowHeight + 44, title, (context) => {
    const x = (value: number) => left + ((value - from) / (100 - from)) * (width - left - right);
    const bottom = top + rows.length * rowHeight;
    for (let tick = from; tick <= 100; tick += from >= 80 ? 5 : 10) {
      context.fillStyle = line;
      context.fillRect(x(tick), top - 8, 1, bottom - top + 8);
      context.fillStyle = muted;
      context.textAlign = 'center';
      context.fillText(`${tick} %`, x(tick), bottom + 18);
    }
    for (const [i, { row }] of rows.entries()) {
      const { mean, error } = estimates[i];
      const y = top + i * rowHeight + rowHeight / 2 - 4;
      context.fillStyle = ink;
      context.textAlign = 'right';
      context.fillText(rowTitle(row, study), left - 12, y);
      context.textAlign = 'left';
      context.fillText(written(estimates[i], 1), width - right + 16, y);
      context.fillStyle = '#6ea3f5';
      context.fillRect(left, y - 10, x(mean) - left, 20);
      if (error === null) continue;
      context.fillStyle = ink;
      context.fillRect(x(mean - error), y - 1, x(mean + error) - x(mean - error), 2);
      for (const end of [mean - error, mean + error]) context.fillRect(x(end) - 1, y - 6, 2, 12);
    }
  });
}

/** Draws which features networks have learned: a column for each feature, two for a class. */
export function drawFeatures(path: string, measured: readonly Measured[], study: Study): void {
  const rows = measured.filter(({ row, network }) => row !== 'ensemble' || network === study.networks - 1);
  const [left, top, cell, height] = [280, 104, 30, 26];
  const x = (feature: number) => left + feature * cell + Math.floor(feature / 2) * 8;
  const width = x(featureCount) + 24;
  const title = 'Features that each network has learned';
  draw(path, width, top + rows.length * height + 60, title, (context) => {
    context.fillStyle = muted;
    context.textAlign = 'center';
    for (let c = 0; c < classCount; c++) context.fillText(`class ${c}`, x(2 * c) + cell, top - 18);
    for (const [i, { row, network, strengths }] of rows.entries()) {
      const y = top + i * height;
      context.textAlign = 'right';
      context.fillStyle = ink;
      const number = row === 'ensemble' || row === 'joint' ? '' : `, ${network + 1}`;
      context.fillText(`${rowTitle(row, study)}${number}`, left - 12, y + height / 2);
      for (const [feature, strength] of strengths!.entries()) {
        const shade = Math.round(255 - 215 * Math.min(1, Math.max(0, strength / (2.4 * learnedFrom))));
        context.fillStyle = `rgb(${shade} ${Math.round(120 + (135 * shade) / 255)} 255)`;
        context.fillRect(x(feature), y + 2, cell - 2, height - 4);
        if (strength < learnedFrom) continue;
        context.fillStyle = ink;
        context.textAlign = 'center';
        context.fillText('•', x(feature) + cell / 2 - 1, y + height / 2);
      }
    }
    context.textAlign = 'left';
    context.fillStyle = muted;
    const key = `• learned: some neuron of the class answers the feature by ${learnedFrom} or more`;
    context.fillText(key, left, top + rows.length * height + 28);
  });
}
