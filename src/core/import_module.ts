/** Imports a module whose name is known only when the program runs. Bundlers are told to leave it at that. */
export async function importModule(name: string): Promise<Record<string, unknown>> {
  return (await import(
    /* webpackIgnore: true */ /* turbopackIgnore: true */ /* @vite-ignore */ name
  )) as Record<string, unknown>;
}
