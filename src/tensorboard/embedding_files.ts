/** Files of TensorBoard's projector: points, what is known of them, and their pictures. */
import { bool, type DType } from '../core/dtype.js';
import { AssertionError } from '../core/errors.js';
import { formatFloat, formatValue } from '../core/repr.js';
import type { Tensor } from '../core/tensor.js';
import { ops } from '../dispatch/registry.js';
import { encodePngFile } from '../vision/io/png_encoder.js';
import { pictureRows } from './image_summaries.js';
import { logged } from './logged_values.js';

/** A number as Python prints an element of this type. */
function elementText(value: number, dtype: DType): string {
  if (dtype === bool) return value === 0 ? 'False' : 'True';
  return dtype.isFloatingPoint ? formatFloat(value) : String(value);
}

/** The points, one a line. */
export async function pointsText(points: Tensor): Promise<string> {
  const { numbers, shape, dtype } = logged(points);
  const values = await numbers;
  const [rows, columns] = shape;
  let text = '';
  for (let row = 0; row < rows; row++) {
    const line = Array.from(values.subarray(row * columns, (row + 1) * columns), (value) =>
      elementText(value, dtype),
    );
    text += `${line.join('\t')}\n`;
  }
  return text;
}

const shown = (value: unknown): string => (typeof value === 'string' ? value : formatValue(value));

/** The points' metadata, one point a line, under a line of titles if there are any. */
export function metadataText(metadata: readonly unknown[], header: readonly string[] | null): string {
  if (header === null || header.length === 0) return `${metadata.map(shown).join('\n')}\n`;
  const rows = metadata as readonly (readonly unknown[])[];
  if (header.length !== rows[0].length)
    throw new AssertionError('len of header must be equal to the number of columns in metadata');
  return `${[header, ...rows].map((row) => row.map(shown).join('\t')).join('\n')}\n`;
}

/** Pictures [N, C, H, W] of values from 0 to 1 in a square, as a PNG file. */
export async function spriteFile(pictures: Tensor): Promise<Uint8Array> {
  const across = Math.ceil(Math.sqrt(pictures.shape[0]));
  const rows = pictureRows(pictures.detach(), across);
  const [, height, width] = rows.shape;
  const square = ops.cat(
    [rows, ops.zeros([3, Math.max(width - height, 0), width], { dtype: rows.dtype, device: rows.device })],
    1,
  );
  const { numbers } = logged(square.permute([1, 2, 0]));
  const samples = Uint8Array.from(await numbers, (value) => Math.min(Math.max(value * 255, 0), 255));
  return encodePngFile({ width, height: Math.max(width, height), channels: 3, samples });
}

/** A set of points among those that a run shows. */
export interface EmbeddingInfo {
  readonly tensorName: string;
  readonly folder: string;
  readonly hasMetadata: boolean;
  /** The width and height of a point's picture. */
  readonly picture: readonly [width: number, height: number] | null;
}

const quoted = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&')}"`;

/** The projector's list, in Protocol Buffers' text format. */
export function projectorConfig(embeddings: readonly EmbeddingInfo[]): string {
  const blocks = embeddings.map(({ tensorName, folder, hasMetadata, picture }) => [
    'embeddings {',
    `  tensor_name: ${quoted(tensorName)}`,
    ...(hasMetadata ? [`  metadata_path: ${quoted(`${folder}/metadata.tsv`)}`] : []),
    ...(picture === null
      ? []
      : [
          '  sprite {',
          `    image_path: ${quoted(`${folder}/sprite.png`)}`,
          ...picture.map((size) => `    single_image_dim: ${size}`),
          '  }',
        ]),
    `  tensor_path: ${quoted(`${folder}/tensors.tsv`)}`,
    '}',
    '',
  ]);
  return blocks.map((lines) => lines.join('\n')).join('');
}
