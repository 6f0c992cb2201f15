import { optionalPackage } from '../core/optional_package.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { convertProgram } from './convert_program.js';
import type { Conversion } from './diagnostic.js';
import type { PythonParser } from './parse_program.js';

const ofConvert = signature('convert(str python, *, Any parser=None, Any modules=None)');

/**
 * TypeScript for a Python program. What cannot be converted, or is not known well enough, is told in `diagnostics`; Python that cannot be read has no
 * code. It never throws because of the program.
 *
 * @param python the program's source
 * @param parser `parser` of `@lezer/python`, for pages and bundles, which import it themselves; by default it is imported when it is needed
 * @param modules the sources of the program's own modules by their names, as in `{ 'models.net': … }`: what it imports of them becomes part of it
 * @throws RuntimeError if the package `@lezer/python` is not installed
 * @example
 * const { code, diagnostics } = await convert('import torch\nprint(torch.ones(2) + 1)');
 */
export async function convert(
  ...args: Arguments<
    typeof ofConvert,
    { parser: PythonParser | null; modules: Readonly<Record<string, string>> | null }
  >
): Promise<Conversion> {
  const { python, parser, modules } = ofConvert.bind(args);
  const own =
    (parser as PythonParser | null) ??
    (await optionalPackage<{ parser: PythonParser }>('@lezer/python', 'The converter')).parser;
  try {
    return convertProgram(python, own, (modules as Readonly<Record<string, string>> | null) ?? {});
  } catch (error) {
    // A mistake of the converter's is no reason to take an editor along.
    const message = `The converter has failed here: ${(error as Error).message}`;
    return { code: '', diagnostics: [{ line: 1, column: 1, message, severity: 'error' }] };
  }
}
