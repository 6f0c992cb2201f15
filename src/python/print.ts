import { str } from './printed_values.js';

export interface PrintOptions {
  /** Stands between values. */
  sep?: string;
  /** Stands behind them. */
  end?: string;
}

/** What has been printed of a line that is not at its end. */
let line = '';

/** Python's `print`, with its `sep` and `end`: a line appears when it is complete where there is no standard output. */
export function print(values: readonly unknown[], { sep = ' ', end = '\n' }: PrintOptions = {}): void {
  const text = values.map((value) => str(value)).join(sep) + end;
  const { process } = globalThis as { process?: { stdout?: { write?(text: string): unknown } } };
  if (typeof process?.stdout?.write === 'function') {
    process.stdout.write(text);
    return;
  }
  const lines = (line + text).split('\n');
  line = lines.pop() as string;
  for (const one of lines) console.log(one);
}
