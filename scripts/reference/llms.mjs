// Lists for language models: `llms.txt`, which names the pages, and `llms-full.txt`, which has all of them.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

const introduction = `# Flambeau

> PyTorch for TypeScript: tensors, automatic differentiation, neural networks and training with PyTorch's semantics and names in camelCase, and for the same seed PyTorch's numbers, for Node and browsers.

Operators are methods (\`a.add(b)\`), Python's keyword arguments a trailing object (\`x.sum({ dim: 0, keepdim: true })\`), modules are called by \`net.forward(x)\`, and files are read and written by promises (\`await torch.load(…)\`).
`;

export function writeForModels(folder, base, guide, reference) {
  let list = introduction;
  let full = introduction;
  for (const { text, items } of [
    ...guide,
    ...reference.map((group) => ({ ...group, text: `Reference: ${group.text}` })),
  ]) {
    list += `\n## ${text}\n\n`;
    for (const { text: title, link } of items) {
      list += `- [${title}](${base}${link.slice(1).replace(/\/$/, '/index')}.md)\n`;
      full += `\n\n${plain(readFileSync(`${folder}${link.replace(/\/$/, '/index')}.md`, 'utf8'))}`;
    }
  }
  mkdirSync(`${folder}/public`, { recursive: true });
  writeFileSync(`${folder}/public/llms.txt`, list);
  writeFileSync(`${folder}/public/llms-full.txt`, full);
}

/** Without what only pages need. */
const plain = (text) =>
  text
    .replace(/^---\n[\s\S]*?\n---\n/, '')
    .replace(/^<\/?(?:div|p|details|summary)[^>]*>(?:.*<\/summary>)?\n*/gm, '')
    .replace(/ \{#[^}]+\}$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
