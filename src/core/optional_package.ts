import { RuntimeError } from './errors.js';
import { importModule } from './import_module.js';

/**
 * Imports a package that whoever uses some part of the library installs beside it.
 *
 * @param what needs it, for the error's text
 * @param otherwise else could be done than to install it, for the error's text
 * @throws RuntimeError if it does not load
 */
export async function optionalPackage<T>(name: string, what: string, otherwise = ''): Promise<T> {
  try {
    return (await importModule(name)) as T;
  } catch (error) {
    throw new RuntimeError(
      `${what} needs the package "${name}": run \`npm install ${name}\`${otherwise} (${(error as Error).message.split('\n')[0]})`,
      { cause: error },
    );
  }
}
