import { RuntimeError } from './errors.js';
import { importModule } from './import_module.js';

/**
 * Imports a package that whoever uses some part of the library installs beside it.
 *
 * @param what needs it, for the error's text
 * @throws RuntimeError if it does not load
 */
export async function optionalPackage<T>(name: string, what: string): Promise<T> {
  try {
    return (await importModule(name)) as T;
  } catch (error) {
    throw new RuntimeError(
      `${what} needs the package "${name}": run \`npm install ${name}\` (${(error as Error).message.split('\n')[0]})`,
      { cause: error },
    );
  }
}
