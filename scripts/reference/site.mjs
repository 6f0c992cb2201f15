// Puts together what the site is made of: the repository's own texts with their links, the reference, lists for language models.
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeForModels } from './llms.mjs';
import { writeReference } from './write.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Texts by groups of the sidebar: the files of docs/ in the order in which one reads them. */
const guides = [
  ['Begin', ['readme', 'from-python', 'convert', 'from-tensorflow', 'values', 'types', 'errors']],
  [
    'Tutorials',
    ['blitz', 'basics', 'examples', 'char-rnn', 'seq2seq', 'transformer', 'transfer', 'reinforcement'].map(
      (name) => `tutorials/${name}`,
    ),
  ],
  ['Guides', ['memory', 'vision', 'tables', 'deployment', 'bundlers', 'frameworks', 'runtimes']],
  ['Experiments', ['mysteries']],
  ['Figures', ['benchmarks', 'precision', 'reliability', 'operators', 'modules', 'names']],
  ['Inside', ['architecture', 'kernels']],
  ['中文', ['zh/blitz', 'zh/mysteries']],
];

/** Texts that are not in docs/, by the pages that they become. */
const others = {
  readme: 'README.md',
  mysteries: 'examples/mysteries/README.md',
  'zh/mysteries': 'examples/mysteries/README.zh.md',
};
const pageNames = new Map(Object.entries(others).map(([name, path]) => [path, name]));

/** Writes all pages as Markdown, and `sidebar.json` for the theme. */
export async function writePages(folder, { base, hasPlay }) {
  mkdirSync(folder, { recursive: true });
  const { sidebar } = await writeReference(`${folder}/reference`);
  const names = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' });
  const titles = new Map();
  const take = (name, text) => {
    const written = linked(text, dirname(others[name] ?? `docs/${name}`), name);
    titles.set(name, /^# (.+)$/m.exec(text)?.[1] ?? name);
    mkdirSync(dirname(`${folder}/${name}`), { recursive: true });
    writeFileSync(`${folder}/${name}.md`, written);
  };
  for (const file of names.sort()) {
    const path = join(root, 'docs', file);
    if (file.endsWith('.md')) take(file.replace(/\.md$/, ''), readFileSync(path, 'utf8'));
    else if (statSync(path).isFile() && !file.endsWith('.json')) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      cpSync(path, join(folder, file));
    }
  }
  for (const [name, path] of Object.entries(others))
    take(name, readFileSync(join(root, path), 'utf8').replaceAll('src="docs/', 'src="./'));
  titles.set('readme', 'What it is');
  const left = new Set(titles.keys());
  const groups = guides.map(([text, list]) => {
    const found = list.filter((name) => titles.has(name));
    for (const name of found) left.delete(name);
    return {
      text,
      items: found.map((name) => ({ text: titles.get(name), link: `/${name.replace(/\/index$/, '/')}` })),
    };
  });
  groups.splice(4, 0, { text: 'Reference', items: [{ text: 'All modules', link: '/reference/' }] });
  if (left.size > 0)
    groups.push({
      text: 'More',
      items: [...left].map((name) => ({ text: titles.get(name), link: `/${name}` })),
    });
  const guide = groups.filter(({ items }) => items.length > 0);
  writeFileSync(
    `${folder}/sidebar.json`,
    JSON.stringify({ guide, reference: [{ text: 'Reference', link: '/reference/' }, ...sidebar], hasPlay }),
  );
  writeFileSync(
    `${folder}/index.md`,
    readFileSync(join(root, 'site/home.md'), 'utf8').replaceAll(
      'PLAY',
      hasPlay ? '/play/index.html' : '/readme',
    ),
  );
  // The first page shows it by its address.
  mkdirSync(`${folder}/public`, { recursive: true });
  cpSync(join(root, 'docs/spirals.svg'), `${folder}/public/spirals.svg`);
  writeForModels(folder, base, guide, sidebar);
}

/** The text with links as they are on the site: what is not among the pages is a file of the repository. */
function linked(text, from, name) {
  const repository = process.env.FLAMBEAU_REPOSITORY ?? '';
  return text
    .split(/(```[\s\S]*?```)/)
    .map((part, i) =>
      i % 2 === 1
        ? part
        : escaped(part).replace(
            /(!?)\[((?:[^[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)/g,
            (whole, image, shown, address) => {
              if (/^(?:https?:|#|mailto:)/.test(address)) return whole;
              const [path, id] = address.split('#');
              const target = posix.normalize(posix.join(from, path));
              const at = id === undefined ? '' : `#${id}`;
              const here = dirname(name) === '.' ? './' : '../'.repeat(name.split('/').length - 1);
              const page = pageNames.get(target);
              if (page !== undefined) return `[${shown}](${here}${page}.md${at})`;
              if (target.startsWith('docs/'))
                return `${image}[${shown}](${here}${target.slice('docs/'.length)}${at})`;
              return repository === ''
                ? `${shown} (\`${target}\`)`
                : `[${shown}](${repository}/blob/main/${target}${at})`;
            },
          ),
    )
    .join('');
}

/** The text without what Vue would take for a template or an element. */
function escaped(part) {
  return part
    .split(/(`[^`]*`)/)
    .map((piece, i) =>
      i % 2 === 1
        ? piece
        : piece
            .replace(
              /<(?!\/?(?:details|summary|br|img|p|a|div|picture|source|sub|sup|kbd|!--)\b)(?=[A-Za-z])/g,
              '&lt;',
            )
            .replaceAll('{{', '{&#8288;{'),
    )
    .join('');
}
