/** The folder of downloads in Node: `$TORCH_HOME`, else `$XDG_CACHE_HOME/torch`, else `~/.cache/torch`. */
export function cacheFolder(): string {
  const { join } = process.getBuiltinModule('node:path');
  const { TORCH_HOME, XDG_CACHE_HOME } = process.env;
  return ofUser(TORCH_HOME ?? join(XDG_CACHE_HOME ?? '~/.cache', 'torch'));
}

/** A path in which `~` stands for the user's home. */
export function ofUser(path: string): string {
  const { homedir } = process.getBuiltinModule('node:os');
  return path.replace(/^~(?=$|[/\\])/, () => homedir());
}
