// Runs the examples of the reference with what is built, and writes what they print below them.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';
import { entries } from '../entries.mjs';
import { folder, parseExamples, readExamples } from './examples.mjs';
import { snippetsOf, tutorials, withOutputs } from './tutorials.mjs';

const runner = fileURLToPath(new URL('../../site/runner.ts', import.meta.url));

/** The library's entries as examples name them. */
export async function namespaces() {
  const found = { torch: await import('../../dist/index.js') };
  for (const name of entries)
    found[name === 'vision' ? 'torchvision' : name] = await import(`../../dist/${name}/index.js`);
  return found;
}

/** @returns {Promise<(code: string) => Promise<string>>} */
export async function exampleRunner() {
  const { module } = await runnerImport(runner, { configFile: false, logLevel: 'error' });
  const library = await namespaces();
  return (code) => module.runExample(code, library);
}

export async function recordExamples() {
  const run = await exampleRunner();
  const { module } = await runnerImport(runner, { configFile: false, logLevel: 'error' });
  const library = await namespaces();
  const runPage = (snippets) => module.runPage(snippets, library);
  const failed = [];
  for (const file of new Set(readExamples().map(({ file }) => file))) {
    const text = readFileSync(folder + file, 'utf8');
    const pieces = text.split(/^(?=\/\/: )/m);
    const written = [];
    for (const piece of pieces) {
      const [example] = parseExamples(piece, file);
      if (example === undefined) {
        written.push(piece);
        continue;
      }
      const kept = piece.replace(/^\/\/=.*\n?/gm, '').trimEnd();
      // Where names stand for others, what each prints is tried and not shown.
      if (
        example.isPattern &&
        / by NAME$/m.test(piece.split('\n')[0]) &&
        piece.includes('NAME', piece.indexOf('\n'))
      ) {
        for (const one of parseExamples(piece, file)) await tried(one);
        written.push(`${kept}\n\n`);
        continue;
      }
      const output = await tried(example);
      const below =
        output === null || output === '' ? '' : `\n${output.replace(/^/gm, '//= ').replace(/ +$/gm, '')}`;
      written.push(`${kept}${below}\n\n`);
    }
    writeFileSync(folder + file, `${written.join('').trimEnd()}\n`);
  }
  for (const path of tutorials())
    try {
      const printed = await runPage(snippetsOf(path).map(({ code }) => code));
      writeFileSync(path, withOutputs(path, printed));
    } catch (error) {
      failed.push(`${path}: ${error.stack.split('\n').slice(0, 4).join(' ')}`);
    }
  if (failed.length > 0) throw new Error(`${failed.length} examples failed:\n${failed.join('\n')}`);

  async function tried({ names, code, file }) {
    try {
      return await run(code);
    } catch (error) {
      failed.push(
        `${file} ${names[0]}: ${error.constructor.name}: ${String(error.message).split('\n')[0].slice(0, 220)}`,
      );
      return null;
    }
  }
}
