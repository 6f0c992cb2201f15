import { float, int, isNumber, type Numbers, number, type Type, tensorOf } from './type_rules.js';

const rank: Readonly<Record<string, number>> = { bool: 0, int: 1, float: 2 };

/** What kind of numbers a value has. */
export function numbersOf(type: Type): Numbers {
  switch (type.k) {
    case 'tensor':
    case 'array':
      return type.numbers;
    case 'float':
      return 'float';
    case 'int':
      return 'int';
    case 'bool':
      return 'bool';
    case 'list':
      return type.isSize ? 'int' : numbersOf(type.of);
    case 'tuple':
      return promotedNumbers(type.items.map(numbersOf));
    default:
      return '?';
  }
}

export function promotedNumbers(all: readonly Numbers[]): Numbers {
  if (all.includes('float')) return 'float';
  if (all.length === 0 || all.includes('?')) return '?';
  return all.reduce((a, b) => (rank[a] >= rank[b] ? a : b));
}

/** The tensor that arithmetic makes, or the array. */
export const promoted = (types: readonly Type[]): Type =>
  like(
    types,
    promotedNumbers(
      types.filter(({ k }) => k === 'tensor' || k === 'array' || isNumber({ k } as Type)).map(numbersOf),
    ),
  );

const like = (types: readonly Type[], numbers: Numbers): Type =>
  types.some(({ k }) => k === 'array') ? { k: 'array', numbers } : tensorOf(numbers);

/** The tensor that a division makes: of ints it is one of floats. */
export function divided(a: Type, b: Type): Type {
  const numbers = promotedNumbers([numbersOf(a), numbersOf(b)]);
  return like([a, b], numbers === '?' ? '?' : 'float');
}

/** A tensor's only number. */
export function itemOf(numbers: Numbers): Type {
  if (numbers === 'float') return float;
  if (numbers === 'int') return int;
  return numbers === 'bool' ? { k: 'bool' } : number;
}

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

const toInts =
  words(`argmax argmin argsort bincount long int short char byte randint randperm nonzero multinomial searchsorted bucketize
  countNonzero randintLike argwhere trilIndices triuIndices oneHot`);
const toBools =
  words(`eq ne lt le gt ge equal isnan isinf isfinite logicalAnd logicalOr logicalNot logicalXor any all bool isclose signbit isin less
  greater lessEqual greaterEqual notEqual isreal isposinf isneginf`);
const toFloats =
  words(`rand randn randLike randnLike normal linspace logspace ones zeros empty eye mean std var norm softmax logSoftmax sigmoid
  tanh exp log sqrt rsqrt sin cos tan float double half bfloat16 dropout linear conv1d conv2d conv3d crossEntropy nllLoss mseLoss l1Loss
  smoothL1Loss binaryCrossEntropy binaryCrossEntropyWithLogits klDiv cosineSimilarity layerNorm batchNorm embedding gelu silu elu leakyRelu
  softplus scaledDotProductAttention cdist logsumexp log1p expm1 log2 log10 erf hannWindow hammingWindow bernoulli trapezoid cov corrcoef
  quantile uniform_ normal_ exponential_ reciprocal logit atan2 atan asin acos sinh cosh acosh asinh atanh lerp hypot gumbelSoftmax normalize
  cosineEmbeddingLoss tripletMarginLoss hingeEmbeddingLoss gaussianNllLoss poissonNllLoss huberLoss logsigmoid mish hardswish sample rsample
  logProb entropy svd qr inv det slogdet cholesky solve lstsq eigh vectorNorm matrixNorm`);
/** Those of ints and truths that make ints. */
const toSums = words('sum cumsum prod cumprod');
/** Functions of a loss, an initialisation or a transform: they take and give floats. */
const floatModules = /^(nn\.(init|utils)|distributions|fft|linalg|special|optim)\b/;
const secondIsInt = words('max min topk sort median mode kthvalue cummax cummin');

/** The tensors in a function's result, with what can be said of their numbers. */
export function withNumbers(type: Type, path: string, args: readonly Type[], dtype: Numbers | null): Type {
  const name = path.slice(path.lastIndexOf('.') + 1);
  if (type.k === 'tuple' && type.items[0]?.k === 'tensor') {
    const numbers = promotedNumbers(args.filter(({ k }) => k === 'tensor').map(numbersOf));
    const isFloat = floatModules.test(path);
    return {
      ...type,
      items: type.items.map((item, i) =>
        item.k !== 'tensor'
          ? item
          : tensorOf(i === 1 && secondIsInt.has(name) ? 'int' : isFloat ? 'float' : numbers),
      ),
    };
  }
  if (type.k === 'list' && type.of.k === 'tensor')
    return { ...type, of: tensorOf(promotedNumbers(args.flatMap(tensorsIn))) };
  if (type.k !== 'tensor' || type.numbers !== '?') return type;
  if (dtype !== null) return tensorOf(dtype);
  const plain = name.replace(/_$/, '');
  if (toInts.has(plain)) return tensorOf('int');
  if (toBools.has(plain)) return tensorOf('bool');
  const numbers = promotedNumbers(args.flatMap(tensorsIn));
  // Of complex numbers most are complex; a float is all that is told apart.
  if (toFloats.has(plain) || toFloats.has(name) || floatModules.test(path)) return tensorOf('float');
  if (toSums.has(plain) && numbers === 'bool') return tensorOf('int');
  if (plain === 'div' || plain === 'trueDivide') return tensorOf(numbers === '?' ? '?' : 'float');
  return tensorOf(numbers);
}

/** Kinds of numbers of the tensors in an argument. */
function tensorsIn(type: Type): Numbers[] {
  if (type.k === 'tensor') return [type.numbers];
  if (type.k === 'list' || type.k === 'optional') return tensorsIn(type.of);
  return type.k === 'tuple' ? type.items.flatMap(tensorsIn) : [];
}

/** What a dtype that is written out says. */
export function numbersOfDtype(code: string): Numbers | null {
  const [, name] = /torch\.(\w+)$/.exec(code) ?? [];
  if (name === undefined) return null;
  if (/^(float|double|half|bfloat)/.test(name)) return 'float';
  if (/^(int|long|short|uint|int8)/.test(name)) return 'int';
  return name === 'bool' ? 'bool' : '?';
}
