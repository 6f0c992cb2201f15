/** XML as far as annotations of images use it: elements and text. Attributes, comments and declarations are passed over, and nothing is looked up. */
import { RuntimeError } from '../../core/errors.js';

export interface XmlElement {
  readonly name: string;
  readonly children: XmlElement[];
  /** The text before the first child. */
  text: string;
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

const plain = (text: string): string =>
  text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w+));/gi, (all, hex, decimal, name) => {
    if (name !== undefined) return Object.hasOwn(entities, name) ? entities[name] : all;
    const point = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : all;
  });

/** A text between tags; or a comment, a declaration, a tag. Each piece begins where the one before ended. */
const piece =
  /<!--[\s\S]*?-->|<!\[CDATA\[([\s\S]*?)\]\]>|<[?!][^>]*>|<\/\s*([^\s>]+)\s*>|<([^\s/>]+)(?:\s[^>]*?)?(\/?)>|([^<]+)/y;

/** The root of a document. @throws RuntimeError that names the file if it is damaged */
export function parseXml(path: string, text: string): XmlElement {
  const damaged = (why: string) => new RuntimeError(`${path} is damaged: ${why}`);
  const document: XmlElement = { name: '', children: [], text: '' };
  const open = [document];
  piece.lastIndex = 0;
  for (let at = 0; at < text.length; at = piece.lastIndex) {
    piece.lastIndex = at;
    const found = piece.exec(text);
    if (found === null) throw damaged('it is no XML');
    const [, data, closing, opening, isEmpty, content] = found;
    const current = open[open.length - 1];
    if (closing !== undefined) {
      if (open.length === 1 || current.name !== closing) throw damaged(`</${closing}> closes nothing`);
      open.pop();
    } else if (opening !== undefined) {
      const element: XmlElement = { name: opening, children: [], text: '' };
      current.children.push(element);
      if (isEmpty === '') open.push(element);
    } else if (current.children.length === 0 && open.length > 1) {
      current.text += data ?? (content === undefined ? '' : plain(content));
    }
  }
  if (open.length > 1) throw damaged(`<${open[open.length - 1].name}> is not closed`);
  if (document.children.length !== 1) throw damaged('it has no root');
  return document.children[0];
}
