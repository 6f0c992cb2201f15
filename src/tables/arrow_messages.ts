/** The messages of Arrow's files and streams (https://arrow.apache.org/docs/format/Columnar.html), as far as it takes to find them. */
import { NotImplementedError } from '../core/errors.js';
import type { ByteSource } from '../io/byte_source.js';
import { damaged, readPart } from './table_source.js';

/** Where a message is in a file. */
export interface MessagePlace {
  readonly offset: number;
  /** With its head and its body. */
  readonly length: number;
}

/** A batch of rows, and the dictionaries that hold before it. */
export interface BatchPlace extends MessagePlace {
  readonly rows: number;
  readonly dictionaries: readonly MessagePlace[];
}

export interface ArrowPlaces {
  readonly schema: MessagePlace;
  readonly batches: readonly BatchPlace[];
}

/** A table of FlatBuffers (https://flatbuffers.dev/internals): fields by their numbers. */
class FlatTable {
  private readonly fields: number;
  private readonly size: number;

  constructor(
    private readonly view: DataView,
    private readonly at: number,
  ) {
    this.fields = at - view.getInt32(at, true);
    this.size = view.getUint16(this.fields, true);
  }

  static root(bytes: Uint8Array): FlatTable {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    return new FlatTable(view, view.getUint32(0, true));
  }

  /** Where a field is, or null where it has its default. */
  private place(field: number): number | null {
    const at = 4 + 2 * field;
    if (at + 2 > this.size) return null;
    const offset = this.view.getUint16(this.fields + at, true);
    return offset === 0 ? null : this.at + offset;
  }

  byte(field: number): number {
    const at = this.place(field);
    return at === null ? 0 : this.view.getUint8(at);
  }

  long(field: number): number {
    const at = this.place(field);
    return at === null ? 0 : Number(this.view.getBigInt64(at, true));
  }

  table(field: number): FlatTable | null {
    const at = this.place(field);
    return at === null ? null : new FlatTable(this.view, at + this.view.getUint32(at, true));
  }

  /** The tables of a vector. @throws RangeError if it is longer than the bytes */
  tables(field: number): FlatTable[] {
    const [start, count] = this.vector(field, 4);
    return Array.from({ length: count }, (_, i) => {
      const at = start + 4 * i;
      return new FlatTable(this.view, at + this.view.getUint32(at, true));
    });
  }

  /** Where a vector's elements begin, and how many there are. @throws RangeError if it is longer than the bytes */
  vector(field: number, itemSize: number): [start: number, count: number] {
    const place = this.place(field);
    if (place === null) return [0, 0];
    const at = place + this.view.getUint32(place, true);
    const count = this.view.getUint32(at, true);
    if (count * itemSize > this.view.byteLength - at - 4)
      throw new RangeError('it has a list that is longer than itself');
    return [at + 4, count];
  }

  /** The blocks of a footer: an offset, the length of the head and that of the body. */
  blocks(field: number): MessagePlace[] {
    const [start, count] = this.vector(field, 24);
    return Array.from({ length: count }, (_, i) => {
      const at = start + 24 * i;
      return {
        offset: Number(this.view.getBigInt64(at, true)),
        length: this.view.getInt32(at + 8, true) + Number(this.view.getBigInt64(at + 16, true)),
      };
    });
  }
}

/** The number of the type of unions. */
const union = 14;
const deepest = 32;

const kinds = { schema: 1, dictionary: 2, batch: 3 };

interface Message extends MessagePlace {
  readonly kind: number;
  /** Of batches. */
  readonly rows: number;
}

/** Looks at all lists of a message: whoever decodes it makes room for as many elements as they claim. */
function checkHeader(message: FlatTable, length: number): void {
  const header = message.table(2);
  if (header === null) return;
  const kind = message.byte(1);
  if (kind === kinds.schema) {
    // Fields can refer to the same ones again and again.
    let budget = length;
    const visit = (table: FlatTable, field: number, depth: number): void => {
      if (depth > deepest) throw new RangeError('its fields nest too deep');
      for (const child of table.tables(field)) {
        if (--budget < 0) throw new RangeError('it has more fields than it can hold');
        child.vector(6, 4);
        // The numbers of a union's types; other types have less than a list there.
        if (child.byte(2) === union) child.table(3)?.vector(1, 4);
        visit(child, 5, depth + 1);
      }
    };
    header.vector(2, 4);
    visit(header, 1, 0);
    return;
  }
  const batch = kind === kinds.dictionary ? header.table(1) : header;
  batch?.vector(1, 16);
  batch?.vector(2, 16);
  batch?.vector(4, 8);
}

/** The message at a place of a file; null at the end of a stream. */
async function messageAt(source: ByteSource, offset: number): Promise<Message | null> {
  if (offset + 8 > source.size) return null;
  const head = new DataView((await readPart(source, offset, 8)).slice().buffer);
  // Before Arrow 0.15 there was only the length.
  const isMarked = head.getInt32(0, true) === -1;
  const length = head.getInt32(isMarked ? 4 : 0, true);
  if (length === 0) return null;
  const from = isMarked ? 8 : 4;
  const message = FlatTable.root(await readPart(source, offset + from, length));
  checkHeader(message, length);
  const body = message.long(3);
  const total = from + length + body;
  if (body < 0 || offset + total > source.size)
    throw damaged(source.name, `it ends before byte ${offset + total}`);
  const kind = message.byte(1);
  return { offset, length: total, kind, rows: kind === kinds.batch ? (message.table(2)?.long(0) ?? 0) : 0 };
}

const magic = 'ARROW1';
const textOf = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

/** Finds the messages of a file, which its footer lists, or of a stream, by going from each to the next. */
export async function findMessages(source: ByteSource): Promise<ArrowPlaces> {
  const { size, name } = source;
  const head = textOf(await readPart(source, 0, Math.min(8, size)));
  if (head.startsWith('FEA1'))
    throw new NotImplementedError(
      `${name} is a Feather file of version 1: write it anew by pyarrow.feather.write_feather, whose default is version 2`,
    );
  return head.startsWith(magic) ? fromFooter(source) : fromStream(source);
}

async function fromFooter(source: ByteSource): Promise<ArrowPlaces> {
  const { size, name } = source;
  const end = size < 18 ? new Uint8Array(10) : await readPart(source, size - 10, 10);
  if (textOf(end.subarray(4)) !== magic) throw damaged(name, 'it was cut off: it does not end with ARROW1');
  const length = new DataView(end.slice().buffer).getInt32(0, true);
  if (length <= 0 || length > size - 18) throw damaged(name, 'its footer is longer than itself');
  const footer = FlatTable.root(await readPart(source, size - 10 - length, length));
  const schema = await messageAt(source, 8);
  if (schema?.kind !== kinds.schema) throw damaged(name, 'it does not begin with a schema');
  const dictionaries: MessagePlace[] = [];
  for (const block of footer.blocks(2)) {
    const message = await messageAt(source, block.offset);
    if (message?.kind !== kinds.dictionary)
      throw damaged(name, 'its footer lists a dictionary where there is none');
    dictionaries.push(message);
  }
  const batches: BatchPlace[] = [];
  for (const block of footer.blocks(3)) {
    const message = await messageAt(source, block.offset);
    if (message?.kind !== kinds.batch) throw damaged(name, 'its footer lists a batch where there is none');
    batches.push({ ...message, dictionaries: dictionaries.filter(({ offset }) => offset < block.offset) });
  }
  return { schema, batches };
}

async function fromStream(source: ByteSource): Promise<ArrowPlaces> {
  const { name } = source;
  let schema: MessagePlace | null = null;
  const dictionaries: MessagePlace[] = [];
  const batches: BatchPlace[] = [];
  for (let offset = 0; ; ) {
    const message = await messageAt(source, offset);
    if (message === null) break;
    if (message.kind === kinds.schema) schema ??= message;
    else if (schema === null) break;
    else if (message.kind === kinds.dictionary) dictionaries.push(message);
    else if (message.kind === kinds.batch) batches.push({ ...message, dictionaries: [...dictionaries] });
    else throw damaged(name, `it has a message of kind ${message.kind}`);
    offset += message.length;
  }
  if (schema === null) throw damaged(name, 'it is neither a file nor a stream of Arrow: there is no schema');
  return { schema, batches };
}
