/** Cuts lines into fields by `numpy.genfromtxt`'s rules: at a delimiter, or at places. */
import { TypeError, ValueError } from '../../../core/errors.js';
import { splitAtSpaces, strip } from '../../text/python_text.js';

/** A text between fields, null for white space; the width of each field, or of all. */
export type FieldDelimiter = string | number | readonly number[] | null;

export function lineSplitter(
  delimiter: FieldDelimiter,
  comments: string | null,
  autostrip: boolean,
): (line: string) => string[] {
  if (comments === '') throw new ValueError('empty separator');
  const split = cutter(delimiter);
  return (line) => {
    const end = comments === null ? -1 : line.indexOf(comments);
    const fields = split(end < 0 ? line : line.slice(0, end));
    return autostrip ? fields.map(strip) : fields;
  };
}

function cutter(delimiter: FieldDelimiter): (line: string) => string[] {
  if (Array.isArray(delimiter)) {
    let end = 0;
    const ends = delimiter.map((width: unknown) => {
      end += widthOf(width);
      return end;
    });
    return (line) => (line === '' ? [] : ends.map((to, i) => line.slice(i === 0 ? 0 : ends[i - 1], to)));
  }
  if (typeof delimiter === 'number' && delimiter !== 0) {
    const width = widthOf(delimiter);
    return (line) =>
      Array.from({ length: Math.ceil(line.length / width) }, (_, i) =>
        line.slice(i * width, (i + 1) * width),
      );
  }
  return (line) => {
    const stripped = line.replace(/^[ \r\n]+|[ \r\n]+$/g, '');
    if (stripped === '') return [];
    return typeof delimiter === 'string' && delimiter !== ''
      ? stripped.split(delimiter)
      : splitAtSpaces(stripped);
  };
}

function widthOf(width: unknown): number {
  if (Number.isSafeInteger(width) && (width as number) > 0) return width as number;
  throw new TypeError(`widths of fields must be positive integers, not ${String(width)}`);
}
