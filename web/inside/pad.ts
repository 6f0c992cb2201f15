/** A square in which a reader draws a digit, with a finger, a mouse or the keyboard. */
import { element } from '../page/element.js';
import { side } from './dots.js';

/** Each dot is so many pixels wide. */
const scale = 20;
/** How thick the pen is, in dots: about as the pens of the digits that the network has seen. */
const pen = 1.35;

export class Pad {
  readonly element: HTMLCanvasElement;
  private values = new Float32Array(side * side);
  private last: readonly [number, number] | null = null;
  /** Where the keyboard draws. */
  private cursor: readonly [number, number] = [side >> 1, side >> 1];

  /** @param changed told when a stroke ends */
  constructor(private readonly changed: () => void) {
    const canvas = element('canvas', {
      class: 'pad',
      role: 'application',
      tabindex: '0',
      'aria-label': `A square to draw a digit in, ${side} by ${side} dots. Arrow keys move, space draws, backspace erases.`,
    });
    canvas.width = side * scale;
    canvas.height = side * scale;
    this.element = canvas;
    canvas.addEventListener('pointerdown', (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.last = null;
      this.stroke(event);
    });
    canvas.addEventListener('pointermove', (event) => {
      if (canvas.hasPointerCapture(event.pointerId)) this.stroke(event);
    });
    canvas.addEventListener('pointerup', changed);
    canvas.addEventListener('keydown', (event) => this.press(event));
    for (const event of ['focus', 'blur']) canvas.addEventListener(event, () => this.paint());
  }

  /** Ink of each dot, row by row, from 0 to 1. */
  get dots(): Float32Array {
    return this.values;
  }

  set dots(dots: Float32Array) {
    this.values = dots.slice();
    this.paint();
  }

  private stroke({ offsetX, offsetY }: PointerEvent): void {
    const { clientWidth, clientHeight } = this.element;
    const to = [(offsetX / clientWidth) * side, (offsetY / clientHeight) * side] as const;
    const from = this.last ?? to;
    const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
    const count = Math.max(1, Math.ceil(4 * length));
    for (let i = 1; i <= count; i++) {
      const [x, y] = [0, 1].map((axis) => from[axis] + ((to[axis] - from[axis]) * i) / count);
      this.ink(x, y);
    }
    this.last = to;
    this.paint();
  }

  /** Inks the dots around a point, those farther away less. */
  private ink(x: number, y: number): void {
    for (let row = 0; row < side; row++)
      for (let column = 0; column < side; column++) {
        const ink = pen - Math.hypot(column + 0.5 - x, row + 0.5 - y);
        const i = row * side + column;
        this.values[i] = Math.max(this.values[i], Math.min(1, ink));
      }
  }

  private press(event: KeyboardEvent): void {
    const steps: Readonly<Record<string, readonly [number, number]>> = {
      ArrowUp: [0, -1],
      ArrowDown: [0, 1],
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
    };
    const step = steps[event.key];
    const [x, y] = this.cursor;
    if (step !== undefined)
      this.cursor = [
        Math.min(Math.max(x + step[0], 0), side - 1),
        Math.min(Math.max(y + step[1], 0), side - 1),
      ];
    else if (event.key === ' ') this.ink(x + 0.5, y + 0.5);
    else if (event.key === 'Backspace') this.values[y * side + x] = 0;
    else return;
    event.preventDefault();
    this.paint();
    if (step === undefined) this.changed();
  }

  private paint(): void {
    const context = this.element.getContext('2d')!;
    for (const [i, value] of this.values.entries()) {
      const light = Math.round(255 * value);
      context.fillStyle = `rgb(${light} ${light} ${light})`;
      context.fillRect((i % side) * scale, Math.floor(i / side) * scale, scale, scale);
    }
    if (document.activeElement !== this.element) return;
    const [x, y] = this.cursor;
    context.strokeStyle = '#f0b37a';
    context.lineWidth = 2;
    context.strokeRect(x * scale + 1, y * scale + 1, scale - 2, scale - 2);
  }
}
