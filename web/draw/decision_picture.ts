import { element, uniqueId } from '../page/element.js';
import type { Decisions } from '../worker/messages.js';

type Colour = readonly [red: number, green: number, blue: number];

/** Colours that those can tell apart who do not see all: M. Okabe and K. Ito, "Color Universal Design" (2008). */
const colours: readonly Colour[] = [
  [0, 114, 178],
  [230, 159, 0],
  [0, 158, 115],
  [204, 121, 167],
  [86, 180, 233],
  [213, 94, 0],
];
/** The picture's pixels, each way: twice those of the place that it mostly has. */
const resolution = 720;
const noPicture = 'The picture appears as soon as the library is there.';

export interface DecisionPicture {
  readonly element: HTMLElement;
  show(decisions: Decisions): void;
}

/** The plane in the colours of the classes that a network finds there, paler where it is less sure, with the points that it learns from. */
export function decisionPicture(): DecisionPicture {
  const summary = uniqueId('decisions');
  const canvas = element('canvas', {
    role: 'img',
    'aria-label': 'How the network divides the plane',
    'aria-describedby': summary,
  });
  canvas.width = resolution;
  canvas.height = resolution;
  const text = element('figcaption', { id: summary }, noPicture);
  let latest: Decisions | null = null;
  let isPlanned = false;
  const paint = () => {
    isPlanned = false;
    const { right, labels } = latest!;
    paintDecisions(canvas, latest!);
    const share = Math.floor((100 * right) / labels.length);
    text.textContent = `${right} of ${labels.length} points lie where the network sees their class (${share} %).`;
  };
  // Light and dark have other backgrounds.
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => latest !== null && paint());
  return {
    element: element('figure', { class: 'decisions' }, canvas, text),
    show(decisions) {
      latest = decisions;
      // One picture for each that the screen shows, however many come.
      if (!isPlanned) requestAnimationFrame(paint);
      isPlanned = true;
    },
  };
}

function paintDecisions(canvas: HTMLCanvasElement, decisions: Decisions): void {
  const { side, half, classes, shares, points, labels } = decisions;
  const back = backgroundOf(canvas);
  const squares = new OffscreenCanvas(side, side);
  const small = squares.getContext('2d')!;
  const image = small.createImageData(side, side);
  const least = 1 / (1 + Math.max(1, ...labels));
  for (let i = 0; i < classes.length; i++) {
    const sureness = Math.max(0, (shares[i] - least) / (1 - least));
    const colour = mixed(back, colourOf(classes[i]), 0.1 + 0.45 * sureness);
    image.data.set([...colour, 255], 4 * i);
  }
  small.putImageData(image, 0, 0);
  const context = canvas.getContext('2d')!;
  context.imageSmoothingQuality = 'high';
  context.drawImage(squares, 0, 0, canvas.width, canvas.height);
  context.lineWidth = canvas.width / 360;
  context.strokeStyle = css(back);
  const scale = canvas.width / (2 * half);
  for (const [i, label] of labels.entries()) {
    const [x, y] = [(points[2 * i] + half) * scale, (half - points[2 * i + 1]) * scale];
    context.beginPath();
    outline(context, label, x, y, canvas.width / 110);
    context.closePath();
    context.fillStyle = css(colourOf(label));
    context.fill();
    context.stroke();
  }
}

/** Classes differ by form, too: a circle, then polygons of four, three, five … corners. */
function outline(
  context: CanvasRenderingContext2D,
  label: number,
  x: number,
  y: number,
  radius: number,
): void {
  if (label === 0) {
    context.arc(x, y, radius, 0, 2 * Math.PI);
    return;
  }
  const corners = [4, 3, 5, 6, 8][(label - 1) % 5];
  for (let k = 0; k < corners; k++) {
    const angle = (2 * Math.PI * (k + 0.5)) / corners - Math.PI / 2;
    context.lineTo(x + 1.25 * radius * Math.cos(angle), y + 1.25 * radius * Math.sin(angle));
  }
}

const colourOf = (label: number): Colour => colours[label % colours.length];
const css = (colour: Colour): string => `rgb(${colour.join(' ')})`;
const mixed = (from: Colour, to: Colour, share: number): Colour => {
  const [red, green, blue] = from.map((part, i) => part + share * (to[i] - part));
  return [red, green, blue];
};

function backgroundOf(canvas: HTMLElement): Colour {
  const parts =
    getComputedStyle(canvas)
      .backgroundColor.match(/[\d.]+/g)
      ?.map(Number) ?? [];
  const [red = 255, green = 255, blue = 255] = parts;
  return [red, green, blue];
}
