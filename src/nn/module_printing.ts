/** The text of modules, as Python prints them. */

/** The modules whose text is being made. */
const printing = new Set<object>();

/**
 * The text of a module.
 *
 * @param extra its settings
 * @param childLines makes the lines that describe submodules
 */
export function moduleText(module: object, extra: () => string, childLines: () => readonly string[]): string {
  const { name } = module.constructor;
  // A module may stand in itself.
  if (printing.has(module)) return `${name}(...)`;
  printing.add(module);
  try {
    const settings = extra();
    const lines = settings === '' ? [] : settings.split('\n');
    const children = childLines();
    if (children.length === 0 && lines.length <= 1) return `${name}(${settings})`;
    return `${name}(\n  ${[...lines, ...children].join('\n  ')}\n)`;
  } finally {
    printing.delete(module);
  }
}

/** The line of a submodule. All lines of its text but the first are moved right. */
export function childLine(name: string, module: object): string {
  return `(${name}): ${String(module).replaceAll('\n', '\n  ')}`;
}
