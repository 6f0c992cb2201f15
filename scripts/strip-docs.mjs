// Empties the rows' `doc` in dist/ops/ once the generator has read them: they are in the declarations, and a page need not load them.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseAst } from 'rolldown/parseAst';

export function stripDocs() {
  for (const name of readdirSync('dist/ops', { recursive: true })) {
    if (!name.endsWith('.js')) continue;
    const path = `dist/ops/${name}`;
    const source = readFileSync(path, 'utf8');
    if (!/\bdoc:/.test(source)) continue;
    let text = source;
    // The lines stay, for the source maps.
    for (const { start, end } of docs(parseAst(source)).reverse())
      text = `${text.slice(0, start)}''${text.slice(start, end).replace(/[^\n]/g, '')}${text.slice(end)}`;
    writeFileSync(path, text);
  }
}

/** The values of the properties `doc` that are nothing but text, in order. */
function docs(node, found = []) {
  if (node?.type === 'Property' && node.key.name === 'doc' && isText(node.value)) found.push(node.value);
  else if (node !== null && typeof node === 'object')
    for (const child of Object.values(node))
      if (child !== null && typeof child === 'object') docs(child, found);
  return found;
}

function isText(node) {
  if (node.type === 'BinaryExpression') return isText(node.left) && isText(node.right);
  if (node.type === 'TemplateLiteral') return node.expressions.length === 0;
  return node.type === 'Literal' && typeof node.value === 'string';
}
