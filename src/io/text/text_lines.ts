/** Text of files: decoded in pieces, and cut into lines. */
import { TypeError, ValueError } from '../../core/errors.js';
import type { ByteSource } from '../byte_source.js';
import { inflateAll } from '../deflate.js';
import { openSource, type Readable } from '../source.js';

/** Where text comes from: a file, or its lines. */
export type TextSource = Readable | readonly string[];

/** Text that was opened. */
export interface OpenText {
  /** Its name in texts of warnings and errors. */
  readonly name: string;
  /** Its lines, many at once, without what ends them. */
  lines(): AsyncGenerator<readonly string[]>;
  close(): Promise<void>;
}

/** How much of a file is read at once. */
const pieceSize = 1 << 20;

/** Opens what a user may name as a source of text. Files packed by gzip are unpacked. */
export async function openText(from: TextSource, encoding: string | null): Promise<OpenText> {
  if (Array.isArray(from)) {
    const lines = from.map((line: unknown) => {
      if (typeof line !== 'string') throw new TypeError(`a list of lines must hold str, not ${typeof line}`);
      return line.replace(/(?:\r\n|\r|\n)$/, '');
    });
    return {
      name: 'the lines',
      async *lines() {
        yield lines;
      },
      close: async () => {},
    };
  }
  const source = await openSource(from as Readable);
  return {
    name: source.name,
    lines: () => linesOf(piecesOf(source, encoding)),
    close: () => source.close(),
  };
}

/** A decoder of what Python calls an encoding. @throws ValueError if there is none */
function decoderOf(encoding: string | null): TextDecoder {
  try {
    return new TextDecoder(encoding === null || encoding === 'bytes' ? 'utf-8' : encoding, { fatal: true });
  } catch {
    throw new ValueError(`unknown encoding: ${encoding}`);
  }
}

/** A file's text in pieces. @throws ValueError where it is no text */
export async function* piecesOf(source: ByteSource, encoding: string | null): AsyncGenerator<string> {
  const decoder = decoderOf(encoding);
  for await (const bytes of chunksOf(source)) {
    const text = decoded(() => decoder.decode(bytes, { stream: true }), decoder, source.name);
    if (text !== '') yield text;
  }
  const rest = decoded(() => decoder.decode(), decoder, source.name);
  if (rest !== '') yield rest;
}

function decoded(decode: () => string, { encoding }: TextDecoder, name: string): string {
  try {
    return decode();
  } catch (error) {
    throw new ValueError(`'${encoding}' codec can't decode ${name}: it is no text of that encoding`, {
      cause: error,
    });
  }
}

async function* chunksOf(source: ByteSource): AsyncGenerator<Uint8Array> {
  const { size, name } = source;
  const head = await source.read(0, Math.min(2, size));
  if (head[0] === 0x1f && head[1] === 0x8b) {
    const packed = await source.read(0, size);
    const bytes = await inflateAll(packed, 'gzip', (why) => new ValueError(`${name} is damaged: ${why}`));
    for (let at = 0; at < bytes.length; at += pieceSize) yield bytes.subarray(at, at + pieceSize);
    return;
  }
  for (let at = 0; at < size; at += pieceSize) yield await source.read(at, Math.min(pieceSize, size - at));
}

/** Lines of text that comes in pieces, as Python's universal newlines cut it. */
export async function* linesOf(
  pieces: AsyncIterable<string> | Iterable<string>,
): AsyncGenerator<readonly string[]> {
  /** Parts of a line that has not ended yet, of any number of pieces. */
  let open: string[] = [];
  let held = '';
  for await (const piece of pieces) {
    let text = held + piece;
    held = '';
    // The next piece tells whether this ends a line alone.
    if (text.endsWith('\r')) {
      held = '\r';
      text = text.slice(0, -1);
    }
    const lines = text.includes('\r') ? text.split(/\r\n|\r|\n/) : text.split('\n');
    const last = lines.pop()!;
    if (lines.length > 0) {
      open.push(lines[0]);
      lines[0] = open.join('');
      open = [];
      yield lines;
    }
    if (last !== '') open.push(last);
  }
  const last = open.join('');
  if (last !== '' || held !== '') yield [last];
}
