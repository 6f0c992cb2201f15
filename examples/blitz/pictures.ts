/** Pictures without a browser: Chart.js on a canvas of Skia's. */
import { writeFileSync } from 'node:fs';
import { type Canvas, createCanvas } from '@napi-rs/canvas';
import {
  CategoryScale,
  Chart,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Title,
} from 'chart.js';
import { font } from '../picture_font.js';
import type { LabelledImages } from './place.js';

Chart.register(CategoryScale, Legend, LinearScale, LineController, LineElement, PointElement, Title);

Chart.defaults.font.family = font;

function save(path: string, canvas: Canvas): void {
  writeFileSync(path, canvas.toBuffer('image/png'));
}

const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;

/** Draws how the loss went: means over short stretches of steps, and of each epoch. */
export function drawTrainingCurve(
  path: string,
  losses: readonly number[],
  stepsPerEpoch: number,
  title = 'Training loss on CIFAR-10',
): void {
  const stretch = Math.max(1, Math.ceil(losses.length / 150));
  const points: { x: number; y: number }[] = [];
  for (let i = 0; i < losses.length; i += stretch) {
    const part = losses.slice(i, i + stretch);
    points.push({ x: (i + part.length / 2) / stepsPerEpoch, y: mean(part) });
  }
  const epochs: { x: number; y: number }[] = [];
  for (let i = 0; i < losses.length; i += stepsPerEpoch)
    epochs.push({ x: i / stepsPerEpoch + 0.5, y: mean(losses.slice(i, i + stepsPerEpoch)) });

  const canvas = createCanvas(1000, 600);
  const line = { borderWidth: 2, pointRadius: 0 };
  const chart = new Chart(canvas as unknown as HTMLCanvasElement, {
    type: 'line',
    data: {
      datasets: [
        {
          ...line,
          label: stretch === 1 ? 'each step' : `mean of ${stretch} steps`,
          data: points,
          borderColor: '#93c5fd',
        },
        { ...line, label: 'mean of an epoch', data: epochs, borderColor: '#1d4ed8', pointRadius: 4 },
      ],
    },
    options: {
      animation: false,
      responsive: false,
      devicePixelRatio: 1,
      layout: { padding: 16 },
      plugins: { title: { display: true, text: title, font: { size: 20 } } },
      scales: {
        x: { type: 'linear', min: 0, title: { display: true, text: 'epoch', font: { size: 14 } } },
        y: { type: 'linear', title: { display: true, text: 'cross entropy', font: { size: 14 } } },
      },
    },
    plugins: [
      {
        id: 'background',
        beforeDraw({ ctx, width, height }) {
          ctx.fillStyle = 'white';
          ctx.fillRect(0, 0, width, height);
        },
      },
    ],
  });
  save(path, canvas);
  chart.destroy();
}

function picture(images: LabelledImages, index: number): Canvas {
  const area = images.data.length / 3 / images.targets.length;
  const side = Math.sqrt(area);
  const canvas = createCanvas(side, side);
  const context = canvas.getContext('2d');
  const pixels = context.createImageData(side, side);
  for (let i = 0; i < area; i++) {
    for (let c = 0; c < 3; c++) pixels.data[4 * i + c] = images.data[(3 * index + c) * area + i];
    pixels.data[4 * i + 3] = 255;
  }
  context.putImageData(pixels, 0, 0);
  return canvas;
}

/** Draws the first test images, each with what the network takes it for and, where it is wrong, what it is. */
export function drawPredictions(path: string, images: LabelledImages, predictions: readonly number[]): void {
  const [columns, rows, size, gap] = [8, 4, 96, 24];
  const [cellWidth, cellHeight, header] = [size + gap, size + 52, 56];
  const canvas = createCanvas(columns * cellWidth + gap, rows * cellHeight + header + gap / 2);
  const context = canvas.getContext('2d');
  context.fillStyle = 'white';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = '#374151';
  context.textAlign = 'center';
  context.font = `bold 20px ${font}`;
  context.fillText('Test images and what the network takes them for', canvas.width / 2, 34);
  context.imageSmoothingEnabled = false;
  for (let i = 0; i < Math.min(columns * rows, predictions.length); i++) {
    const x = gap + (i % columns) * cellWidth;
    const y = header + Math.floor(i / columns) * cellHeight;
    const [guess, truth] = [predictions[i], images.targets[i]];
    context.drawImage(picture(images, i), x, y, size, size);
    context.font = `bold 14px ${font}`;
    context.fillStyle = guess === truth ? '#15803d' : '#b91c1c';
    context.fillText(images.classes[guess], x + size / 2, y + size + 18);
    if (guess === truth) continue;
    context.font = `12px ${font}`;
    context.fillStyle = '#6b7280';
    context.fillText(`is: ${images.classes[truth]}`, x + size / 2, y + size + 34);
  }
  save(path, canvas);
}
