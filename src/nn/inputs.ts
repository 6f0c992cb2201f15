/** Inputs of the layers' `forward`, by position or by name; those that several layers share. */
import { signature } from '../core/signature/signature.js';

export const ofInput = signature('forward(Tensor input)');
export const ofInputAndTarget = signature('forward(Tensor input, Tensor target)');
export const ofInputsAndTarget = signature('forward(Tensor input1, Tensor input2, Tensor target)');
export const ofPair = signature('forward(Tensor x1, Tensor x2)');
