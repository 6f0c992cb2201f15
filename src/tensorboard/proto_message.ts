/** Encodes Protocol Buffers' wire format (https://protobuf.dev/programming-guides/encoding), as far as events need it. */
import { concatenate } from '../io/sink.js';

const text = new TextEncoder();

/** A whole number, seven bits a byte; negative ones as 64 bits. */
function varint(value: number | bigint): Uint8Array {
  if (value >= 0 && value < 128) return Uint8Array.of(Number(value));
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

const ofLength = 2;

/**
 * A message: fields are written in the order of the calls. A field that holds its default is left out, as proto3 does, unless its method
 * says otherwise.
 */
export class ProtoMessage {
  readonly #parts: Uint8Array[] = [];

  #field(field: number, wireType: number, ...content: Uint8Array[]): this {
    this.#parts.push(varint(8 * field + wireType), ...content);
    return this;
  }

  /** A whole number, an enum's value or a boolean. */
  int(field: number, value: number | bigint | boolean): this {
    return Number(value) === 0 ? this : this.#field(field, 0, varint(typeof value === 'boolean' ? 1 : value));
  }

  double(field: number, value: number): this {
    return Object.is(value, 0) ? this : this.setDouble(field, value);
  }

  float(field: number, value: number): this {
    return Object.is(value, 0) ? this : this.setFloat(field, value);
  }

  /** A number that is there also if it is 0: one of several alternatives. */
  setDouble(field: number, value: number): this {
    return this.#field(field, 1, new Uint8Array(Float64Array.of(value).buffer));
  }

  /** As `setDouble`, in 32 bits. */
  setFloat(field: number, value: number): this {
    return this.#field(field, 5, new Uint8Array(Float32Array.of(value).buffer));
  }

  string(field: number, value: string): this {
    return value === '' ? this : this.set(field, value);
  }

  bytes(field: number, value: Uint8Array): this {
    return value.length === 0 ? this : this.set(field, value);
  }

  /** A message, bytes or a text, there also if it is empty: an item of a list, one of several alternatives. */
  set(field: number, value: ProtoMessage | Uint8Array | string): this {
    const bytes =
      typeof value === 'string' ? text.encode(value) : value instanceof ProtoMessage ? value.encode() : value;
    return this.#field(field, ofLength, varint(bytes.length), bytes);
  }

  /** A list of messages or texts. */
  list(field: number, values: readonly (ProtoMessage | string)[]): this {
    for (const value of values) this.set(field, value);
    return this;
  }

  /** A list of numbers in the memory of a typed array. */
  numbers(field: number, values: Float64Array | Float32Array): this {
    return this.bytes(field, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }

  /** A list of whole numbers. */
  ints(field: number, values: readonly (number | bigint)[]): this {
    return this.bytes(field, concatenate(values.map(varint)));
  }

  /** The message as bytes. */
  encode(): Uint8Array {
    return concatenate(this.#parts);
  }
}

/** An empty message. */
export const message = (): ProtoMessage => new ProtoMessage();
