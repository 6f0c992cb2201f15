import { readFileSync } from 'node:fs';
import { styleText } from 'node:util';

/** What a chapter shows itself with. */
export interface Notebook {
  /** Begins a section: its source, up to the next one, is shown before it runs. */
  section(title: string): void;
  /** Shows values as Python's `print` does. */
  print(...values: unknown[]): void;
}

/** How Python's `print` shows a value: strings as they are, `true` as `True`, arrays with brackets. */
function shown(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value) && value.constructor === Array) return `[${value.map(shown).join(', ')}]`;
  return String(value);
}

/** The sections of a chapter's source file, from one call of `section` to the next, without their common indentation. */
export function readSections(source: string): Map<string, string> {
  const sections = new Map<string, string>();
  let lines: string[] | null = null;
  for (const line of source.split('\n')) {
    const title = /^ {2}section\('(.+)'\);$/.exec(line)?.[1];
    if (title !== undefined) {
      if (sections.has(title)) throw new Error(`two sections are named '${title}'`);
      lines = [];
      sections.set(title, '');
    } else if (line === '}') lines = null;
    else lines?.push(line.replace(/^ {2}/, ''));
    const current = [...sections.keys()].at(-1);
    if (lines !== null && current !== undefined) sections.set(current, lines.join('\n').trim());
  }
  return sections;
}

/** A chapter's TypeScript: examples/blitz beside the folder that it is compiled to. */
export function readSource(chapter: string): string {
  return readFileSync(new URL(`../../../examples/blitz/${chapter}.ts`, import.meta.url), 'utf8');
}

/** Shows a chapter on standard output: the source of each section, then what it prints. */
export function terminalNotebook(chapter: string): Notebook {
  const sections = readSections(readSource(chapter));
  const coloured = (text: string) => (process.stdout.isTTY ? styleText('cyan', text) : text);
  return {
    section(title) {
      const source = sections.get(title);
      if (source === undefined) throw new Error(`${chapter}.ts has no section '${title}'`);
      console.log(`\n── ${title} ──\n`);
      for (const line of source.split('\n')) console.log(coloured(line === '' ? '' : `  ${line}`));
      console.log();
    },
    print: (...values) => console.log(values.map(shown).join(' ')),
  };
}

/** Collects what a chapter prints, with a line before each section. */
export function recordingNotebook(): Notebook & { text(): string } {
  const lines: string[] = [];
  return {
    section: (title) => lines.push(`== ${title}`),
    print: (...values) => lines.push(values.map(shown).join(' ')),
    text: () => lines.map((line) => `${line}\n`).join(''),
  };
}
