/** Names of nodes: those that torch.fx would give them. */
import { snakeCase } from '../core/camel_case.js';

/** Names that no variable may have: Python's keywords and functions, as far as ops and parameters are called so, and torch.fx's own. */
const reserved = new Set(
  'abs all any as assert async await bin bool break bytes callable chr class compile complex continue def del delattr dict dir divmod elif else enumerate eval except exec filter finally float for format from frozenset getattr global globals hasattr hash help hex id if import in input int is isinstance iter lambda len list locals map max memoryview min next nonlocal not object oct open or ord pass pow print property range repr return reversed round set setattr slice sorted str sum super torch device inf nan try tuple type vars while with yield zip'.split(
    ' ',
  ),
);

/** Gives names that are not given yet. */
export class Names {
  private readonly used = new Set<string>();
  private readonly counts = new Map<string, number>();

  /** @param target what is called: `'torch.nn.functional.relu'`, `'sub.0'` */
  create(target: string, isPath: boolean): string {
    const last = isPath ? target : target.slice(target.lastIndexOf('.') + 1);
    let candidate = snakeCase(last)
      .replace(/^__(.*)__$/, '$1')
      .replace(/[^0-9a-zA-Z_]+/g, '_');
    if (/^\d/.test(candidate)) candidate = `_${candidate}`;
    const [, base, number] = /^(.*)_(\d+)$/.exec(candidate) ?? [null, candidate, null];
    let count = number === null ? (this.counts.get(base) ?? 0) : Number(number);
    while (this.used.has(candidate) || reserved.has(candidate)) candidate = `${base}_${++count}`;
    this.counts.set(base, count);
    this.used.add(candidate);
    return candidate;
  }
}
