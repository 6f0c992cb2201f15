/** A module's settings: what its constructor was given, as its properties and as it prints them. */

import { PyFloat } from '../core/pyfloat.js';
import { formatFloat, formatValue } from '../core/repr.js';
import { floats } from '../core/signature/signature.js';

const floatSettings = new WeakMap<object, ReadonlySet<string>>();

/** Gives a module the arguments of its constructor as properties of the same names. */
export function take<T extends object>(module: NoInfer<T>, settings: T): void {
  Object.assign(module, { ...settings, [floats]: undefined });
  Reflect.deleteProperty(module, floats);
  floatSettings.set(module, Reflect.get(settings, floats) as ReadonlySet<string>);
}

/** A setting as Python prints it: a number that is its float has a point, although JavaScript has but one kind of number. */
export function settingText(module: object, name: string): string {
  const value: unknown = Reflect.get(module, name);
  const isFloat = typeof value === 'number' && (floatSettings.get(module)?.has(name) ?? false);
  return isFloat ? formatFloat(value) : formatValue(value);
}

/** A setting as it was given, so that the module that it is passed on to prints it alike. */
export function asGiven<T extends object>(settings: T, name: keyof T & string): number | PyFloat {
  const value = settings[name] as number;
  const given = Reflect.get(settings, floats) as ReadonlySet<string>;
  return given.has(name) ? new PyFloat(value) : value;
}

/** Makes the settings of a module's copy print as its own do. */
export function copySettings(from: object, to: object): void {
  const floats = floatSettings.get(from);
  if (floats !== undefined) floatSettings.set(to, floats);
}
