export { backward, differentiate, tangent } from './differentiate.js';
export { evaluate } from './evaluate.js';
export { lower } from './lower.js';
export { constant, type Expression, freeNames, name, node, replace, substitute } from './node.js';
export { ExpressionError, parseExpression, parseStatements } from './parse.js';
export { build, simplify } from './simplify.js';
