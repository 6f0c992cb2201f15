/** Masks of COCO's annotations. */
import { ValueError } from '../../core/errors.js';
import { typeName } from '../../core/repr.js';

/** Runs of zeros and ones, column by column: lengths, or those as pycocotools packs them. */
interface Runs {
  readonly counts: readonly number[] | string;
  readonly size: readonly [height: number, width: number];
}

/** Lengths of runs from the text that holds them: six bits a character, five of them the number's, from the third run on differences. */
function unpacked(text: string): number[] {
  const counts: number[] = [];
  for (let at = 0; at < text.length; ) {
    let value = 0;
    let shift = 0;
    let bits = 0;
    do {
      bits = text.charCodeAt(at++) - 48;
      value |= (bits & 0x1f) << shift;
      shift += 5;
    } while ((bits & 0x20) !== 0 && at < text.length);
    if ((bits & 0x10) !== 0 && shift < 32) value |= -1 << shift;
    counts.push(counts.length > 2 ? value + counts[counts.length - 2] : value);
  }
  return counts;
}

function ofRuns({ counts, size: [height, width] }: Runs): Uint8Array {
  const columns = new Uint8Array(height * width);
  let at = 0;
  let value = 0;
  for (const length of typeof counts === 'string' ? unpacked(counts) : counts) {
    if (!(length >= 0 && at + length <= columns.length))
      throw new ValueError('Invalid RLE mask representation');
    columns.fill(value, at, at + length);
    at += length;
    value = 1 - value;
  }
  return columns;
}

/** How much finer than pixels outlines are followed. */
const SCALE = 5;

/** The points of a fine grid along an outline whose corners are x, y, x, y, … */
function outline(corners: readonly number[]): [x: number, y: number][] {
  const fine = corners.map((value) => Math.trunc(SCALE * value + 0.5));
  const count = fine.length >> 1;
  const points: [number, number][] = [];
  for (let i = 0; i < count; i++) {
    const [fromX, fromY] = [fine[2 * i], fine[2 * i + 1]];
    const next = 2 * ((i + 1) % count);
    const [toX, toY] = [fine[next], fine[next + 1]];
    const [dx, dy] = [Math.abs(toX - fromX), Math.abs(toY - fromY)];
    const isFlat = dx >= dy;
    const isBackward = isFlat ? fromX > toX : fromY > toY;
    const [x0, y0, x1, y1] = isBackward ? [toX, toY, fromX, fromY] : [fromX, fromY, toX, toY];
    const length = Math.max(dx, dy);
    const slope = length === 0 ? Number.NaN : isFlat ? (y1 - y0) / dx : (x1 - x0) / dy;
    for (let d = 0; d <= length; d++) {
      const t = isBackward ? length - d : d;
      // Of a single point C makes the integer of a NaN, which no column has.
      const other = Math.trunc((isFlat ? y0 : x0) + slope * t + 0.5);
      points.push(isFlat ? [x0 + t, other] : [other, y0 + t]);
    }
  }
  return points;
}

/** The inside of a polygon, column by column: from each place where its outline crosses a column the value changes. */
function ofPolygon(corners: readonly number[], height: number, width: number): Uint8Array {
  const changes = new Uint8Array(height * width + 1);
  const points = outline(corners);
  for (let i = 1; i < points.length; i++) {
    const [x, y] = points[i];
    const [lastX, lastY] = points[i - 1];
    if (x === lastX) continue;
    const column = ((x < lastX ? x : x - 1) + 0.5) / SCALE - 0.5;
    if (!Number.isInteger(column) || column < 0 || column > width - 1) continue;
    const row = Math.ceil(Math.min(Math.max((Math.min(y, lastY) + 0.5) / SCALE - 0.5, 0), height));
    changes[column * height + row] ^= 1;
  }
  let value = 0;
  return changes.subarray(0, height * width).map((change) => {
    value ^= change;
    return value;
  });
}

/**
 * The mask of an annotation's `segmentation`, row by row: polygons as pycocotools fills them (Lin et al., 2014), or runs.
 */
export function cocoMask(segmentation: unknown, height: number, width: number): Uint8Array {
  let columns: Uint8Array;
  if (Array.isArray(segmentation)) {
    columns = new Uint8Array(height * width);
    for (const polygon of segmentation as number[][]) {
      const filled = ofPolygon(polygon, height, width);
      for (let i = 0; i < columns.length; i++) columns[i] |= filled[i];
    }
  } else if (typeof segmentation === 'object' && segmentation !== null && 'counts' in segmentation)
    columns = ofRuns(segmentation as Runs);
  else
    throw new ValueError(
      `COCO segmentation expected to be a dict or a list, got <class '${typeName(segmentation)}'>`,
    );
  if (columns.length !== height * width)
    throw new ValueError('a mask of runs is of another size than its image');
  return Uint8Array.from(columns, (_, i) => columns[(i % width) * height + Math.floor(i / width)]);
}
