/** Cuts rows of text into fields by `numpy.loadtxt`'s rules. */
import { TypeError, ValueError } from '../../../core/errors.js';
import { formatValue } from '../../../core/repr.js';
import { isSpace, splitAtSpaces } from '../../text/python_text.js';

/** Characters with a meaning. A null delimiter is white space; other nulls are none. */
export interface ControlCharacters {
  readonly delimiter: string | null;
  readonly comment: string | null;
  readonly quote: string | null;
}

/** @throws TypeError in NumPy's words where characters are none, or contradict each other */
export function checkControls({ delimiter, comment, quote }: ControlCharacters): void {
  const names = { delimiter, comment, quotechar: quote };
  for (const [name, character] of Object.entries(names)) {
    if (character === null) continue;
    if (typeof character !== 'string' || [...character].length !== 1)
      throw new TypeError(
        `Text reading control character must be a single unicode character or None; but got: ${formatValue(character)}`,
      );
    if (character === '\n' || character === '\r')
      throw new TypeError(`control character '${name}' cannot be a newline (\`\\r\` or \`\\n\`).`);
  }
  const clash = (one: string, other: string): TypeError =>
    new TypeError(`The values for control characters '${one}' and '${other}' are incompatible`);
  if (comment !== null && comment === quote) throw clash('comment', 'quotechar');
  if (comment !== null && comment === delimiter) throw clash('comment', 'delimiter');
  if (quote !== null && quote === delimiter) throw clash('quotechar', 'delimiter');
}

type State = 'begin' | 'unquoted' | 'quoted' | 'after quote';

/** Takes lines, of which several can make one row where quotes hold their ends. */
export class RowSplitter {
  private fields: string[] = [];
  private parts: string[] = [];
  private state: State = 'begin';
  private isFirstQuoted = false;

  constructor(private readonly controls: ControlCharacters) {}

  /** The fields of a row that ends with this line, none for an empty one; null where the row goes on. */
  push(line: string): readonly string[] | null {
    const { delimiter, comment, quote } = this.controls;
    if (quote !== null && (this.state === 'quoted' || line.includes(quote))) return this.pushQuoted(line);
    if (line.includes('\n') || line.includes('\r')) throw embeddedNewline();
    const end = comment === null ? -1 : line.indexOf(comment);
    const text = end < 0 ? line : line.slice(0, end);
    if (delimiter === null) return splitAtSpaces(text);
    return text === '' ? [] : text.split(delimiter);
  }

  /** The fields of a last row whose quotes do not end; null if there is none. */
  finish(): readonly string[] | null {
    return this.state === 'quoted' ? this.row() : null;
  }

  private pushQuoted(line: string): readonly string[] | null {
    const { delimiter, comment, quote } = this.controls;
    const ends = (c: string) => (delimiter === null ? isSpace(c) : c === delimiter);
    if (this.state === 'quoted') this.parts.push('\n');
    else this.state = 'begin';
    for (const c of line) {
      if (this.state === 'quoted') {
        if (c === quote) this.state = 'after quote';
        else this.parts.push(c);
        continue;
      }
      if (this.state === 'after quote') {
        if (c === quote) {
          this.parts.push(c);
          this.state = 'quoted';
          continue;
        }
        this.state = 'unquoted';
      }
      if (this.state === 'begin') {
        if (delimiter === null && isSpace(c)) continue;
        if (c === quote) {
          if (this.fields.length === 0) this.isFirstQuoted = true;
          this.state = 'quoted';
          continue;
        }
        this.state = 'unquoted';
      }
      if (c === '\n' || c === '\r') throw embeddedNewline();
      if (c === comment) break;
      if (ends(c)) {
        this.endField();
        this.state = 'begin';
      } else this.parts.push(c);
    }
    return this.state === 'quoted' ? null : this.row();
  }

  private endField(): void {
    this.fields.push(this.parts.join(''));
    this.parts = [];
  }

  private row(): readonly string[] {
    this.endField();
    const { fields } = this;
    // A row of one empty field is an empty line; behind white space an empty field is none.
    const mayBeNone = fields.length === 1 || this.controls.delimiter === null;
    if (mayBeNone && !this.isFirstQuoted && fields.at(-1) === '') fields.pop();
    this.fields = [];
    this.state = 'begin';
    this.isFirstQuoted = false;
    return fields;
  }
}

const embeddedNewline = () =>
  new ValueError(
    'Found an unquoted embedded newline within a single line of input.  This is currently not supported.',
  );
