// The examples of the reference, site/examples, in a file or a folder for each module: programs of a few lines, each under a head that names what it shows,
//
//     //: torch.add, torch.Tensor.add
//     torch.tensor([1, 2]).add(10)
//     //= tensor([11, 12])
//
// with what it prints below. The value of the last line is printed, as pages do it. A head that
// ends in ` by NAME` is one for each of its names, which stand in turn where the code says `NAME`; what those print is not written down.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const folder = fileURLToPath(new URL('../../site/examples/', import.meta.url));

/**
 * @typedef {{ names: string[], code: string, output: string, file: string, line: number, isPattern: boolean }} Example
 * @returns {Example[]}
 */
export function readExamples() {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  return files.sort().flatMap((file) => parseExamples(readFileSync(folder + file, 'utf8'), file));
}

/** The examples of a file's text. */
export function parseExamples(text, file) {
  const found = [];
  let current = null;
  for (const [i, line] of text.split('\n').entries()) {
    const [, head] = /^\/\/: (.*)$/.exec(line) ?? [];
    if (head !== undefined) {
      const isPattern = head.endsWith(' by NAME');
      const names = head.replace(/ by NAME$/, '').split(/,\s*/);
      current = { names, code: [], output: [], file, line: i + 1, isPattern };
      found.push(current);
    } else if (current !== null) {
      if (line.startsWith('//=')) current.output.push(line.slice(4));
      else if (current.output.length === 0) current.code.push(line);
    }
  }
  return found
    .map((one) => ({ ...one, code: one.code.join('\n').trim(), output: one.output.join('\n') }))
    .flatMap((one) =>
      one.isPattern
        ? one.names.map((name) => ({
            ...one,
            names: [name],
            code: one.code.replaceAll('NAME', name.split('.').at(-1)),
          }))
        : [one],
    );
}

/** The examples by the names that they show. */
export function examplesByName(examples) {
  const found = new Map();
  for (const example of examples)
    for (const name of example.names) found.set(name, [...(found.get(name) ?? []), example]);
  return found;
}

/** How a program calls a name of the reference: `F.relu` for `torch.nn.functional.relu`. */
const calledAs = (path) =>
  path
    .replace(/^torch\.nn\.functional\./, 'F.')
    .replace(/^torch\.nn\./, 'nn.')
    .replace(/^vision\./, 'torchvision.');

/** The examples of a name that is another's alias: those of the other, with this name. */
export function aliasExamples(path, other, examples) {
  const call = `${calledAs(other)}(`;
  return (examples.get(other) ?? [])
    .filter(({ code }) => code.includes(call))
    .map((one) => ({ ...one, names: [path], code: one.code.replaceAll(call, `${calledAs(path)}(`) }));
}
