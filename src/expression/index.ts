export { lowerComplex, NoComplexForm, type Parts } from './complex_lowering.js';
export {
  backward,
  complexBackward,
  conjugated,
  differentiate,
  isHolomorphic,
  pushforward,
  tangent,
} from './differentiate.js';
export { evaluate } from './evaluate.js';
export { expand, isWide } from './expand_special.js';
export { constant, type Expression, freeNames, name, node, replace, substitute } from './expression.js';
export { isWhole, lower } from './lower.js';
export { ExpressionError, parseExpression, parseStatements } from './parse.js';
export { polynomial } from './polynomial.js';
export { build, simplify } from './simplify.js';
