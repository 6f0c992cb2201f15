// Signatures as one reads them: a parameter's own type, without the forms in which arguments go by name, of which the reference's first page tells.

/** The call with its first form of arguments, and without what only names arguments. */
export function readable(text) {
  return withoutNamed(firstForm(text)).replace(/\s+\|(?=\s*[,)])/g, '');
}

/** `f(...args: [a: A] | [options: …]): R` as `f(a: A): R`. */
function firstForm(text) {
  const start = /\((?:\.\.\.\w+: )\[/.exec(text);
  if (start === null) return text;
  const open = start.index + start[0].length - 1;
  const end = closing(text, open);
  const close = closing(text, start.index);
  return `${text.slice(0, start.index)}(${text.slice(open + 1, end)})${text.slice(close + 1)}`;
}

/** Where the bracket at `at` is closed. */
function closing(text, at) {
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    if ('([{<'.includes(text[i])) depth++;
    else if (')]}'.includes(text[i]) || (text[i] === '>' && text[i - 1] !== '=')) depth--;
    if (depth === 0) return i;
  }
  return text.length - 1;
}

/** Parameters of which all may also be given by name from there on: `x: number | Partial<FooOptions>`. */
function withoutNamed(text) {
  const open = text.indexOf('(');
  if (open < 0) return text;
  const close = closing(text, open);
  const parameters = split(text.slice(open + 1, close), ',').map((parameter) => {
    const colon = parameter.indexOf(':');
    const name = parameter.slice(0, colon);
    if (colon < 0 || /\b(options|args|named)\b/.test(name)) return parameter;
    const kept = split(parameter.slice(colon + 1), '|').filter((type) => !isNamed(type.trim()));
    return kept.length === 0 ? parameter : `${name}: ${kept.map((type) => type.trim()).join(' | ')}`;
  });
  return `${text.slice(0, open + 1)}${parameters.map((one) => one.trim()).join(', ')}${text.slice(close)}`;
}

const isNamed = (type) =>
  /^Partial<\w*(?:Options|Arguments)\b.*>$/.test(type) ||
  /^\w+(?:Options|Arguments)(?:<.*>)?$/.test(type) ||
  /^\{ .* \}$/.test(type);

/** The parts of a text between separators that stand in no bracket. */
function split(text, separator) {
  const parts = [''];
  let depth = 0;
  for (const [i, letter] of [...text].entries()) {
    if ('([{<'.includes(letter)) depth++;
    else if (')]}'.includes(letter) || (letter === '>' && text[i - 1] !== '=')) depth--;
    if (letter === separator && depth === 0) parts.push('');
    else parts[parts.length - 1] += letter;
  }
  return parts;
}
