import { readFileSync } from 'node:fs';
import { styleText } from 'node:util';
import { readSections } from './sections.js';
import { shown } from './shown.js';

/** The means by which a chapter shows itself. */
export interface Notebook {
  /** Begins a section: its source, up to the next one, is shown before it runs. */
  section(title: string): void;
  /** Shows values as Python's `print` does. */
  print(...values: unknown[]): void;
}

/** A chapter's TypeScript: examples/blitz beside the folder that it is compiled to. */
export function readSource(chapter: string): string {
  return readFileSync(new URL(`../../../examples/blitz/${chapter}.ts`, import.meta.url), 'utf8');
}

/** Shows a chapter on standard output: the text and the source of each section, then what it prints. */
export function terminalNotebook(chapter: string): Notebook {
  const sections = readSections(readSource(chapter));
  const coloured = (text: string) => (process.stdout.isTTY ? styleText('cyan', text) : text);
  return {
    section(title) {
      const section = sections.find((one) => one.title === title);
      if (section === undefined) throw new Error(`${chapter}.ts has no section '${title}'`);
      console.log(`\n── ${title} ──\n`);
      if (section.introduction !== '') console.log(`${section.introduction}\n`);
      for (const line of section.code.split('\n')) console.log(coloured(line === '' ? '' : `  ${line}`));
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
