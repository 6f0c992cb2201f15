/** The shaders' own functions: each shader gets those that it uses, and what those use. */
import { floatFunctions, specialFunctions, trigonometricFunctions } from './float.js';
import { halfFunctions, integerFunctions } from './integer.js';

const functions = new Map<string, string>();

for (const text of [
  floatFunctions,
  trigonometricFunctions,
  specialFunctions,
  integerFunctions,
  halfFunctions,
])
  for (const piece of text.split(/^(?=fn )/m)) {
    const name = /^fn (\w+)/.exec(piece)?.[1];
    if (name !== undefined) functions.set(name, piece);
  }

/** A shader's text with the functions that it needs in front. */
export function withLibrary(text: string): string {
  const wanted = new Set<string>();
  const visit = (body: string): void => {
    for (const [word] of body.matchAll(/\b[a-z]\w*\b/g)) {
      const source = functions.get(word);
      if (source === undefined || wanted.has(word)) continue;
      wanted.add(word);
      visit(source);
    }
  };
  visit(text);
  // A number that no compiler knows: constant expressions may not be NaN or infinite.
  return ['var<private> opaque_zero: u32;\n', ...[...wanted].map((name) => functions.get(name)!), text].join(
    '',
  );
}
