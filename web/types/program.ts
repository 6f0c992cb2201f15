/** A notebook's cells as one module for TypeScript's language service. */

import { entries, texts } from 'virtual:declarations';
import ts from 'typescript-5.9';
import type { Completions, Explanation, Finding } from './messages.js';

const notebook = '/notebook.ts';
const given = '/given.d.ts';
/** Names that cells find without an import (worker/snippets.ts). */
const givenText = `
import type * as torchLibrary from 'flambeau';
import type * as visionLibrary from 'flambeau/vision';
import type { Curves } from 'flambeau/charts';
declare global {
  const torchvision: typeof visionLibrary;
  /** Prints values below the cell, as the last value of a cell is. */
  function print(...values: unknown[]): void;
  /** Shows how a classifier divides the plane around points of shape [N, 2] whose classes are labels. */
  function draw(
    classifier: torchLibrary.nn.Module | ((points: torchLibrary.Tensor) => torchLibrary.Tensor),
    points: torchLibrary.Tensor,
    labels: torchLibrary.Tensor,
  ): Promise<void>;
  /** Draws lines of numbers, by their names. A title lets them take the place of those that the cell drew before. */
  function plot(curves: Curves, title?: string): void;
  /** Shows a tensor below the cell, in the place of what the cell showed by that title before: as a heat map, or where it is [N, 1 or 3, H, W] as images. */
  function show(title: string, tensor: torchLibrary.Tensor, as?: 'heat map' | 'images'): Promise<void>;
  /** Draws the steps of a network, with the shapes that its layers make of an input. */
  function graph(net: torchLibrary.nn.Module, ...inputs: torchLibrary.Tensor[]): void;
  /** Shows which class is taken for which, with the images of the mistakes. Guesses and labels are of shape [N], images [N, C, H, W]. */
  function confusion(
    guesses: torchLibrary.Tensor,
    labels: torchLibrary.Tensor,
    images: torchLibrary.Tensor,
    classes?: readonly string[],
  ): Promise<void>;
  /** Files that were added to the notebook, by their names. */
  const files: Record<string, Uint8Array<ArrayBuffer>>;
  const place: any;
  const TrainingLog: any;
}
`;
/** A namespace that is there without an import, also for types. */
const torchText = "export * from 'flambeau';\nexport as namespace torch;\n";

/** Makes a module of the notebook, in which await stands alone. */
const ending = '\nexport {};\n';
/** What is no mistake in a notebook: a name that another cell declares again, and a value that stands alone to be shown. */
const accepted = new Set([2451, 2300, 2393]);

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  strict: true,
  allowUmdGlobalAccess: true,
  skipLibCheck: true,
  noEmit: true,
  types: [],
  lib: ['lib.esnext.d.ts', 'lib.webworker.d.ts'],
};

let cells: readonly string[] = [];
let text = '';
let version = 0;
const fixed: Readonly<Record<string, string>> = { ...texts, [given]: givenText, '/torch.d.ts': torchText };

const read = (name: string): string | undefined => (name === notebook ? text : fixed[name]);
const host: ts.LanguageServiceHost = {
  getCompilationSettings: () => options,
  getScriptFileNames: () => [notebook, given, '/torch.d.ts'],
  getScriptVersion: (name) => (name === notebook ? String(version) : '0'),
  getScriptSnapshot: (name) => {
    const found = read(name);
    return found === undefined ? undefined : ts.ScriptSnapshot.fromString(found);
  },
  getCurrentDirectory: () => '/',
  getDefaultLibFileName: () => '/lib/lib.esnext.d.ts',
  fileExists: (name) => read(name) !== undefined,
  readFile: read,
  resolveModuleNameLiterals: (literals, from) =>
    literals.map(({ text: name }) => ({ resolvedModule: resolve(name, from) })),
};

/** A module's file: of the library, or beside the one that names it. */
function resolve(name: string, from: string): ts.ResolvedModuleFull | undefined {
  const file = entries[name] ?? new URL(name, `file://${from}`).pathname.replace(/\.js$/, '.d.ts');
  return file in fixed
    ? { resolvedFileName: file, extension: ts.Extension.Dts, isExternalLibraryImport: true }
    : undefined;
}

const service = ts.createLanguageService(host, ts.createDocumentRegistry());

/** Takes the texts of all cells. */
export function update(next: readonly string[]): void {
  if (next.length === cells.length && next.every((cell, i) => cell === cells[i])) return;
  cells = next;
  text = cells.join('\n') + ending;
  version++;
}

const beginOf = (cell: number): number =>
  cells.slice(0, cell).reduce((sum, { length }) => sum + length + 1, 0);

export function check(): Finding[] {
  const found = [...service.getSyntacticDiagnostics(notebook), ...service.getSemanticDiagnostics(notebook)];
  return found.flatMap(({ start = 0, length = 0, code, category, messageText }): Finding[] => {
    if (accepted.has(code) || category === ts.DiagnosticCategory.Suggestion) return [];
    let cell = 0;
    while (cell + 1 < cells.length && beginOf(cell + 1) <= start) cell++;
    const from = Math.min(start - beginOf(cell), cells[cell]?.length ?? 0);
    const to = Math.min(from + length, cells[cell]?.length ?? 0);
    const message = ts.flattenDiagnosticMessageText(messageText, '\n');
    return [{ cell, from, to, message, isError: category === ts.DiagnosticCategory.Error }];
  });
}

export function complete(cell: number, at: number): Completions | null {
  const begin = beginOf(cell);
  const found = service.getCompletionsAtPosition(notebook, begin + at, {});
  if (found === undefined) return null;
  const word = /[\w$]*$/.exec(cells[cell].slice(0, at))![0];
  return {
    from: at - word.length,
    options: found.entries.map(({ name, kind, sortText }) => ({ label: name, kind, rank: sortText })),
  };
}

export function describe(cell: number, at: number, name: string): Explanation | null {
  const found = service.getCompletionEntryDetails(
    notebook,
    beginOf(cell) + at,
    name,
    {},
    undefined,
    {},
    undefined,
  );
  return found === undefined ? null : explanation(found, at, at);
}

export function explain(cell: number, at: number): Explanation | null {
  const begin = beginOf(cell);
  const found = service.getQuickInfoAtPosition(notebook, begin + at);
  if (found === undefined) return null;
  const { start, length } = found.textSpan;
  return explanation(found, start - begin, start + length - begin);
}

function explanation(
  { displayParts, documentation }: Pick<ts.QuickInfo, 'displayParts' | 'documentation'>,
  from: number,
  to: number,
): Explanation {
  const signature = ts.displayPartsToString(displayParts);
  return { from, to, signature, text: ts.displayPartsToString(documentation) };
}
