/** Notebooks in an address: packed, in letters that addresses may have. */
import { type Cell, parse, serialize } from './cell.js';

/** What an address may hold when it is unpacked, in bytes. */
const most = 2 ** 20;

export async function toFragment(cells: readonly Cell[]): Promise<string> {
  const packed = await bytesOf(
    new Blob([serialize(cells)]).stream().pipeThrough(new CompressionStream('deflate-raw')),
  );
  const letters = Array.from(packed, (byte) => String.fromCharCode(byte)).join('');
  return btoa(letters).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** Reads what `toFragment` wrote. @throws TypeError if it was cut off or is something else */
export async function fromFragment(fragment: string): Promise<Cell[]> {
  let text: string;
  try {
    const letters = atob(fragment.replaceAll('-', '+').replaceAll('_', '/'));
    const packed = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
    text = new TextDecoder('utf-8', { fatal: true }).decode(await bytesOf(stream));
  } catch (error) {
    throw new TypeError('the address was cut off, or holds no notebook', { cause: error });
  }
  return parse(text);
}

async function bytesOf(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = stream.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    parts.push(part.value);
    size += part.value.length;
    if (size > most) {
      await reader.cancel();
      throw new RangeError(`it unpacks to more than ${most} bytes`);
    }
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
