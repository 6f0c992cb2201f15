import type { Walked } from './call_arguments.js';
import { type Code, type Converter, called } from './converter.js';
import { quoted } from './string_literals.js';
import { listOf, str } from './type_rules.js';

/** Python's patterns that are JavaScript's as well: no named groups, no flags within, no anchors of their own. */
const foreign = /\(\?(?![:=!])|\\[AZz]|\(\?P|[*+?}]\+|\\[dwsb](?=.*\(\?a)/;

/** A pattern as a literal of JavaScript's, or null where the two languages differ. */
function pattern({ source }: Walked): string | null {
  if (source.kind !== 'string' || source.parts.length !== 1) return null;
  const [text] = source.parts;
  if (typeof text !== 'string' || foreign.test(text)) return null;
  const own = text.replaceAll('/', '\\/').replaceAll('\n', '\\n');
  try {
    new RegExp(own, 'g');
  } catch {
    return null;
  }
  return `/${own}/g`;
}

/** `re.sub`, `re.split` and `re.findall` with a pattern that is written out. */
export function regularCall(c: Converter, path: string, given: readonly Walked[]): Code | null {
  const own = given.length === 0 ? null : pattern(given[0]);
  if (own === null || given.some(({ name, stars }) => name !== null || stars > 0)) return null;
  const groups = /(^|[^\\])\((?!\?)/.test(own);
  const [, second, third] = given;
  void c;
  if (path === 're.sub' && third !== undefined && given.length === 3 && second.source.kind === 'string') {
    const text = second.source.parts
      .join('')
      .replaceAll('$', '$$$$')
      .replace(/\\(\d)/g, '$$$1');
    return /\\/.test(text) ? null : called(`${third.value.code}.replace(${own}, ${quoted(text)})`, str);
  }
  if (groups || second === undefined || given.length !== 2) return null;
  if (path === 're.split') return called(`${second.value.code}.split(${own})`, listOf(str));
  if (path === 're.findall')
    return called(`[...${second.value.code}.matchAll(${own})].map(([text]) => text)`, listOf(str));
  return null;
}
