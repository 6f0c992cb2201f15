//: torch.nn.CrossEntropyLoss
const logits = torch.tensor([[2, 0.5, -1], [0, 1, 3]]);
console.log(new nn.CrossEntropyLoss().forward(logits, torch.tensor([0, 2])));
new nn.CrossEntropyLoss({ labelSmoothing: 0.1, reduction: 'none' }).forward(logits, torch.tensor([0, 2]))
//= tensor(0.2056)
//= tensor([0.3913, 0.3365])

//: torch.nn.NLLLoss
const logits = torch.tensor([[2, 0.5, -1], [0, 1, 3]]);
new nn.NLLLoss().forward(logits.logSoftmax(1), torch.tensor([0, 2]))
//= tensor(0.2056)

//: torch.nn.MSELoss, torch.nn.L1Loss, torch.nn.SmoothL1Loss, torch.nn.HuberLoss, torch.nn.PoissonNLLLoss by NAME
new nn.NAME().forward(torch.tensor([1, 2.5]), torch.tensor([0, 4.5]))

//: torch.nn.BCELoss
new nn.BCELoss().forward(torch.tensor([0.9, 0.2]), torch.tensor([1, 0]).float())
//= tensor(0.1643)

//: torch.nn.BCEWithLogitsLoss
const criterion = new nn.BCEWithLogitsLoss({ posWeight: torch.tensor([2.5]) });
criterion.forward(torch.tensor([1.5, -2]), torch.tensor([1, 0]).float())
//= tensor(0.3152)

//: torch.nn.SoftMarginLoss
new nn.SoftMarginLoss().forward(torch.tensor([1.5, -2]), torch.tensor([1, -1]).float())
//= tensor(0.1642)

//: torch.nn.KLDivLoss
const input = torch.tensor([[0.2, 0.8]]).log();
new nn.KLDivLoss({ reduction: 'batchmean' }).forward(input, torch.tensor([[0.5, 0.5]]))
//= tensor(0.2231)

//: torch.nn.GaussianNLLLoss
new nn.GaussianNLLLoss().forward(torch.tensor([1.5]), torch.tensor([2.5]), torch.tensor([0.5]))
//= tensor(0.6534)

//: torch.nn.HingeEmbeddingLoss
new nn.HingeEmbeddingLoss().forward(torch.tensor([0.5, 0.5]), torch.tensor([1, -1]))
//= tensor(0.5000)

//: torch.nn.MarginRankingLoss
new nn.MarginRankingLoss().forward(torch.tensor([0.5]), torch.tensor([0.7]), torch.tensor([1]))
//= tensor(0.2000)

//: torch.nn.CosineEmbeddingLoss
new nn.CosineEmbeddingLoss().forward(torch.tensor([[1, 0.5]]), torch.tensor([[0, 1.5]]), torch.tensor([1]))
//= tensor(0.5528)

//: torch.nn.TripletMarginLoss, torch.nn.TripletMarginWithDistanceLoss by NAME
const anchor = torch.tensor([[0, 0.5]]);
new nn.NAME().forward(anchor, torch.tensor([[0, 1.5]]), torch.tensor([[1, 0.5]]))

//: torch.nn.MultiMarginLoss
new nn.MultiMarginLoss().forward(torch.tensor([[0.1, 0.2, 0.4]]), torch.tensor([2]))
//= tensor(0.5000)

//: torch.nn.MultiLabelMarginLoss
new nn.MultiLabelMarginLoss().forward(torch.tensor([[0.1, 0.2, 0.4]]), torch.tensor([[2, 0, -1]]))
//= tensor(0.6333)

//: torch.nn.MultiLabelSoftMarginLoss
new nn.MultiLabelSoftMarginLoss().forward(torch.tensor([[0.1, 0.2]]), torch.tensor([[1, 0]]).float())
//= tensor(0.7213)

//: torch.nn.CTCLoss
const logProbs = torch.randn(10, 1, 5).logSoftmax(2);
new nn.CTCLoss().forward(logProbs, torch.tensor([[1, 2, 3]]), torch.tensor([10]), torch.tensor([3])).shape
//= []

//: torch.nn.LinearCrossEntropyLoss
// A last layer and its loss in one, without the logits in memory.
const criterion = new nn.LinearCrossEntropyLoss(8, 100);
criterion.forward(torch.randn(4, 8), torch.tensor([1, 5, 7, 99])).shape
//= []

//: torch.nn.LinearCrossEntropyOptions
// Eight rows of logits at a time, here of 20.
const options = new nn.LinearCrossEntropyOptions({ batchChunkSize: 8 });
const [x, weight] = [torch.randn(20, 4), torch.randn(100, 4)];
const target = torch.randint(0, 100, [20]);
const loss = F.linearCrossEntropy(x, weight, target, { options });
loss.allclose(F.crossEntropy(F.linear(x, weight), target));
//= True
