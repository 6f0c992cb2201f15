import type { Converter } from './converter.js';
import { importOf, libraryText } from './library_paths.js';

/** Imports of what the program uses, and its shortcuts to the library's modules. */
export function header(c: Converter): string {
  const shortcuts: string[] = [];
  const destructured = new Map<string, string[]>();
  for (const alias of [...c.usedAliases].sort()) {
    const path = c.aliases.get(alias);
    if (path === null || path === undefined) continue;
    const { text, entry } = libraryText(path);
    c.usedEntries.add(entry);
    if (text === alias) continue;
    const at = text.lastIndexOf('.');
    const [parent, last] = [text.slice(0, at), text.slice(at + 1)];
    if (last === alias) destructured.set(parent, [...(destructured.get(parent) ?? []), alias]);
    else shortcuts.push(`const ${alias} = ${text};`);
  }
  const lines = [...destructured].map(([parent, names]) => `const { ${names.join(', ')} } = ${parent};`);
  const imports = [...c.usedEntries].sort().map(importOf);
  if (c.usesNumpy) {
    lines.push('const np = py.numpy;');
    // Arrays are over tensors' memory.
    if (!c.usedEntries.has('')) imports.push("import 'flambeau';");
  }
  if (c.usesHelpers || c.usesNumpy) imports.push("import * as py from 'flambeau/python';");
  const shapes = [...c.shapes].map(
    (of) =>
      `interface ${of.own} {\n${[...of.attributes].map(([name, type]) => `  ${name}: ${c.typeText(type)};`).join('\n')}\n}`,
  );
  return [imports.join('\n'), ...shapes, [...lines, ...shortcuts].join('\n')]
    .filter((part) => part !== '')
    .join('\n\n');
}
