import { snakeCase } from '../../core/camel_case.js';
import { signature } from '../../core/signature/signature.js';
import { Module } from '../../nn/module.js';

/** Input of most models' `forward`. */
export const ofX = signature('forward(Tensor x)');

/** A module whose properties stand in state dicts under their names in Python. */
export abstract class SnakeModule extends Module {
  protected override stateKey(property: string): string {
    return snakeCase(property);
  }
}
