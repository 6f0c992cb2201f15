/** The functions of `nn.functional` as layers call them: a layer's file imports the rows that not every page has. */
import '../ops/index.js';
import { functionsOf } from '../dispatch/registry.js';
import type { NnFunctionalFunctions } from '../generated/signatures.js';

export const F = functionsOf('nn.functional') as unknown as NnFunctionalFunctions;
