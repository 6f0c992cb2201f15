/** Names of fields as `numpy.genfromtxt` makes them of what stands in files. */
import { ValueError } from '../../../core/errors.js';

export const defaultDeletedCharacters = "~!@#$%^&*()-=+~\\|]}[{';: /?.>,<";

export interface NameRules {
  readonly excludelist: readonly string[] | null;
  readonly deletechars: string | null;
  readonly replaceSpace: string;
  readonly caseSensitive: boolean | string;
}

/** Makes names that can be fields' names: characters are left out, and no name comes twice. */
export class NameValidator {
  private readonly excluded: ReadonlySet<string>;
  private readonly deleted: ReadonlySet<string>;

  constructor(private readonly rules: NameRules) {
    this.excluded = new Set([...(rules.excludelist ?? []), 'return', 'file', 'print']);
    this.deleted = new Set([...(rules.deletechars ?? defaultDeletedCharacters), '"']);
    const { caseSensitive } = rules;
    if (typeof caseSensitive === 'string' && !/^[ul]/.test(caseSensitive))
      throw new ValueError(`unrecognized case_sensitive value ${caseSensitive}.`);
  }

  /** @param defaultfmt names what has no name, with `%i` for its number; @param count how many are wanted */
  validate(given: readonly string[], defaultfmt = 'f%i', count = given.length): string[] {
    const names = Array.from({ length: count }, (_, i) => given[i] ?? '');
    const seen = new Map<string, number>();
    let unnamed = 0;
    return names.map((name) => {
      let item = this.cased(name).trim();
      if (this.rules.replaceSpace !== '') item = item.replaceAll(' ', this.rules.replaceSpace);
      item = [...item].filter((c) => !this.deleted.has(c)).join('');
      if (item === '') {
        item = numbered(defaultfmt, unnamed);
        while (names.includes(item)) item = numbered(defaultfmt, ++unnamed);
        unnamed++;
      } else if (this.excluded.has(item)) item += '_';
      const before = seen.get(item) ?? 0;
      seen.set(item, before + 1);
      return before > 0 ? `${item}_${before}` : item;
    });
  }

  private cased(name: string): string {
    const { caseSensitive } = this.rules;
    if (caseSensitive === true) return name;
    return caseSensitive === false || caseSensitive.startsWith('u') ? name.toUpperCase() : name.toLowerCase();
  }
}

/** A name of a number: `f%i`, `x%02d`. */
export function numbered(format: string, i: number): string {
  return format.replace(/%(0?)(\d*)[id]/, (_, zero: string, width: string) =>
    String(i).padStart(Number(width), zero === '0' ? '0' : ' '),
  );
}
