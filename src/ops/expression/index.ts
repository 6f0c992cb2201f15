export { lowerComplex, NoComplexForm, type Parts } from './complex.js';
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
export { lower } from './lower.js';
export { constant, type Expression, freeNames, name, node, replace, substitute } from './node.js';
export { ExpressionError, parseExpression, parseStatements } from './parse.js';
export { build, simplify } from './simplify.js';
export { expand, isWide } from './special.js';
