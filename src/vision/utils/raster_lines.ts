/** Draws lines and polygons as PIL does, to the pixel. */
import type { Rgb } from './color_names.js';
import { type Canvas, fillRow } from './raster.js';

export type Point = readonly [x: number, y: number];

/** The colour and cover of what is drawn. */
export interface Pen {
  readonly colour: Rgb;
  /** From 0 to 255. */
  readonly cover: number;
  /** Whether PIL mixes colours, for which it takes care to meet no pixel of a polygon twice. */
  readonly mixes: boolean;
}

/** The nearest integer, halves away from 0. */
const roundUp = (x: number): number => (x >= 0 ? Math.floor(x + 0.5) : -Math.floor(-x + 0.5));
/** The nearest integer, halves towards 0. */
const roundDown = (x: number): number => (x >= 0 ? Math.ceil(x - 0.5) : -Math.ceil(-x - 0.5));

interface Edge {
  readonly x0: number;
  readonly y0: number;
  readonly xmin: number;
  xmax: number;
  readonly ymin: number;
  readonly ymax: number;
  /** How far it moves in x from a row to the next. */
  readonly slope: number;
}

function edgeOf([x0, y0]: Point, [x1, y1]: Point): Edge {
  return {
    x0,
    y0,
    xmin: Math.min(x0, x1),
    xmax: Math.max(x0, x1),
    ymin: Math.min(y0, y1),
    ymax: Math.max(y0, y1),
    slope: y0 === y1 ? 0 : Math.fround(Math.fround(x1 - x0) / (y1 - y0)),
  };
}

/** Where an edge is in a row, in single precision. */
const xOf = ({ x0, y0, slope }: Edge, y: number): number =>
  Math.fround(Math.fround(Math.fround(y - y0) * slope) + x0);

/**
 * Moves the point of a corner to where its edges are in the row next to it, if both lie more than a pixel to one side of it: so the row has what
 * joins it to that.
 */
function joined(x: number, y: number, edge: Edge, others: readonly Edge[]): number {
  for (const other of others) {
    if ((y !== other.ymin && y !== other.ymax) || other.slope === 0) continue;
    if (roundUp(x) !== roundUp(xOf(other, y))) continue;
    const next = y + (y === edge.ymax ? -1 : 1);
    if (next < other.ymin || next > other.ymax) continue;
    const [one, two] = [xOf(edge, next), xOf(other, next)];
    if (x > one + 1 && x > two + 1) return roundUp(Math.max(one, two)) + 1;
    if (x < one - 1 && x < two - 1) return roundUp(Math.min(one, two)) - 1;
    return x;
  }
  return x;
}

function fillEdges(canvas: Canvas, edges: readonly Edge[], { colour, cover, mixes }: Pen): void {
  const flat = edges.filter(({ ymin, ymax }) => ymin === ymax);
  const steep = edges.filter(({ ymin, ymax }) => ymin !== ymax);
  const row = (from: number, y: number, to: number) => fillRow(canvas, from, y, to, colour, cover);
  if (!mixes) for (const { xmin, xmax, ymin } of flat) row(xmin, ymin, xmax);
  const first = Math.max(Math.min(canvas.height - 1, ...edges.map(({ ymin }) => ymin)), 0);
  const last = Math.min(Math.max(0, ...edges.map(({ ymax }) => ymax)), canvas.height);
  for (let y = first; y <= last; y++) {
    const crossings: number[] = [];
    for (const [i, edge] of steep.entries()) {
      if (y < edge.ymin || y > edge.ymax) continue;
      const x = xOf(edge, y);
      if (y === edge.ymax && y < last) crossings.push(x, x);
      else if ((y === edge.ymin || y === edge.ymax) && edge.slope !== 0)
        crossings.push(joined(x, y, edge, steep.slice(0, i)));
      else crossings.push(x);
    }
    crossings.sort((a, b) => a - b);
    // Where the next piece may begin; no flat edge may wait for one if there are none.
    let free = crossings.length === 0 ? -1 : 0;
    const piece = (from: number, to: number) => {
      const start = mixes ? Math.max(from, free) : from;
      if (mixes && to < start) return;
      row(start, y, to);
      free = to + 1;
    };
    const flatPieces = () => {
      for (const { xmin, xmax, ymin } of flat)
        if (mixes && ymin === y && (free === -1 || free >= xmin)) piece(xmin, xmax);
    };
    for (let i = 1; i < crossings.length; i += 2) {
      const end = roundDown(crossings[i]);
      if (mixes && end < free) continue;
      flatPieces();
      piece(roundUp(crossings[i - 1]), end);
    }
    flatPieces();
  }
}

/** Fills a polygon, edges included. */
export function fillPolygon(canvas: Canvas, points: readonly Point[], pen: Pen): void {
  const edges: Edge[] = [];
  for (let i = 1; i < points.length; i++) edges.push(edgeOf(points[i - 1], points[i]));
  const [start, end] = [points[0], points[points.length - 1]];
  if (start[0] !== end[0] || start[1] !== end[1]) edges.push(edgeOf(end, start));
  fillEdges(canvas, edges, pen);
}

/** Draws a line by the pixels nearest to it (Bresenham), both ends included. */
function thinLine(canvas: Canvas, [x0, y0]: Point, [x1, y1]: Point, { colour, cover }: Pen): void {
  const [across, down] = [Math.abs(x1 - x0), Math.abs(y1 - y0)];
  const [stepX, stepY] = [Math.sign(x1 - x0), Math.sign(y1 - y0)];
  const isFlat = across > down;
  const [long, short] = isFlat ? [across, down] : [down, across];
  let [x, y, rest] = [x0, y0, 2 * short - long];
  for (let i = 0; i < long; i++) {
    fillRow(canvas, x, y, x, colour, cover);
    if (rest >= 0 && short > 0) {
      if (isFlat) y += stepY;
      else x += stepX;
      rest -= 2 * long;
    }
    rest += 2 * short;
    if (isFlat) x += stepX;
    else y += stepY;
  }
  fillRow(canvas, x1, y1, x1, colour, cover);
}

/** Draws a line of a width. */
export function drawLine(canvas: Canvas, start: Point, end: Point, width: number, pen: Pen): void {
  if (width === 0) return;
  const [[x0, y0], [x1, y1]] = [start.map(Math.trunc), end.map(Math.trunc)];
  const [dx, dy] = [x1 - x0, y1 - y0];
  if (width === 1) {
    thinLine(canvas, [x0, y0], [x1, y1], pen);
    return;
  }
  if (dx === 0 && dy === 0) {
    fillRow(canvas, x0, y0, x0, pen.colour, pen.cover);
    return;
  }
  const length = Math.hypot(dx, dy);
  const half = (width - 1) / 2;
  const [most, least] = [roundUp(half) / length, roundDown(half) / length];
  const corners: Point[] = [
    [x0 - roundDown(least * dy), y0 + roundDown(most * dx)],
    [x1 - roundDown(least * dy), y1 + roundDown(most * dx)],
    [x1 + roundDown(most * dy), y1 - roundDown(least * dx)],
    [x0 + roundDown(most * dy), y0 - roundDown(least * dx)],
  ];
  fillEdges(
    canvas,
    corners.map((corner, i) => edgeOf(corner, corners[(i + 1) % 4])),
    pen,
  );
}

/** How many pixels long dashes and their gaps are. */
const dash = 5;

/** Draws a line of dashes, the first of which begins where it does. */
export function drawDashes(canvas: Canvas, start: Point, end: Point, width: number, pen: Pen): void {
  let [x, y] = start;
  let rest = Math.sqrt((end[0] - x) ** 2 + (end[1] - y) ** 2);
  for (let isDrawn = true; rest > 0; isDrawn = !isDrawn) {
    const length = Math.min(rest, dash);
    const angle = Math.atan2(end[1] - y, end[0] - x);
    const next: Point = [x + Math.cos(angle) * length, y + Math.sin(angle) * length];
    if (isDrawn) drawLine(canvas, [x, y], next, width, pen);
    rest -= length;
    [x, y] = next;
  }
}
