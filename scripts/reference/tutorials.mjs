// The pages of docs/ whose TypeScript runs: the blocks of a page share their variables, and a block of text below one is what it prints.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const docs = fileURLToPath(new URL('../../docs/', import.meta.url));
const block = /```ts\n([\s\S]*?)```\n(?:\n```text\n([\s\S]*?)```\n)?/g;

/** Paths of the pages. */
export function tutorials() {
  const names = readdirSync(docs, { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => /^(?:(?:zh\/)?tutorials\/|zh\/|from-).*\.md$/.test(name))
    .sort()
    .map((name) => docs + name);
}

/** The snippets of a page, with what they are said to print. */
export function snippetsOf(path) {
  return [...readFileSync(path, 'utf8').matchAll(block)].map(([, code, output]) => ({
    code,
    output: output?.trimEnd() ?? null,
  }));
}

/** The page's text with what its snippets print: where there is a block for it. */
export function withOutputs(path, printed) {
  let i = 0;
  return readFileSync(path, 'utf8').replace(block, (whole, code, output) => {
    const text = printed[i++];
    return output === undefined ? whole : `\`\`\`ts\n${code}\`\`\`\n\n\`\`\`text\n${text}\n\`\`\`\n`;
  });
}
