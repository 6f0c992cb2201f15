// Writes the reference: a page for each family of names, from declarations, rows and examples.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { entries } from '../entries.mjs';
import { examplesOf } from './coverage.mjs';
import { anchor, EntryWriter, prose, summary } from './entry.mjs';
import { groups, pageOf } from './families.mjs';
import { formulaOf, readRules } from './formulas.mjs';
import { names } from './names.mjs';
import { runExamples } from './shapes.mjs';

/** @param folder where the pages go */
export async function writeReference(folder) {
  mkdirSync(folder, { recursive: true });
  const { rows, items, tensor, functions } = await names();
  await readRules();
  const examples = examplesOf(items, rows);
  const ran = await runExamples([...examples.values()].flat(), rows);
  for (const [name, list] of examples)
    examples.set(
      name,
      list.map((one) => ({ ...one, output: one.output || ran.get(one.code).output })),
    );
  const pages = new Map();
  const where = new Map();
  for (const item of items) {
    const { address, title } = item.path.startsWith('Tensor.')
      ? { address: 'torch-methods', title: "Tensors' methods" }
      : pageOf(item, rows.functions.get(item.path));
    if (!pages.has(address)) pages.set(address, { address, title, items: [] });
    pages.get(address).items.push(item);
    where.set(item.path, address);
  }
  const link = (path) =>
    where.has(path) ? `[\`${path}\`](./${where.get(path)}.md#${anchor(path)})` : `\`${path}\``;
  const dtypes = operators();
  const facts = {
    link,
    shapes: ({ code }, name) => ran.get(code).shapes.get(name) ?? null,
    formulas: formulaOf,
    notes(item, row, parts) {
      const notes = [];
      if (row !== undefined) {
        const own =
          item.path.startsWith('torch.') &&
          /^torch\.\w+$/.test(item.path) &&
          tensor.members.some(({ name }) => name === item.name);
        const inPlace = own && tensor.members.some(({ name }) => name === `${item.name}_`);
        if (own)
          notes.push(`Method: \`x.${item.name}(…)\`${inPlace ? `, in place \`x.${item.name}_(…)\`` : ''}.`);
        if (row.isView) notes.push('Its result shares memory with its input.');
        const known = dtypes.get(
          `${item.path.startsWith('Tensor.') ? 'Tensor' : item.path.replace(/\.\w+$/, '')}.${row.name}`,
        );
        if (known)
          notes.push(
            `${known.gradient ? 'Differentiable' : 'Not differentiable'}${known.dtypes ? `; tried against PyTorch with ${known.dtypes}` : ''}.`,
          );
        const schemas = row.schemas.slice(0, 4).map((text) => `\`${text}\``);
        notes.push(`PyTorch: ${schemas.join(', ')}`);
      }
      if (item.kind === 'class' && item.base !== null && !/^(Object|Array)$/.test(item.base))
        notes.push(`Extends \`${item.base}\`.`);
      if (notes.length > 0)
        parts.push(
          `<p class="notes">\n\n${notes.map((text) => text.replaceAll('<', '&lt;')).join('  \n')}\n\n</p>\n`.replace(
            /<p class="notes">\n\n([\s\S]*)\n\n<\/p>/,
            '<div class="notes">\n\n$1\n\n</div>',
          ),
        );
    },
  };
  const writer = new EntryWriter(rows, examples, facts);
  for (const page of pages.values())
    writeFileSync(`${folder}/${page.address}.md`, pageText(page, writer, { functions, tensor, link }));
  const sidebar = sidebarOf(pages);
  writeFileSync(`${folder}/index.md`, indexText(sidebar, pages));
  return { sidebar, where };
}

function pageText(page, writer, { functions, tensor, link }) {
  const list = page.items.filter(({ kind }) => kind !== 'value');
  const values = page.items.filter(({ kind }) => kind === 'value');
  let text = `---\noutline: [2, 2]\neditLink: false\n---\n\n# ${page.title}\n\n${preamble(page)}`;
  text += list
    .map(
      (item) =>
        `- [\`${item.path}\`](#${anchor(item.path)})${item.doc ? ` ${prose(summary(item.doc)).replace(/`[^`]*$/, '')}` : ''}`,
    )
    .join('\n');
  text += '\n\n';
  if (page.address === 'torch-methods') {
    const shared = tensor.members.filter(({ name, kind }) => kind === 'method' && functions.has(name));
    text += `Besides, ${shared.length} functions of \`torch\` are methods, too: ${shared.map(({ name }) => link(`torch.${name}`)).join(', ')}. With an underscore behind the name (\`x.abs_()\`) they change the tensor in place, as in PyTorch.\n\n`;
  }
  for (const item of list) text += writer.write(item);
  if (values.length > 0) {
    text += '## Values\n\n';
    for (const { path, type, doc } of values)
      text += `- \`${path}\`: \`${type.replaceAll('`', '')}\`${doc ? `, ${prose(summary(doc))}` : ''} <a id="${anchor(path)}"></a>\n`;
  }
  return text;
}

/** What the examples of a page begin with. */
function preamble({ items }) {
  const code = items.map(({ path }) => path).join(' ');
  const others = entries.filter((name) => name !== 'vision' && new RegExp(`(^| )${name}\\.`).test(code));
  const lines = [
    "import * as torch from 'flambeau';",
    ...(/(^| )vision\./.test(code) ? ["import * as torchvision from 'flambeau/vision';"] : []),
    ...others.map((name) => `import * as ${name} from 'flambeau/${name}';`),
    '',
    'const { nn } = torch;',
    'const F = nn.functional;',
  ];
  return `<details><summary>What the examples begin with</summary>\n\n\`\`\`ts\n${lines.join('\n')}\n\`\`\`\n\nThe seed is 0 before each. The value of the last line is shown, as Python would print it.\n\n</details>\n\n`;
}

function sidebarOf(pages) {
  const left = new Set(pages.keys());
  return groups
    .map(([text, addresses]) => {
      const items = [...pages.values()].filter(({ address }) => left.has(address) && addresses.test(address));
      for (const { address } of items) left.delete(address);
      return {
        text,
        items: items.map(({ address, title }) => ({ text: title, link: `/reference/${address}` })),
      };
    })
    .concat(
      left.size === 0
        ? []
        : [
            {
              text: 'Others',
              items: [...left].map((address) => ({
                text: pages.get(address).title,
                link: `/reference/${address}`,
              })),
            },
          ],
    );
}

function indexText(sidebar, pages) {
  let text =
    '# Reference\n\nWritten from the rows, declarations and examples of the library. Names are PyTorch’s in camelCase; arguments go by position or, in a trailing object, by name.\n\n';
  for (const group of sidebar) {
    text += `## ${group.text}\n\n`;
    for (const { text: title, link } of group.items) {
      const { items } = pages.get(link.split('/').at(-1));
      text += `- [${title}](.${link.replace('/reference', '')}.md): ${items.length} names\n`;
    }
    text += '\n';
  }
  return text;
}

/** Dtypes and derivatives of operators, as docs/operators.md has them. */
function operators() {
  const path = fileURLToPath(new URL('../../docs/operators.md', import.meta.url));
  const found = new Map();
  for (const [, name, dtypes, gradient] of readFileSync(path, 'utf8').matchAll(
    /^\| `([\w.]+)` *\| ([^|]*?) *\| (yes|no) /gm,
  ))
    found.set(name, { dtypes, gradient: gradient === 'yes' });
  return found;
}
