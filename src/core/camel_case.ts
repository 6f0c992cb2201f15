/** TypeScript's spelling of a name in snake case. */
export function camelCase(name: string): string {
  // Thousands of names are asked for at the start, many of them one word.
  if (!name.includes('_')) return name;
  return name.replace(/(?<=[a-z0-9])_([a-z0-9])/g, (_, c: string) => c.toUpperCase());
}

/** Python's spelling of a name in camel case. */
export function snakeCase(name: string): string {
  return name.replace(/(?<=[a-z0-9])[A-Z]/g, (c) => `_${c.toLowerCase()}`);
}
