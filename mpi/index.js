// The addon over the system's MPI: compiled when a program first asks for it, and kept by what it was made of.
import { constants } from 'node:os';
import { build } from './build.js';

/**
 * Loads the addon.
 *
 * @returns what `flambeau/distributed` asks of it
 * @throws Error where there is no MPI, with the remedy
 */
export async function load() {
  const path = process.env.FLAMBEAU_MPI_ADDON || (await build());
  const module = { exports: {} };
  // MPI's own parts look for its symbols when they are loaded.
  process.dlopen(module, path, constants.dlopen.RTLD_LAZY | constants.dlopen.RTLD_GLOBAL);
  return module.exports;
}
