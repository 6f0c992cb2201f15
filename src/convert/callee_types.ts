import { joined, type Type } from './type_rules.js';

export { isModuleType, natural, present, type Type, tensorOf, unknown } from './type_rules.js';

/** What one of several functions returns. */
export const promisedTypes = (types: readonly (Type | null)[]): Type =>
  joined(types.filter((type) => type !== null));
