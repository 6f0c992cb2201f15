// One name of the reference as Markdown.
import { formula } from './math.mjs';

/** The id of a name's heading. */
export const anchor = (path) => path.replaceAll('.', '-').replaceAll(' ', '-');

/** Text of comments, in which only code between backticks means something to Markdown. */
export function prose(text) {
  return text
    .replace(/\{@link ([^}]+)\}/g, '`$1`')
    .split(/(`[^`]*`)/)
    .map((part, i) => (i % 2 === 1 ? part : part.replace(/[*_[\]\\~]/g, '\\$&').replaceAll('<', '&lt;')))
    .join('')
    .replaceAll('{{', '{&#8288;{');
}

const fence = (language, text) => `\`\`\`${language}\n${text}\n\`\`\`\n`;

/** The first sentence, for lists. */
export function summary(doc) {
  const [first] = /^[\s\S]*?[.;](?=\s|$)/.exec(doc.replace(/\n\n[\s\S]*/, '')) ?? [doc.split('\n\n')[0]];
  return first
    .replace(/\s+/g, ' ')
    .replace(/[.;:]$/, '')
    .trim();
}

/** An example with what it prints; pages can run it. */
export function exampleText({ code, output }, names) {
  const shown = output === '' ? '' : `\n${fence('text', output)}`;
  const others = names.length > 0 ? ` data-names="${names.join(' ')}"` : '';
  return `<div class="example"${others}>\n\n${fence('ts', code)}${shown}\n</div>\n`;
}

export class EntryWriter {
  /**
   * @param rows what rows say of functions and methods
   * @param examples by name
   * @param facts what else is known: formulas of classes, dtypes of operators, shapes of examples, links
   */
  constructor(rows, examples, facts) {
    Object.assign(this, { rows, examples, facts });
  }

  /** A function, a class, a value. */
  write(item, level = '##') {
    const row = this.rows.functions.get(item.path) ?? this.rows.methods.get(item.path);
    const parts = [`${level} ${item.path} {#${anchor(item.path)}}\n`];
    if (item.same !== null && item.kind !== 'type')
      parts.push(`The same as ${this.facts.link(item.same)}.\n`);
    if (item.signatures.length > 0) parts.push(fence('ts', item.signatures.join('\n')));
    else if (item.type !== '') parts.push(fence('ts', `${item.name}: ${item.type}`));
    const doc = row === undefined ? item.doc : item.doc.split('\n\n`')[0];
    if (doc) parts.push(`${prose(doc)}\n`);
    if (row?.twinOf)
      parts.push(
        `As ${this.facts.link(item.path.replace(/Async$/, ''))}, for devices that must be waited for: a promise of its result.\n`,
      );
    this.maths(item, row, parts);
    if (item.parameters.length > 0)
      parts.push(`${item.parameters.map(([name, what]) => `- \`${name}\`: ${prose(what)}`).join('\n')}\n`);
    const throws = item.tags
      .filter(([name]) => name === 'throws')
      .map(([, text]) => prose(text.replace(/\s+/g, ' ')));
    if (throws.length > 0) parts.push(`Throws ${throws.join('; ')}.\n`);
    this.example(item, parts);
    this.facts.notes(item, row, parts);
    this.members(item, parts);
    return `${parts.join('\n')}\n`;
  }

  maths(item, row, parts) {
    const texts = this.facts.formulas(item.path) ?? (row?.pointwise ? formula(row.pointwise) : null);
    if (texts) parts.push(fence('math', texts));
  }

  example(item, parts) {
    const found = this.examples.get(item.path) ?? [];
    const own = item.tags
      .filter(([name]) => name === 'example' && found.length === 0)
      .map(([, code]) => code);
    for (const one of found) {
      if (one.shownBy !== undefined) {
        parts.push(`Its example is that of ${this.facts.link(one.shownBy)}.\n`);
        continue;
      }
      parts.push(exampleText(one, []));
      const shapes = this.facts.shapes(one, item.path);
      if (shapes !== null) parts.push(`Shapes here: ${shapes}.\n`);
    }
    for (const code of own) parts.push(fence('ts', code.replace(/^```\w*\n|\n```$/g, '')));
  }

  members(item, parts) {
    const shown = item.members.filter(
      ({ name, kind, doc }) =>
        !(kind === 'property' && doc === '' && name.length === 0) && name !== 'forward',
    );
    if (item.path === 'torch.Tensor' || shown.length === 0) return;
    const lines = shown.map(({ kind, name, doc, signatures }) => {
      const what = doc === '' ? '' : `: ${prose(doc.replace(/\s+/g, ' '))}`;
      const prefix = name.startsWith('static ') ? 'static ' : '';
      return `- \`${prefix}${(kind === 'method' ? signatures[0] : signatures[0]).replaceAll('`', "'")}\`${what}`;
    });
    if (shown.length <= 3) parts.push(`${lines.join('\n')}\n`);
    else
      parts.push(
        `<details><summary>${shown.length} members</summary>\n\n${lines.join('\n')}\n\n</details>\n`,
      );
  }
}
