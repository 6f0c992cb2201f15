import { ValueError } from '../core/errors.js';
import { float, int } from './number_texts.js';

/** What an option takes: see Python's `add_argument`. */
export interface ArgumentOptions {
  type?: 'int' | 'float' | 'str';
  default?: unknown;
  action?: 'store_true' | 'store_false';
  choices?: readonly unknown[];
  required?: boolean;
  /** The name of its attribute; that of its flag, if it is not given. */
  dest?: string;
  help?: string;
  metavar?: string;
}

interface Known extends ArgumentOptions {
  readonly flags: readonly string[];
  readonly name: string;
  readonly isPositional: boolean;
}

/** Python's `argparse.ArgumentParser`, with options of one value, switches and arguments by position. */
export class ArgumentParser {
  private readonly known: Known[] = [];

  constructor(private readonly description = '') {}

  addArgument(flags: readonly string[], options: ArgumentOptions = {}): void {
    const word = flags.find((flag) => flag.startsWith('--')) ?? flags[0];
    const name = options.dest ?? word.replace(/^-+/, '').replaceAll('-', '_');
    this.known.push({ ...options, flags, name, isPositional: !word.startsWith('-') });
  }

  /**
   * Options as attributes. Takes what the program was started with if nothing is given, which in pages is nothing.
   *
   * @throws ValueError for what no option takes
   */
  parseArgs<T extends object>(words: readonly string[] = started()): T {
    const found: Record<string, unknown> = {};
    for (const one of this.known) {
      const text = one.default;
      found[one.name] = one.action === undefined ? (text ?? null) : (text ?? one.action === 'store_false');
      if (typeof text === 'string') found[one.name] = valueOf(one, text);
    }
    const places = this.known.filter(({ isPositional }) => isPositional);
    const given = new Set<string>();
    for (let i = 0; i < words.length; i++) {
      const [, flag = '', text] = /^(--?[^=]+)(?:=(.*))?$/s.exec(words[i]) ?? [];
      if (flag === '-h' || flag === '--help') throw new ValueError(this.usage());
      const isNumber = /^-\d/.test(words[i]);
      const one =
        flag === '' || isNumber ? places.shift() : this.known.find(({ flags }) => flags.includes(flag));
      if (one === undefined)
        throw new ValueError(`${this.usage()}\nerror: unrecognized arguments: ${words[i]}`);
      given.add(one.name);
      if (one.action !== undefined) found[one.name] = one.action === 'store_true';
      else {
        const own = one.isPositional ? words[i] : (text ?? words[++i]);
        if (own === undefined) throw new ValueError(`argument ${one.flags.join('/')}: expected one argument`);
        found[one.name] = valueOf(one, own);
      }
    }
    const missing = this.known.filter((one) => (one.required || one.isPositional) && !given.has(one.name));
    if (missing.length > 0)
      throw new ValueError(
        `the following arguments are required: ${missing.map(({ flags }) => flags.join('/')).join(', ')}`,
      );
    return found as T;
  }

  private usage(): string {
    const lines = this.known.map(({ flags, help = '' }) => `  ${flags.join(', ')}  ${help}`.trimEnd());
    return [this.description, 'options:', ...lines].filter((line) => line !== '').join('\n');
  }
}

function valueOf({ type, choices, flags }: Known, text: string): unknown {
  const value = type === 'int' ? int(text) : type === 'float' ? float(text) : text;
  if (choices !== undefined && !choices.includes(value))
    throw new ValueError(
      `argument ${flags.join('/')}: invalid choice: '${text}' (choose from ${choices.join(', ')})`,
    );
  return value;
}

/** What stands behind the program's name on the command line. */
const started = (): readonly string[] =>
  (globalThis as { process?: { argv?: string[] } }).process?.argv?.slice(2) ?? [];
