// Formulas in TeX, from the language of pointwise rows and of optimizers' rules, whose grammar JavaScript's parser understands.
import ts from 'typescript-5.9';

/** Longer texts are algorithms, which no formula makes clearer. */
const most = 260;

const greek = new Set(
  'alpha beta gamma delta epsilon eps lambda lambd mu nu rho sigma tau theta omega eta kappa'.split(' '),
);
const unnamed = { epsilon: '\\varepsilon', eps: '\\varepsilon', lambd: '\\lambda' };
const constants = { inf: '\\infty', nan: '\\mathrm{NaN}', pi: '\\pi', e: 'e' };
const plain = new Set('sin cos tan sinh cosh tanh log exp gcd'.split(' '));
const written = {
  abs: ([x]) => `\\left|${x}\\right|`,
  sqrt: ([x]) => `\\sqrt{${x}}`,
  rsqrt: ([x]) => `\\frac{1}{\\sqrt{${x}}}`,
  reciprocal: ([x]) => `\\frac{1}{${x}}`,
  floor: ([x]) => `\\left\\lfloor ${x} \\right\\rfloor`,
  ceil: ([x]) => `\\left\\lceil ${x} \\right\\rceil`,
  square: ([x]) => `\\left(${x}\\right)^2`,
  exp: ([x]) => `e^{${x}}`,
  exp2: ([x]) => `2^{${x}}`,
  expm1: ([x]) => `\\left(e^{${x}} - 1\\right)`,
  log: ([x]) => `\\ln\\left(${x}\\right)`,
  log2: ([x]) => `\\log_2\\left(${x}\\right)`,
  log10: ([x]) => `\\log_{10}\\left(${x}\\right)`,
  log1p: ([x]) => `\\ln\\left(1 + ${x}\\right)`,
  sigmoid: ([x]) => `\\frac{1}{1 + e^{-${group(x)}}}`,
  log_sigmoid: ([x]) => `\\ln\\frac{1}{1 + e^{-${group(x)}}}`,
  fma: ([a, b, c]) => `${group(a)} \\cdot ${group(b)} + ${c}`,
  pow: ([x, y]) => `${group(x)}^{${y}}`,
  asin: ([x]) => `\\arcsin\\left(${x}\\right)`,
  acos: ([x]) => `\\arccos\\left(${x}\\right)`,
  atan: ([x]) => `\\arctan\\left(${x}\\right)`,
  maximum: (args) => `\\max\\left(${args.join(', ')}\\right)`,
  minimum: (args) => `\\min\\left(${args.join(', ')}\\right)`,
  clamp: ([x, a, b]) => `\\min\\left(\\max\\left(${x}, ${a}\\right), ${b}\\right)`,
  lgamma: ([x]) => `\\ln\\left|\\Gamma\\left(${x}\\right)\\right|`,
  digamma: ([x]) => `\\psi\\left(${x}\\right)`,
  normal_cdf: ([x]) => `\\Phi\\left(${x}\\right)`,
  zeta: ([x, q]) =>
    `\\zeta\\left(${x}, ${q}\\right) = \\sum_{k=0}^{\\infty} \\frac{1}{\\left(k + ${q}\\right)^{${x}}}`,
  bessel_i: ([n, x]) => `I_{${n}}\\left(${x}\\right)`,
  floor_divide: ([x, y]) => `\\left\\lfloor \\frac{${x}}{${y}} \\right\\rfloor`,
  remainder: ([x, y]) => `${x} - ${y} \\left\\lfloor \\frac{${x}}{${y}} \\right\\rfloor`,
  trunc: ([x]) => `\\mathrm{trunc}\\left(${x}\\right)`,
  logaddexp: ([x, y]) => `\\ln\\left(e^{${x}} + e^{${y}}\\right)`,
  logaddexp2: ([x, y]) => `\\log_2\\left(2^{${x}} + 2^{${y}}\\right)`,
  xlogy: ([x, y]) => `${x} \\ln\\left(${y}\\right)`,
  xlog1py: ([x, y]) => `${x} \\ln\\left(1 + ${y}\\right)`,
  sinc: ([x]) => `\\frac{\\sin\\left(\\pi ${x}\\right)}{\\pi ${x}}`,
};

const group = (text) => (/^(?:\\?\w+|\{.*\})$/.test(text) ? text : `\\left(${text}\\right)`);

function nameOf(text) {
  // As the parameter is called where one calls.
  if (text === 'self') return '\\mathrm{input}';
  if (Object.hasOwn(constants, text)) return constants[text];
  const [first, ...rest] = text.split('_').filter((part) => part !== '');
  const letter = greek.has(first)
    ? (unnamed[first] ?? `\\${first}`)
    : first.length === 1
      ? first
      : `\\mathrm{${first}}`;
  const [, stem, digits] = /^([a-z]+)(\d+)$/i.exec(first) ?? [];
  const base = digits === undefined ? letter : `${nameOf(stem)}_{${digits}}`;
  return rest.length === 0 ? base : `\\mathrm{${[first, ...rest].join('\\_')}}`;
}

const { SyntaxKind } = ts;
const comparisons = new Map([
  [SyntaxKind.GreaterThanToken, '>'],
  [SyntaxKind.GreaterThanEqualsToken, '\\ge'],
  [SyntaxKind.LessThanToken, '<'],
  [SyntaxKind.LessThanEqualsToken, '\\le'],
  [SyntaxKind.EqualsEqualsToken, '='],
  [SyntaxKind.ExclamationEqualsToken, '\\ne'],
  [SyntaxKind.AmpersandAmpersandToken, '\\land'],
  [SyntaxKind.BarBarToken, '\\lor'],
]);

function tex(node) {
  if (ts.isParenthesizedExpression(node)) return tex(node.expression);
  if (ts.isIdentifier(node)) return nameOf(node.text);
  if (ts.isNumericLiteral(node))
    return node.getText().length > 9 ? String(Number(Number(node.text).toPrecision(7))) : node.getText();
  if (ts.isPrefixUnaryExpression(node)) {
    const inner = tex(node.operand);
    const needs = ts.isParenthesizedExpression(node.operand);
    return node.operator === SyntaxKind.ExclamationToken
      ? `\\lnot ${group(inner)}`
      : `-${needs ? group(inner) : inner}`;
  }
  if (ts.isCallExpression(node)) {
    const name = node.expression.getText();
    const args = node.arguments.map(tex);
    if (Object.hasOwn(written, name)) return written[name](args);
    const called = plain.has(name) ? `\\${name}` : `\\operatorname{${name.replaceAll('_', '\\_')}}`;
    return `${called}\\left(${args.join(', ')}\\right)`;
  }
  if (ts.isConditionalExpression(node)) return `\\begin{cases}${cases(node).join(' \\\\ ')}\\end{cases}`;
  if (ts.isBinaryExpression(node)) return binary(node);
  throw new Error(`no formula for ${node.getText()}`);
}

function cases(node) {
  const inner = ts.isParenthesizedExpression(node) ? node.expression : node;
  if (!ts.isConditionalExpression(inner)) return [`${tex(node)} & \\text{otherwise}`];
  return [`${tex(inner.whenTrue)} & \\text{if } ${tex(inner.condition)}`, ...cases(inner.whenFalse)];
}

const isSum = (node) =>
  ts.isParenthesizedExpression(node) &&
  ts.isBinaryExpression(node.expression) &&
  [SyntaxKind.PlusToken, SyntaxKind.MinusToken].includes(node.expression.operatorToken.kind);
const factor = (node) => (isSum(node) ? group(tex(node)) : tex(node));

function binary(node) {
  const { left, right, operatorToken } = node;
  switch (operatorToken.kind) {
    case SyntaxKind.PlusToken:
      return `${tex(left)} + ${tex(right)}`;
    case SyntaxKind.MinusToken:
      return `${tex(left)} - ${factor(right)}`;
    case SyntaxKind.AsteriskToken:
      return `${factor(left)} \\cdot ${factor(right)}`;
    case SyntaxKind.SlashToken:
      return `\\frac{${tex(left)}}{${tex(right)}}`;
    case SyntaxKind.AsteriskAsteriskToken:
      return `${group(tex(left))}^{${tex(right)}}`;
    case SyntaxKind.EqualsToken:
      return `${tex(left)} = ${tex(right)}`;
  }
  const sign = comparisons.get(operatorToken.kind);
  if (sign === undefined) throw new Error(`no formula for ${node.getText()}`);
  return `${tex(left)} ${sign} ${tex(right)}`;
}

/** A formula of a text in the rows' language, null if it is too long, or has no formula. */
export function formula(text, result = '\\mathrm{out}') {
  const lines = formulas(text);
  if (lines === null) return null;
  return [...lines.slice(0, -1), `${result} = ${lines.at(-1)}`].join(' \\\\ ');
}

/** The formulas of its statements. */
export function formulas(text) {
  const source = text.replace(/#[^\n]*/g, '');
  if (source.length > most || /\b(?:orthogonal|is_coarse|spherical_bessel)\b/.test(source)) return null;
  const file = ts.createSourceFile('row.ts', source, ts.ScriptTarget.ESNext, true);
  try {
    return file.statements.map((statement) => {
      if (!ts.isExpressionStatement(statement)) throw new Error('no expression');
      return tex(statement.expression);
    });
  } catch {
    return null;
  }
}
