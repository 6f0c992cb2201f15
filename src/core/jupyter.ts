/**
 * Values in Jupyter's notebooks: Deno's kernel asks an object for its forms, each under its MIME type, by a method that this symbol names. Other
 * kernels show its text.
 */
import { Tensor } from './tensor.js';

export const jupyterDisplay: unique symbol = Symbol.for('Jupyter.display');

/** Forms of a value by their MIME types: texts, or base64 of what is none. */
export type DisplayForms = Readonly<Record<string, string>>;

/** Rows and columns that a table may have; the text of a larger tensor shows its corners. */
const MOST = 20;

/** The values of a vector or a small matrix as a table, or null. */
function tableOf(tensor: Tensor, text: string): string | null {
  const { shape } = tensor;
  if (shape.length < 1 || shape.length > 2 || shape.some((size) => size === 0 || size > MOST)) return null;
  const cells = text.slice(text.indexOf('[') + 1, text.lastIndexOf(']')).match(/[^\s,[\]]+/g);
  // Values that have to be waited for are not in the text.
  if (cells?.length !== tensor.numel()) return null;
  const columns = shape[shape.length - 1];
  const rows = Array.from({ length: cells.length / columns }, (_, r) =>
    cells
      .slice(r * columns, (r + 1) * columns)
      .map((cell) => `<td>${cell}</td>`)
      .join(''),
  );
  const caption = `${shape.join(' × ')}, ${tensor.dtype}`;
  return `<table><caption>${caption}</caption>${rows.map((row) => `<tr>${row}</tr>`).join('')}</table>`;
}

/** Lets notebooks show small tensors as tables. */
export function showTensors(): void {
  Object.defineProperty(Tensor.prototype, jupyterDisplay, {
    configurable: true,
    value(this: Tensor): DisplayForms {
      const text = String(this);
      const table = tableOf(this, text);
      return table === null ? { 'text/plain': text } : { 'text/plain': text, 'text/html': table };
    },
  });
}
