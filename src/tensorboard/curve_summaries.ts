/** Precision by recall, as TensorBoard's plugin draws it. */
import type { Eventually } from './event_file.js';
import { logged, whenThere } from './logged_values.js';
import { message, type ProtoMessage } from './proto_message.js';
import { floatTensor, pluginData, summary } from './summaries.js';

/** More break the plugin's messages. */
const mostThresholds = 127;

function curveSummary(tag: string, rows: readonly ArrayLike<number>[], thresholds: number): ProtoMessage {
  const values = rows.flatMap((row) => Array.from(row));
  return summary(
    message()
      .string(1, tag)
      .set(8, floatTensor([rows.length, rows[0].length], values))
      .set(9, pluginData('pr_curves', message().int(2, thresholds))),
  );
}

/** Sums from each place to the end. */
function reverseSums(values: Float64Array): Float64Array {
  for (let i = values.length - 2; i >= 0; i--) values[i] += values[i + 1];
  return values;
}

const least = 1e-7;

/** The curve of labels (0 or 1) and predictions (from 0 to 1). */
export function prCurveSummary(
  tag: string,
  labels: unknown,
  predictions: unknown,
  numThresholds: number,
  weights: unknown,
): Eventually<ProtoMessage> {
  const count = Math.min(numThresholds, mostThresholds);
  const given = [labels, predictions, ...(weights === null ? [] : [weights])].map((one) => logged(one));
  const isSingle = given[1].dtype.itemsize === 4;
  const make = ([truths, chances, factors]: Float64Array[]): ProtoMessage => {
    const truePositives = new Float64Array(count);
    const falsePositives = new Float64Array(count);
    for (const [i, chance] of chances.entries()) {
      const scaled = chance * (count - 1);
      const place = Math.floor(isSingle ? Math.fround(scaled) : scaled);
      // Values outside of the range are not counted.
      if (!(place >= 0 && place < count)) continue;
      const factor = factors === undefined ? 1 : factors[factors.length === 1 ? 0 : i];
      truePositives[place] += truths[i] * factor;
      falsePositives[place] += (1 - truths[i]) * factor;
    }
    const tp = reverseSums(truePositives);
    const fp = reverseSums(falsePositives);
    const tn = fp.map((value) => fp[0] - value);
    const fn = tp.map((value) => tp[0] - value);
    const precision = tp.map((value, i) => value / Math.max(least, value + fp[i]));
    const recall = tp.map((value, i) => value / Math.max(least, value + fn[i]));
    return curveSummary(tag, [tp, fp, tn, fn, precision, recall], count);
  };
  return together(
    given.map(({ numbers }) => numbers),
    make,
  );
}

/** A curve that is known. */
export function rawPrCurveSummary(
  tag: string,
  rows: readonly unknown[],
  numThresholds: number,
): Eventually<ProtoMessage> {
  return together(
    rows.map((row) => (Array.isArray(row) ? Float64Array.from(row as number[]) : logged(row).numbers)),
    (values) => curveSummary(tag, values, Math.min(numThresholds, mostThresholds)),
  );
}

function together<R>(
  values: readonly Eventually<Float64Array>[],
  make: (values: Float64Array[]) => R,
): Eventually<Awaited<R>> {
  const all = values.some((value) => value instanceof Promise) ? Promise.all(values) : values;
  return whenThere(all as Eventually<Float64Array[]>, make);
}
