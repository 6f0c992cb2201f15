/** Maps of the plane by their coefficients. */
import { LinAlgError, ValueError } from '../../core/errors.js';

const radians = (degrees: number): number => degrees * (Math.PI / 180);

/** Where points of an image go that is turned around `center`, sheared, scaled and moved: the first two rows of T · C · R · S · C⁻¹. */
export function forwardAffine(
  [cx, cy]: readonly number[],
  angle: number,
  [tx, ty]: readonly number[],
  scale: number,
  shear: readonly number[],
): number[] {
  const rot = radians(angle);
  const [sx, sy] = shear.map(radians);
  const a = Math.cos(rot - sy) / Math.cos(sy);
  const b = -(a * Math.tan(sx) + Math.sin(rot));
  const c = Math.sin(rot - sy) / Math.cos(sy);
  const d = Math.cos(rot) - c * Math.tan(sx);
  const m = [a * scale, b * scale, 0, c * scale, d * scale, 0];
  m[2] = cx + tx - m[0] * cx - m[1] * cy;
  m[5] = cy + ty - m[3] * cx - m[4] * cy;
  return m;
}

/**
 * Where pixels come from when an image is turned around `center`, sheared, scaled and moved: the first two rows of the inverse
 * of T · C · R · S · C⁻¹.
 */
export function inverseAffine(
  [cx, cy]: readonly number[],
  angle: number,
  [tx, ty]: readonly number[],
  scale: number,
  shear: readonly number[],
): number[] {
  const rot = radians(angle);
  const [sx, sy] = shear.map(radians);
  const a = Math.cos(rot - sy) / Math.cos(sy);
  const b = (-Math.cos(rot - sy) * Math.tan(sx)) / Math.cos(sy) - Math.sin(rot);
  const c = Math.sin(rot - sy) / Math.cos(sy);
  const d = (-Math.sin(rot - sy) * Math.tan(sx)) / Math.cos(sy) + Math.cos(rot);
  const m = [d, -b, 0, -c, a, 0].map((x) => x / scale);
  m[2] += m[0] * (-cx - tx) + m[1] * (-cy - ty);
  m[5] += m[3] * (-cx - tx) + m[4] * (-cy - ty);
  m[2] += cx;
  m[5] += cy;
  return m;
}

/** Four corners, each [x, y]. */
export type Corners = readonly (readonly number[])[];

/** The eight coefficients of the perspective that takes the end points from the start points, rounded to single precision. */
export function perspectiveCoefficients(startpoints: Corners, endpoints: Corners): number[] {
  if (startpoints.length !== 4 || endpoints.length !== 4) {
    throw new ValueError(
      `Please provide exactly four corners, got ${startpoints.length} startpoints and ${endpoints.length} endpoints.`,
    );
  }
  const rows = endpoints.flatMap(([x, y], i) => {
    const [u, v] = startpoints[i];
    return [
      [x, y, 1, 0, 0, 0, -u * x, -u * y, u],
      [0, 0, 0, x, y, 1, -v * x, -v * y, v],
    ];
  });
  return solved(rows).map(Math.fround);
}

/** The solution of equations whose last column is the right-hand side, by elimination. */
function solved(rows: number[][]): number[] {
  const n = rows.length;
  for (let i = 0; i < n; i++) {
    let pivot = i;
    for (let j = i + 1; j < n; j++) if (Math.abs(rows[j][i]) > Math.abs(rows[pivot][i])) pivot = j;
    if (rows[pivot][i] === 0)
      throw new LinAlgError(
        `torch.linalg.lstsq: The least squares solution could not be computed because the input matrix does not have full rank (error code: ${i + 1}).`,
      );
    [rows[i], rows[pivot]] = [rows[pivot], rows[i]];
    for (let j = 0; j < n; j++) {
      if (j === i) continue;
      const factor = rows[j][i] / rows[i][i];
      for (let k = i; k <= n; k++) rows[j][k] -= factor * rows[i][k];
    }
  }
  return rows.map((row, i) => row[n] / row[i]);
}
