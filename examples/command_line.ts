/** Parts that the examples' command lines share. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import * as torch from 'flambeau';

/** A mistake on the command line, to be told without a stack. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** Reads a command line of options alone. @throws UsageError for an option that does not exist */
export function readOptions<const Options extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: Options,
): ReturnType<typeof parseArgs<{ options: Options }>>['values'] {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** Reads the whole number that an option was given. @throws UsageError for anything else, or less than `least` */
export function integer(name: string, text: string, least: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least)
    throw new UsageError(`--${name} must be a whole number of at least ${least}, not '${text}'`);
  return value;
}

/** Reads the positive number that an option was given. @throws UsageError for anything else */
export function positive(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0)
    throw new UsageError(`--${name} must be a positive number, not '${text}'`);
  return value;
}

/** Checks the name of a device. @throws UsageError if the library has no such device */
export function checkDevice(name: string): string {
  try {
    // Whether there is an adapter, only starting the device can tell.
    if (torch.device(name).type !== 'webgpu') torch.empty(0, { device: name });
  } catch (error) {
    throw new UsageError(`--device ${name}: ${(error as Error).message}`);
  }
  return name;
}

/** Makes the device ready that the command line names. @throws UsageError if there is none */
export async function startDevice(device: string): Promise<void> {
  if (torch.device(device).type !== 'webgpu') return;
  try {
    await torch.webgpu.init();
  } catch (error) {
    throw new UsageError(`--device ${device}: ${(error as Error).message}`);
  }
}

/** Runs a program; mistakes on its command line are told with its usage, and end it with code 2. */
export async function runCommand(
  usage: string,
  program: (args: readonly string[]) => Promise<void>,
): Promise<void> {
  try {
    await program(process.argv.slice(2));
  } catch (error) {
    const isUsage = error instanceof UsageError;
    console.error(isUsage ? `${error.message}\n\n${usage}` : error);
    process.exitCode = isUsage ? 2 : 1;
  }
}
