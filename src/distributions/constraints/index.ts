/** `torch.distributions.constraints`: what parameters and samples must satisfy. */
export * from './bounds.js';
export * from './composed_constraints.js';
export { Constraint } from './constraint.js';
export * from './matrix_constraints.js';
export * from './vectors.js';
