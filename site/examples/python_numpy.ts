//: python.numpy.array, python.numpy.asarray, python.numpy.NDArray
const np = python.numpy;
const rows = np.array([[1, 2], [3, 4.5]]);
console.log(String(rows), rows.dtype, rows.shape, rows.ndim, rows.size, rows.length, rows.repr());
const tensor = torch.ones(2);
np.NDArray.of(tensor).indexPut_([0], 7);
console.log(tensor, np.asarray(rows).toTensor().dtype);
//= [[1.  2. ]
//=  [3.  4.5]] float64 [2, 2] 2 4 2 array([[1. , 2. ],
//=        [3. , 4.5]])
//= tensor([7., 1.]) torch.float64

//: python.numpy.NDArray
const np = python.numpy;
const x = np.arange(6).reshape(2, 3);
x.indexPut_([0, '1:'], 9);
console.log(String(x.index(':', -1)), String(x.index('::-1', 0)), x.index(1, 2).item(), x.tolist(), x.flat());
console.log(String(x.T), x.transpose(1, 0).shape, String(x.ravel()), String(x.flatten()), x.reshape(1, 6).squeeze().shape);
x.copy().astype('float32').dtype;
//= [9 5] [3 0] 5 [[0, 9, 9], [3, 4, 5]] [0, 9, 9, 3, 4, 5]
//= [[0 3]
//=  [9 4]
//=  [9 5]] [3, 2] [0 9 9 3 4 5] [0 9 9 3 4 5] [6]
//= float32

//: python.numpy.NDArray
const np = python.numpy;
const x = np.array([1, 2, 4]);
console.log(String(x.add(1)), String(x.sub(0.5)), String(x.rsub(1)), String(x.mul(x)), String(x.div(2)), String(x.rdiv(1)));
console.log(String(x.floorDivide(3)), String(x.remainder(3)), String(x.pow(2)), String(x.rpow(2)), String(x.matmul(x)));
console.log(String(x.neg()), String(x.positive()), String(x.into(x.add(1))));
//= [2 3 5] [0.5 1.5 3.5] [ 0 -1 -3] [ 1  4 16] [0.5 1.  2. ] [1.   0.5  0.25]
//= [0 0 1] [1 2 1] [ 1  4 16] [ 2  4 16] 21
//= [-1 -2 -4] [1 2 4] [2 3 5]

//: python.numpy.NDArray
const np = python.numpy;
const x = np.array([1, 2, 3]);
console.log(String(x.eq(2)), String(x.ne(2)), String(x.lt(2)), String(x.le(2)), String(x.gt(2)), String(x.ge(2)));
const isSmall = x.lt(3);
console.log(String(isSmall.bitwiseAnd(x.gt(1))), String(isSmall.bitwiseOr(x.gt(1))), String(isSmall.bitwiseXor(x.gt(1))), String(isSmall.bitwiseNot()));
//= [False  True False] [ True False  True] [ True False False] [ True  True False] [False False  True] [False  True  True]
//= [False  True False] [ True  True  True] [ True False  True] [False False  True]

//: python.numpy.zeros, python.numpy.ones, python.numpy.empty, python.numpy.full, python.numpy.zerosLike, python.numpy.onesLike, python.numpy.emptyLike, python.numpy.fullLike, python.numpy.eye, python.numpy.arange, python.numpy.linspace, python.numpy.logspace, python.numpy.meshgrid, python.numpy.diag, python.numpy.tril, python.numpy.triu, python.numpy.scalar
const np = python.numpy;
const x = np.zeros([2, 2]);
console.log(String(x), String(np.ones(2, { dtype: 'int64' })), np.empty(2).shape, String(np.full(2, 7)), String(np.zerosLike(x).shape));
console.log(String(np.onesLike(x)), np.emptyLike(x).shape, String(np.fullLike(x, 3)), String(np.eye(2)), String(np.scalar(2)));
console.log(String(np.arange(1, 2, 0.25)), String(np.linspace(0, 1, 5)), String(np.logspace(0, 2, 3)));
console.log(np.meshgrid(np.arange(2), np.arange(3)).map(String), String(np.diag(np.arange(2))), String(np.tril(np.ones([2, 2]))), String(np.triu(np.ones([2, 2]))));
//= [[0. 0.]
//=  [0. 0.]] [1 1] [2] [7 7] 2,2
//= [[1. 1.]
//=  [1. 1.]] [2, 2] [[3. 3.]
//=  [3. 3.]] [[1. 0.]
//=  [0. 1.]] 2
//= [1.   1.25 1.5  1.75] [0.   0.25 0.5  0.75 1.  ] [  1.  10. 100.]
//= ['[[0 1]\n [0 1]\n [0 1]]', '[[0 0]\n [1 1]\n [2 2]]'] [[0 0]
//=  [0 1]] [[1. 0.]
//=  [1. 1.]] [[1. 1.]
//=  [0. 1.]]

//: python.numpy.exp, python.numpy.expm1, python.numpy.log, python.numpy.log2, python.numpy.log10, python.numpy.log1p, python.numpy.sqrt, python.numpy.sin, python.numpy.cos, python.numpy.tan, python.numpy.arcsin, python.numpy.arccos, python.numpy.arctan, python.numpy.sinh, python.numpy.cosh, python.numpy.tanh, python.numpy.deg2rad, python.numpy.rad2deg, python.numpy.isnan, python.numpy.isinf, python.numpy.isfinite
const np = python.numpy;
const text = (x) => String(np.round(x, 3));
console.log([np.exp(1), np.expm1(1), np.log(2), np.log2(8), np.log10(100), np.log1p(1), np.sqrt(2)].map(text));
console.log([np.sin(1), np.cos(1), np.tan(1), np.arcsin(1), np.arccos(1), np.arctan(1), np.sinh(1), np.cosh(1), np.tanh(1)].map(text));
console.log(text(np.deg2rad(180)), text(np.rad2deg(Math.PI)), String(np.isnan([NaN, 1])), String(np.isinf([Infinity, 1])), String(np.isfinite([NaN, 1])));
//= ['2.718', '1.718', '0.693', '3.0', '2.0', '0.693', '1.414']
//= ['0.841', '0.54', '1.557', '1.571', '0.0', '0.785', '1.175', '1.543', '0.762']
//= 3.142 180.0 [ True False] [ True False] [False  True]

//: python.numpy.abs, python.numpy.square, python.numpy.negative, python.numpy.sign, python.numpy.floor, python.numpy.ceil, python.numpy.trunc, python.numpy.rint, python.numpy.logicalNot, python.numpy.reciprocal, python.numpy.round, python.numpy.clip
const np = python.numpy;
const x = np.array([-1.5, 2.5]);
console.log([np.abs(x), np.square(x), np.negative(x), np.sign(x), np.floor(x), np.ceil(x), np.trunc(x), np.rint(x)].map(String));
console.log(String(np.logicalNot([true, false])), String(np.reciprocal([2, 4])), String(np.round([2.675, 1.25], 1)), String(np.clip(x, -1, 2)));
//= ['[1.5 2.5]', '[2.25 6.25]', '[ 1.5 -2.5]', '[-1.  1.]', '[-2.  2.]', '[-1.  3.]', '[-1.  2.]', '[-2.  2.]']
//= [False  True] [0.5  0.25] [2.7 1.2] [-1.  2.]

//: python.numpy.add, python.numpy.subtract, python.numpy.multiply, python.numpy.divide, python.numpy.floorDivide, python.numpy.power, python.numpy.mod, python.numpy.equal, python.numpy.notEqual, python.numpy.less, python.numpy.lessEqual, python.numpy.greater, python.numpy.greaterEqual, python.numpy.maximum, python.numpy.minimum, python.numpy.logicalAnd, python.numpy.logicalOr, python.numpy.arctan2, python.numpy.hypot
const np = python.numpy;
const [x, y] = [np.array([1, 4]), np.array([2, 2])];
console.log([np.add(x, y), np.subtract(x, 1), np.multiply([1, 2], 3), np.divide(x, y), np.floorDivide(x, y), np.power(x, 2), np.mod(x, 3)].map(String));
console.log([np.equal(x, 4), np.notEqual(x, y), np.less(x, y), np.lessEqual(x, y), np.greater(x, y), np.greaterEqual(x, y)].map(String));
console.log([np.maximum(x, y), np.minimum(x, 3), np.logicalAnd(x, [0, 1]), np.logicalOr(x, y), np.round(np.arctan2(1, 1), 3), np.hypot([3], [4])].map(String));
//= ['[3 6]', '[0 3]', '[3 6]', '[0.5 2. ]', '[0 2]', '[ 1 16]', '[1 1]']
//= ['[False  True]', '[ True  True]', '[ True False]', '[ True False]', '[False  True]', '[False  True]']
//= ['[2 4]', '[1 3]', '[False  True]', '[ True  True]', '0.785', '[5.]']

//: python.numpy.sum, python.numpy.mean, python.numpy.variance, python.numpy.std, python.numpy.prod, python.numpy.max, python.numpy.min, python.numpy.any, python.numpy.all, python.numpy.argmax, python.numpy.argmin, python.numpy.cumsum, python.numpy.cumprod, python.numpy.median, python.numpy.quantile, python.numpy.percentile
const np = python.numpy;
const x = np.array([[1, 2], [3, 6]]);
console.log([np.sum(x), np.sum(x, { axis: 0 }), np.mean(x, { axis: 1, keepdims: true }), np.variance(x), np.std([1, 3], { ddof: 1 }), np.prod(x)].map(String));
console.log([np.max(x), np.min(x, { axis: 0 }), np.any(x), np.all(x), np.argmax(x), np.argmin(x, { axis: 0 }), np.cumsum(x), np.cumprod([1, 2, 3])].map(String));
console.log([np.median(x), np.quantile([1, 2], 0.5), np.percentile([1, 2, 3, 4], 30)].map(String));
//= ['12', '[4 8]', '[[1.5]\n [4.5]]', '3.5', '1.4142135623730951', '36']
//= ['6', '[1 2]', 'True', 'True', '3', '[0 0]', '[ 1  3  6 12]', '[1 2 6]']
//= ['2.5', '1.5', '1.9']

//: python.numpy.concatenate, python.numpy.stack, python.numpy.vstack, python.numpy.hstack, python.numpy.columnStack, python.numpy.expandDims, python.numpy.squeeze, python.numpy.reshape, python.numpy.transpose, python.numpy.ravel, python.numpy.moveaxis, python.numpy.flip, python.numpy.roll, python.numpy.tile, python.numpy.repeat, python.numpy.diff, python.numpy.split
const np = python.numpy;
const [x, y] = [np.array([1, 2]), np.array([3, 4])];
console.log([np.concatenate([x, y]), np.stack([x, y], { axis: 1 }), np.vstack([x, y]), np.hstack([x, y]), np.columnStack([x, y])].map(String));
console.log([np.expandDims(x, 0), np.squeeze(np.zeros([1, 2])), np.reshape(x, [2, 1]), np.transpose([[1, 2]]), np.ravel([[1, 2]])].map(String));
console.log(np.moveaxis(np.zeros([2, 3]), 0, 1).shape, [np.flip(x), np.roll(x, 1), np.tile(x, 2), np.repeat(x, 2), np.diff([1, 4, 9])].map(String), np.split(np.arange(4), 2).map(String));
//= ['[1 2 3 4]', '[[1 3]\n [2 4]]', '[[1 2]\n [3 4]]', '[1 2 3 4]', '[[1 3]\n [2 4]]']
//= ['[[1 2]]', '[0. 0.]', '[[1]\n [2]]', '[[1]\n [2]]', '[1 2]']
//= [3, 2] ['[2 1]', '[2 1]', '[1 2 1 2]', '[1 1 2 2]', '[3 5]'] ['[0 1]', '[2 3]']

//: python.numpy.sort, python.numpy.argsort, python.numpy.where, python.numpy.nonzero, python.numpy.argwhere, python.numpy.unique, python.numpy.uniqueCounts, python.numpy.bincount, python.numpy.searchsorted, python.numpy.take, python.numpy.arrayEqual, python.numpy.isclose, python.numpy.allclose
const np = python.numpy;
const x = np.array([3, 1, 3]);
console.log([np.sort(x), np.argsort(x), np.where(x.gt(1), x, 0), np.argwhere(x.gt(1)), np.unique(x), np.bincount(x)].map(String), np.nonzero(x.gt(1)).map(String));
console.log(np.uniqueCounts(x).map(String), String(np.searchsorted(np.array([1, 3]), [2])), String(np.take(x, [0, 1])));
console.log(np.arrayEqual([1, 2], [1, 2]), String(np.isclose([1, 2], [1, 2.1])), np.allclose([1], [1 + 1e-9]));
//= ['[1 3 3]', '[1 0 2]', '[3 0 3]', '[[0]\n [2]]', '[1 3]', '[0 1 0 2]'] ['[0 2]']
//= ['[1 3]', '[1 2]'] [1] [3 1]
//= True [ True False] True

//: python.numpy.matmul, python.numpy.dot, python.numpy.outer, python.numpy.einsum, python.numpy.trace, python.numpy.linalg.norm
const np = python.numpy;
const [x, y] = [np.array([1, 2]), np.array([3, 4])];
[np.matmul(x, y), np.dot(x, y), np.outer(x, y), np.einsum('i,i->', x, y), np.trace([[1, 2], [3, 4]]), np.linalg.norm([3, 4])].map(String);
//= ['11', '11', '[[3 4]\n [6 8]]', '11', '5', '5.0']

//: python.numpy.random, python.numpy.RandomState
const np = python.numpy;
np.random.seed(42);
console.log([np.random.rand(2), np.random.random(), np.random.uniform(-1, 1, 2), np.random.randn(2), np.random.normal(1, 2, 2)].map(String));
const own = new np.RandomState(0);
const items = ['a', 'b', 'c'];
own.shuffle(items);
console.log(String(own.randint(0, 10, 3)), items, String(own.permutation(4)), String(own.choice(5, { size: 2, replace: false })));
//= ['[0.37454012 0.95071431]', '0.7319939418114051', '[ 0.19731697 -0.68796272]', '[0.27904129 1.01051528]', '[-0.16175627 -0.05033961]']
//= [5 0 3] ['c', 'b', 'a'] [0 2 1 3] [1 3]

//: python.random.Random
const own = new python.random.Random(7);
console.log(own.random(), own.randint(1, 6), own.randrange(10), own.choice(['a', 'b']), own.sample([1, 2, 3], 2));
own.seed(7);
const items = [1, 2, 3];
own.shuffle(items);
console.log(items, own.uniform(0, 1));
//= 0.32383276483316237 2 6 a [1, 3]
//= [3, 1, 2] 0.3948234964231735

//: python.collected, python.storage
async function* numbers() {
  yield 1;
  yield 2;
}
console.log(await python.collected(numbers()), python.storage(torch.tensor([1.5, 2])));
//= [1, 2] [1.5, 2]
