// Makes what tsc wrote fit for bundlers, line by line, so that the source maps stay true:
// - the rows' `doc` are taken out, which the generator has read by now: they are in the declarations, and a page need not load them;
// - so are the strings that an argument may be, of which only the types know: what is run checks them itself, in PyTorch's words;
// - classes that are printed by their names get these as a property, since minifiers change the names themselves.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseAst } from 'rolldown/parseAst';

const passes = [
  { folders: ['ops', 'backends'], matches: /\bdoc\b/, edit: stripDoc },
  { folders: ['nn', 'ops', 'optim'], matches: /'\|'/, edit: stripChoices },
  {
    folders: [
      'autograd',
      'core',
      'distributed',
      'einops',
      'func',
      'io',
      'metrics',
      'nn',
      'ops',
      'optim',
      'signal',
      'tables',
      'tensorboard',
      'testing',
      'torchinfo',
      'trainer',
      'utils',
      'vision',
    ],
    matches: /\bclass /,
    edit: nameClass,
  },
];

export function finish() {
  for (const { folders, matches, edit } of passes)
    for (const path of folders.flatMap(scripts)) {
      const source = readFileSync(path, 'utf8');
      if (!matches.test(source)) continue;
      const edits = [];
      walk(parseAst(source), (node) => edits.push(...edit(node, source)));
      let text = source;
      // From the end on, so that places before stay where they are.
      for (const { start, end, by } of edits.sort((a, b) => b.start - a.start)) {
        const lines = text.slice(start, end).replace(/[^\n]/g, '');
        text = text.slice(0, start) + by + lines + text.slice(end);
      }
      if (text !== source) writeFileSync(path, text);
    }
}

function scripts(folder) {
  return readdirSync(`dist/${folder}`, { recursive: true })
    .filter((name) => name.endsWith('.js'))
    .map((name) => `dist/${folder}/${name}`);
}

/** Visits a syntax tree's nodes. */
export function walk(node, visit) {
  if (typeof node.type === 'string') visit(node);
  for (const child of Object.values(node))
    if (child !== null && typeof child === 'object') walk(child, visit);
}

function stripDoc({ type, properties }) {
  if (type !== 'ObjectExpression') return [];
  const at = properties.findIndex(({ key }) => key?.name === 'doc');
  if (at < 0) return [];
  // With a comma: up to where the next one begins, or from where the last one ended.
  const next = properties[at + 1];
  return next === undefined
    ? [{ start: properties[at - 1]?.end ?? properties[at].start, end: properties[at].end, by: '' }]
    : [{ start: properties[at].start, end: next.start, by: '' }];
}

/** `'a'|'b' mode='a'` becomes `str mode='a'`. */
function stripChoices(node) {
  const isText =
    node.type === 'TemplateElement' || (node.type === 'Literal' && typeof node.value === 'string');
  if (!isText) return [];
  const text = node.type === 'Literal' ? node.raw : node.value.raw;
  return [...text.matchAll(/'[\w-]+'(?:\|'[\w-]+')+(?=\?? \w)/g)].map((match) => {
    const start = node.start + match.index;
    return { start, end: start + match[0].length, by: 'str' };
  });
}

function nameClass({ type, id, body }, source) {
  if (type !== 'ClassDeclaration' || id === null) return [];
  // Of what is only there to be extended nobody sees the name.
  const isOnly = (word) => !new RegExp(`\\b${word} ${id.name}\\b`).test(source);
  if (!isOnly('extends') && isOnly('export class') && isOnly('new')) return [];
  if (body.body.some((member) => member.static && member.key?.name === 'name')) return [];
  const start = body.start + 1;
  return [{ start, end: start, by: ` static name = '${id.name}';` }];
}
