/** The optional packages that read formats, which are asked for by name. */
import { optionalPackage } from '../core/optional_package.js';
import { signed } from '../core/signature/signed.js';

/** The packages: `hyparquet` for Parquet, `@uwdata/flechette` for Arrow, `hyparquet-compressors` for other compressions than Snappy, LZ4 and Zstandard. */
export type TableLibrary = 'hyparquet' | 'hyparquet-compressors' | '@uwdata/flechette';

const known = new Map<string, unknown>();

/**
 * Hands over a package that reads tables, where it cannot be imported by its name: in pages without an import map, and in bundles.
 *
 * @example
 * useLibrary('hyparquet', await import('hyparquet'));
 */
export const useLibrary = signed(
  "use_library('hyparquet'|'hyparquet-compressors'|'@uwdata/flechette' name, Object library)",
  ({ name, library }): void => {
    known.set(name, library);
  },
);

/** @param what needs it, for the error's text */
export async function libraryOf<T>(name: TableLibrary, what: string): Promise<T> {
  const found = known.get(name);
  if (found !== undefined) return found as T;
  const imported = await optionalPackage<T>(
    name,
    what,
    `, or hand it over by useLibrary('${name}', await import('${name}'))`,
  );
  known.set(name, imported);
  return imported;
}
