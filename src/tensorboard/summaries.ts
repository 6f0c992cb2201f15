/** Logged values as TensorFlow's messages. Numbers of fields are those of its .proto files. */
import { AssertionError, TypeError, ValueError } from '../core/errors.js';
import { typeName } from '../core/repr.js';
import type { Tensor } from '../core/tensor.js';
import type { Eventually } from './event_file.js';
import { type Logged, logged, whenThere } from './logged_values.js';
import { message, type ProtoMessage } from './proto_message.js';

/** TensorFlow's numbers of types. */
const DT_FLOAT = 1;
const DT_DOUBLE = 2;
const DT_STRING = 7;

export const summary = (...values: ProtoMessage[]): ProtoMessage => message().list(1, values);

export const shapeProto = (sizes: readonly number[]): ProtoMessage =>
  message().list(
    2,
    sizes.map((size) => message().int(1, size)),
  );

/** Which part of TensorBoard shows a value, and what it wants to know. */
export const pluginData = (name: string, content: ProtoMessage = message()): ProtoMessage =>
  message().set(1, message().string(1, name).bytes(2, content.encode()));

export function floatTensor(sizes: readonly number[], values: ArrayLike<number>): ProtoMessage {
  return message().int(1, DT_FLOAT).set(2, shapeProto(sizes)).numbers(5, Float32Array.from(values));
}

/** One number. @throws AssertionError in PyTorch's words for several */
export function scalarSummary(
  tag: string,
  value: unknown,
  newStyle: boolean,
  doublePrecision: boolean,
): Eventually<ProtoMessage> {
  const { shape, numbers } = logged(value);
  const sizes = shape.filter((size) => size !== 1);
  if (sizes.length > 0)
    throw new AssertionError(
      `Tensor should contain one element (0 dimensions).             Was given size: ${sizes.reduce((a, b) => a * b, 1)} and ${sizes.length} dimensions.`,
    );
  return whenThere(numbers, ([number]) => {
    if (!newStyle) return summary(message().string(1, tag).setFloat(2, number));
    const tensor = doublePrecision
      ? message().int(1, DT_DOUBLE).numbers(6, Float64Array.of(number))
      : message().int(1, DT_FLOAT).numbers(5, Float32Array.of(number));
    return summary(message().string(1, tag).set(8, tensor).set(9, pluginData('scalars')));
  });
}

/** How TensorFlow's messages hold a type: its number, the field of its values, and how these are written. */
interface TensorKind {
  readonly type: number;
  readonly write: (tensor: ProtoMessage, values: ArrayLike<number | bigint>) => ProtoMessage;
}

const ints =
  (field: number) =>
  (tensor: ProtoMessage, values: ArrayLike<number | bigint>): ProtoMessage =>
    tensor.ints(field, Array.from(values));
const floats =
  (field: number) =>
  (tensor: ProtoMessage, values: ArrayLike<number | bigint>): ProtoMessage =>
    tensor.numbers(field, Float32Array.from(values as ArrayLike<number>));
const doubles =
  (field: number) =>
  (tensor: ProtoMessage, values: ArrayLike<number | bigint>): ProtoMessage =>
    tensor.numbers(field, Float64Array.from(values as ArrayLike<number>));
/** As PyTorch writes halves: the bits of the same number in 32 bits. */
const halves = (tensor: ProtoMessage, values: ArrayLike<number | bigint>): ProtoMessage =>
  tensor.ints(13, [...new Int32Array(Float32Array.from(values as ArrayLike<number>).buffer)]);

const tensorKinds: Readonly<Record<string, TensorKind>> = {
  float16: { type: 19, write: halves },
  bfloat16: { type: 14, write: halves },
  float32: { type: DT_FLOAT, write: floats(5) },
  float64: { type: DT_DOUBLE, write: doubles(6) },
  int8: { type: 6, write: ints(7) },
  uint8: { type: 4, write: ints(16) },
  int16: { type: 5, write: ints(7) },
  int32: { type: 3, write: ints(7) },
  int64: { type: 9, write: ints(10) },
  bool: { type: 10, write: ints(11) },
  complex64: { type: 8, write: floats(9) },
  complex128: { type: 18, write: doubles(12) },
};

/** A tensor's values, all of them. */
export function tensorSummary(tag: string, tensor: Tensor): Eventually<ProtoMessage> {
  const { dtype, shape } = tensor;
  const kind = tensorKinds[dtype.name];
  if (kind === undefined) throw new ValueError(`${tag} has unsupported tensor dtype ${dtype}`);
  const values = tensor.detach();
  const numbers = values.storage.backend.isHost ? values.toArray() : values.clone().toArrayAsync();
  return whenThere(numbers as Eventually<Float64Array>, (array) => {
    const proto = message().int(1, kind.type).set(2, shapeProto(shape));
    return summary(message().string(1, tag).set(8, kind.write(proto, array)).set(9, pluginData('tensor')));
  });
}

/** Markdown. */
export function textSummary(tag: string, text: string): ProtoMessage {
  const tensor = message()
    .int(1, DT_STRING)
    .set(2, shapeProto([1]))
    .set(8, text);
  return summary(message().string(1, `${tag}/text_summary`).set(8, tensor).set(9, pluginData('text')));
}

/** Charts of several curves: by category and title, their kind and tags. */
export type CustomScalarsLayout = Readonly<
  Record<string, Readonly<Record<string, readonly [kind: string, tags: readonly string[]]>>>
>;

export function customScalarsSummary(layout: CustomScalarsLayout): ProtoMessage {
  const categories = Object.entries(layout).map(([category, charts]) =>
    message()
      .string(1, category)
      .list(
        2,
        Object.entries(charts).map(([title, [kind, tags]]) => {
          const chart = message().string(1, title);
          if (kind !== 'Margin') return chart.set(2, message().list(1, tags));
          if (tags.length !== 3) throw new AssertionError('len(tags) != 3');
          const [value, lower, upper] = tags;
          return chart.set(3, message().set(1, message().string(1, value).string(2, lower).string(3, upper)));
        }),
      ),
  );
  const tensor = message().int(1, DT_STRING).set(2, message()).set(8, message().list(2, categories));
  return summary(
    message().string(1, 'custom_scalars__config__').set(8, tensor).set(9, pluginData('custom_scalars')),
  );
}

/** Names of kinds of mesh data, by their numbers. */
const meshKinds = ['UNDEFINED', 'VERTEX', 'FACE', 'COLOR'];

/** JSON as Python's `json.dumps(…, sort_keys=True)` writes it. */
function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(', ')}]`;
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => `${JSON.stringify(key)}: ${sortedJson(item)}`)
      .join(', ')}}`;
  return JSON.stringify(value);
}

/** Points, their colours and the triangles between them. */
export function meshSummary(
  tag: string,
  vertices: Tensor,
  colors: Tensor | null,
  faces: Tensor | null,
  config: Readonly<Record<string, unknown>> | null,
): Eventually<ProtoMessage> {
  const json = config === null ? '{}' : sortedJson(config);
  const parts = ([vertices, faces, colors] as const).flatMap((tensor, i) =>
    tensor === null ? [] : [{ tensor, kind: i + 1 }],
  );
  const components = parts.reduce((mask, { kind }) => mask | (1 << kind), 0);
  const values = parts.map(({ tensor, kind }) => {
    const { shape, numbers } = logged(tensor);
    if (shape.length !== 3)
      throw new ValueError(
        `Tensor shape should be of shape BxNx3, but got torch.Size([${shape.join(', ')}]).`,
      );
    const content = message().string(2, tag).int(3, kind).string(5, json).ints(6, shape).int(7, components);
    return whenThere(numbers, (array) =>
      message()
        .string(1, `${tag}_${meshKinds[kind]}`)
        .set(8, floatTensor(shape, array))
        .set(9, pluginData('mesh', content)),
    );
  });
  return values.some((value) => value instanceof Promise)
    ? Promise.all(values).then((all) => summary(...all))
    : summary(...(values as ProtoMessage[]));
}

/** Sound as a WAV file of 16 bits. */
export function audioSummary(
  tag: string,
  sound: Logged,
  sampleRate: number,
  warn: (text: string) => void,
): Eventually<ProtoMessage> {
  const sizes = sound.shape.filter((size) => size !== 1);
  if (sizes.length !== 1) throw new AssertionError('input tensor should be 1 dimensional.');
  return whenThere(sound.numbers, (numbers) => {
    if (numbers.some((value) => Math.abs(value) > 1))
      warn('warning: audio amplitude out of range, auto clipped.');
    // NumPy multiplies in the type of the samples.
    const round = sound.dtype.itemsize === 4 ? Math.fround : (x: number) => x;
    const samples = Int16Array.from(numbers, (value) =>
      Math.trunc(round(Math.min(Math.max(value, -1), 1) * 32767)),
    );
    const head = new DataView(new ArrayBuffer(44));
    const size = samples.byteLength;
    for (const [at, word] of [
      [0, 'RIFF'],
      [8, 'WAVE'],
      [12, 'fmt '],
      [36, 'data'],
    ] as const)
      for (let i = 0; i < 4; i++) head.setUint8(at + i, word.charCodeAt(i));
    head.setUint32(4, 36 + size, true);
    head.setUint32(16, 16, true);
    head.setUint16(20, 1, true);
    head.setUint16(22, 1, true);
    head.setUint32(24, sampleRate, true);
    head.setUint32(28, 2 * sampleRate, true);
    head.setUint16(32, 2, true);
    head.setUint16(34, 16, true);
    head.setUint32(40, size, true);
    const file = new Uint8Array(44 + size);
    file.set(new Uint8Array(head.buffer));
    file.set(new Uint8Array(samples.buffer), 44);
    const audio = message()
      .float(1, sampleRate)
      .int(2, 1)
      .int(3, samples.length)
      .bytes(4, file)
      .string(5, 'audio/wav');
    return summary(message().string(1, tag).set(6, audio));
  });
}

/** A hyperparameter; `null` is left out. */
export type Hparam = number | bigint | boolean | string | Tensor | null;
export type Hparams = Readonly<Record<string, Hparam>>;
/** The values that a hyperparameter may have. */
export type HparamDomain = Readonly<Record<string, readonly (number | boolean | string)[]>>;

const numberType = 3;
const stringType = 1;

/** Messages of the part for hyperparameters: the experiment, a session's start and its end. */
export function hparamsSummaries(
  hparams: Readonly<Record<string, Exclude<Hparam, Tensor>>>,
  metrics: readonly string[],
  domain: HparamDomain,
): ProtoMessage[] {
  for (const [name, values] of Object.entries(domain)) {
    const type = typeof hparams[name];
    if (
      !Object.hasOwn(hparams, name) ||
      !Array.isArray(values) ||
      !values.every((value) => typeof value === type)
    )
      throw new TypeError(
        `parameter: hparam_domain_discrete[${name}] should be a list of same type as hparam_dict[${name}].`,
      );
  }
  // A number or a boolean is a number to TensorBoard's plugin, as PyTorch writes it.
  const valueOf = (value: unknown): ProtoMessage => {
    if (typeof value === 'string') return message().set(3, value);
    return message().setDouble(2, Number(value));
  };
  const start = message();
  const infos: ProtoMessage[] = [];
  for (const [name, value] of Object.entries(hparams)) {
    if (value === null) continue;
    if (!['number', 'bigint', 'boolean', 'string'].includes(typeof value))
      throw new ValueError('value should be one of int, float, str, bool, or torch.Tensor');
    start.set(1, message().string(1, name).set(2, valueOf(value)));
    const info = message()
      .string(1, name)
      .int(4, typeof value === 'string' ? stringType : numberType);
    if (Object.hasOwn(domain, name)) info.set(5, message().list(1, domain[name].map(valueOf)));
    infos.push(info);
  }
  const experiment = message()
    .list(4, infos)
    .list(
      5,
      metrics.map((name) => message().set(1, message().string(2, name))),
    );
  const success = 1;
  const of = (tag: string, field: number, content: ProtoMessage): ProtoMessage =>
    summary(
      message()
        .string(1, tag)
        .set(9, pluginData('hparams', message().set(field, content))),
    );
  return [
    of('_hparams_/experiment', 2, experiment),
    of('_hparams_/session_start_info', 3, start),
    of('_hparams_/session_end_info', 4, message().int(1, success)),
  ];
}

/** @throws TypeError unless it is a dictionary */
export function checkDict(value: unknown, name: string): void {
  if (typeName(value) !== 'dict')
    throw new TypeError(`parameter: ${name} should be a dictionary, nothing logged.`);
}
