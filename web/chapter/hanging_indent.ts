/** The style of a line of code that goes on two characters to the right of its own beginning where it has to be broken. */
export function hangingIndent(line: string): string {
  const depth = line.search(/\S|$/) + 2;
  return `padding-left: calc(var(--code-edge) + ${depth}ch); text-indent: -${depth}ch`;
}
