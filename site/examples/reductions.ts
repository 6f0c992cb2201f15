//: torch.all
torch.all(
  torch.tensor([
    [true, false],
    [true, true],
  ]),
  1,
);
//= tensor([False,  True])

//: torch.any
torch.any(
  torch.tensor([
    [false, false],
    [true, false],
  ]),
  1,
);
//= tensor([False,  True])

//: torch.amax
torch.amax(
  torch.tensor([
    [1, 5],
    [3, 2],
  ]),
  1,
);
//= tensor([5, 3])

//: torch.amin
torch.amin(
  torch.tensor([
    [1, 5],
    [3, 2],
  ]),
  1,
);
//= tensor([1, 2])

//: torch.aminmax
const { min, max } = torch.aminmax(torch.tensor([3, 1, 2]));
console.log(min);
max;
//= tensor(1)
//= tensor(3)

//: torch.argmax
torch.argmax(
  torch.tensor([
    [1, 5],
    [3, 2],
  ]),
  1,
);
//= tensor([1, 0])

//: torch.argmin
torch.argmin(
  torch.tensor([
    [1, 5],
    [3, 2],
  ]),
  1,
);
//= tensor([0, 1])

//: torch.bincount
torch.bincount(torch.tensor([0, 1, 1, 3]));
//= tensor([1, 2, 0, 1])

//: torch.countNonzero
torch.countNonzero(
  torch.tensor([
    [0, 1],
    [2, 3],
  ]),
  0,
);
//= tensor([1, 2])

//: torch.cummax
const { values, indices } = torch.cummax(torch.tensor([1, 3, 2, 5]), 0);
console.log(values);
indices;
//= tensor([1, 3, 3, 5])
//= tensor([0, 1, 1, 3])

//: torch.cummin
torch.cummin(torch.tensor([4, 3, 5, 1]), 0).values;
//= tensor([4, 3, 3, 1])

//: torch.cumprod
torch.cumprod(torch.tensor([1, 2, 3, 4]), 0);
//= tensor([ 1,  2,  6, 24])

//: torch.cumsum
torch.cumsum(torch.tensor([1, 2, 3, 4]), 0);
//= tensor([ 1,  3,  6, 10])

//: torch.cumulativeTrapezoid
torch.cumulativeTrapezoid(torch.tensor([1, 2, 4]));
//= tensor([1.5000, 4.5000])

//: torch.diff
torch.diff(torch.tensor([1, 4, 9, 16]));
//= tensor([3, 5, 7])

//: torch.dist
torch.dist(torch.tensor([0, 0.5]), torch.tensor([3, 4.5]));
//= tensor(5.)

//: torch.gradient
torch.gradient(torch.tensor([1, 4, 9, 16.5]));
//= [tensor([3.0000, 4.0000, 6.2500, 7.5000])]

//: torch.hashTensor
torch.hashTensor(torch.tensor([1, 2]));
//= tensor(3, dtype=torch.uint64)

//: torch.histc
torch.histc(torch.tensor([1, 2, 2, 3.5]), 4, { min: 0, max: 4 });
//= tensor([0., 1., 2., 1.])

//: torch.histogram
const { hist, binEdges } = torch.histogram(torch.tensor([1, 2, 2, 3.5]), 4, { range: [0, 4] });
console.log(hist);
binEdges;
//= tensor([0., 1., 2., 1.])
//= tensor([0., 1., 2., 3., 4.])

//: torch.histogramdd
const { hist } = torch.histogramdd(
  torch.tensor([
    [0, 0.5],
    [1, 1.5],
    [1.2, 1.4],
  ]),
  [2, 2],
);
hist;
//= tensor([[1., 0.],
//=         [0., 2.]])

//: torch.kthvalue
torch.kthvalue(torch.tensor([3, 1, 2]), 2).values;
//= tensor(2)

//: torch.logSoftmax
torch.logSoftmax(torch.tensor([1, 2, 3.5]), 0);
//= tensor([-2.7664, -1.7664, -0.2664])

//: torch.logcumsumexp
torch.logcumsumexp(torch.tensor([0, 0.5, 1]), 0);
//= tensor([0.0000, 0.9741, 1.6803])

//: torch.logsumexp
torch.logsumexp(torch.tensor([0, 0.5, 1]), 0);
//= tensor(1.6803)

//: torch.max
console.log(torch.max(torch.tensor([1, 5, 3])));
const { values, indices } = torch.max(
  torch.tensor([
    [1, 5],
    [3, 2],
  ]),
  1,
);
console.log(values);
indices;
//= tensor(5)
//= tensor([5, 3])
//= tensor([1, 0])

//: torch.mean
torch.mean(
  torch.tensor([
    [1, 2],
    [3, 4.5],
  ]),
  1,
);
//= tensor([1.5000, 3.7500])

//: torch.median
torch.median(torch.tensor([3, 1, 2, 4]));
//= tensor(2)

//: torch.min
torch.min(
  torch.tensor([
    [1, 5],
    [3, 2],
  ]),
  0,
).values;
//= tensor([1, 2])

//: torch.mode
torch.mode(torch.tensor([1, 2, 2, 3])).values;
//= tensor(2)

//: torch.nanmean
torch.nanmean(torch.tensor([1, NaN, 3]));
//= tensor(2.)

//: torch.nanmedian
torch.nanmedian(torch.tensor([1, NaN, 3]));
//= tensor(1.)

//: torch.nanquantile
torch.nanquantile(torch.tensor([1, NaN, 3]), 0.5);
//= tensor(2.)

//: torch.nansum
torch.nansum(torch.tensor([1, NaN, 3]));
//= tensor(4.)

//: torch.norm
torch.norm(torch.tensor([3, 4.0]).float());
//= tensor(5.)

//: torch.prod
torch.prod(torch.tensor([1, 2, 3, 4]));
//= tensor(24)

//: torch.quantile
torch.quantile(torch.tensor([0, 1, 2, 3.5]), torch.tensor([0.25, 0.5]));
//= tensor([0.7500, 1.5000])

//: torch.segmentReduce
torch.segmentReduce(torch.tensor([1, 2, 3.5]), 'sum', { lengths: torch.tensor([2, 1]) });
//= tensor([3.0000, 3.5000])

//: torch.softmax
torch.softmax(torch.tensor([1, 2, 3.5]), 0);
//= tensor([0.0629, 0.1710, 0.7662])

//: torch.std
console.log(torch.std(torch.tensor([1, 2, 3, 4.5])));
torch.std(torch.tensor([1, 2, 3, 4.5]), { correction: 0 });
//= tensor(1.4930)
//= tensor(1.2930)

//: torch.stdMean
torch.stdMean(torch.tensor([1, 2, 3, 4.5]));
//= [tensor(1.4930), tensor(2.6250)]

//: torch.sum
console.log(
  torch.sum(
    torch.tensor([
      [1, 2],
      [3, 4],
    ]),
  ),
);
torch.sum(
  torch.tensor([
    [1, 2],
    [3, 4],
  ]),
  { dim: 1, keepdim: true },
);
//= tensor(10)
//= tensor([[3],
//=         [7]])

//: torch.trapezoid
torch.trapezoid(torch.tensor([1, 2, 4]), { dx: 0.5 });
//= tensor(2.2500)

//: torch.trapz
torch.trapz(torch.tensor([1, 2, 4]));
//= tensor(4.5000)

//: torch.var
torch.var(torch.tensor([1, 2, 3, 4.5]));
//= tensor(2.2292)

//: torch.varMean
torch.varMean(torch.tensor([1, 2, 3, 4.5]));
//= [tensor(2.2292), tensor(2.6250)]

//: torch.argsort
torch.argsort(torch.tensor([3, 1, 2]), { descending: true });
//= tensor([0, 2, 1])

//: torch.bucketize
torch.bucketize(torch.tensor([0, 3, 9]), torch.tensor([1, 3, 5]));
//= tensor([0, 1, 3])

//: torch.msort
torch.msort(
  torch.tensor([
    [3, 1],
    [2, 4],
  ]),
);
//= tensor([[2, 1],
//=         [3, 4]])

//: torch.searchsorted
torch.searchsorted(torch.tensor([1, 3, 5]), torch.tensor([0, 3, 9]), { right: true });
//= tensor([0, 2, 3])

//: torch.sort
const { values, indices } = torch.sort(torch.tensor([3, 1, 2]));
console.log(values);
indices;
//= tensor([1, 2, 3])
//= tensor([1, 2, 0])

//: torch.topk
torch.topk(torch.tensor([3, 1, 4, 2]), 2).values;
//= tensor([4, 3])

//: torch.unique
const [values, counts] = torch.unique(torch.tensor([3, 1, 3, 2]), { returnCounts: true });
console.log(values);
counts;
//= tensor([1, 2, 3])
//= tensor([1, 1, 2])

//: torch.uniqueConsecutive
torch.uniqueConsecutive(torch.tensor([1, 1, 2, 1]));
//= tensor([1, 2, 1])
