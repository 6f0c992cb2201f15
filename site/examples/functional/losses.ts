//: torch.nn.functional.crossEntropy
F.crossEntropy(
  torch.tensor([
    [2, 0.5, -1],
    [0, 1, 3],
  ]),
  torch.tensor([0, 2]),
);
//= tensor(0.2056)

//: torch.nn.functional.linearCrossEntropy
F.linearCrossEntropy(torch.ones(2, 4), torch.zeros(3, 4), torch.tensor([0, 2]));
//= tensor(1.0986)

//: torch.nn.functional.nllLoss
F.nllLoss(
  torch
    .tensor([
      [2, 0.5],
      [0, 1],
    ])
    .logSoftmax(1),
  torch.tensor([0, 1]),
);
//= tensor(0.2573)

//: torch.nn.functional.mseLoss, torch.nn.functional.l1Loss, torch.nn.functional.smoothL1Loss, torch.nn.functional.huberLoss, torch.nn.functional.poissonNllLoss by NAME
F.NAME(torch.tensor([1, 2.5]), torch.tensor([0, 4.5]));

//: torch.nn.functional.binaryCrossEntropy
F.binaryCrossEntropy(torch.tensor([0.9, 0.2]), torch.tensor([1, 0]).float());
//= tensor(0.1643)

//: torch.nn.functional.binaryCrossEntropyWithLogits
F.binaryCrossEntropyWithLogits(torch.tensor([1.5, -2]), torch.tensor([1, 0]).float());
//= tensor(0.1642)

//: torch.nn.functional.softMarginLoss
F.softMarginLoss(torch.tensor([1.5, -2]), torch.tensor([1, -1]).float());
//= tensor(0.1642)

//: torch.nn.functional.klDiv
F.klDiv(torch.tensor([[0.2, 0.8]]).log(), torch.tensor([[0.5, 0.5]]), { reduction: 'batchmean' });
//= tensor(0.2231)

//: torch.nn.functional.gaussianNllLoss
F.gaussianNllLoss(torch.tensor([1.5]), torch.tensor([2.5]), torch.tensor([0.5]));
//= tensor(0.6534)

//: torch.nn.functional.hingeEmbeddingLoss
F.hingeEmbeddingLoss(torch.tensor([0.5, 0.5]), torch.tensor([1, -1]));
//= tensor(0.5000)

//: torch.nn.functional.marginRankingLoss
F.marginRankingLoss(torch.tensor([0.5]), torch.tensor([0.7]), torch.tensor([1]));
//= tensor(0.2000)

//: torch.nn.functional.cosineEmbeddingLoss
F.cosineEmbeddingLoss(torch.tensor([[1, 0.5]]), torch.tensor([[0, 1.5]]), torch.tensor([1]));
//= tensor(0.5528)

//: torch.nn.functional.tripletMarginLoss, torch.nn.functional.tripletMarginWithDistanceLoss by NAME
F.NAME(torch.tensor([[0, 0.5]]), torch.tensor([[0, 1.5]]), torch.tensor([[1, 0.5]]));

//: torch.nn.functional.multiMarginLoss
F.multiMarginLoss(torch.tensor([[0.1, 0.2, 0.4]]), torch.tensor([2]));
//= tensor(0.5000)

//: torch.nn.functional.multilabelMarginLoss
F.multilabelMarginLoss(torch.tensor([[0.1, 0.2, 0.4]]), torch.tensor([[2, 0, -1]]));
//= tensor(0.6333)

//: torch.nn.functional.multilabelSoftMarginLoss
F.multilabelSoftMarginLoss(torch.tensor([[0.1, 0.2]]), torch.tensor([[1, 0]]).float());
//= tensor(0.7213)

//: torch.nn.functional.ctcLoss
const logProbs = torch.zeros(10, 1, 5).logSoftmax(2);
F.ctcLoss(logProbs, torch.tensor([[1, 2, 3]]), torch.tensor([10]), torch.tensor([3]));
//= tensor(2.8822)
