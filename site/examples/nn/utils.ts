//: torch.nn.utils.clipGradNorm_
const net = new nn.Linear(2, 1);
net.forward(torch.tensor([[30, 40.5]])).sum().backward();
console.log(nn.utils.clipGradNorm_(net.parameters(), 1));
nn.utils.getTotalNorm([...net.parameters()].map(({ grad }) => grad))
//= tensor(50.4108)
//= tensor(1.0000)

//: torch.nn.utils.clipGradsWithNorm_, torch.nn.utils.getTotalNorm
const net = new nn.Linear(2, 1);
net.forward(torch.tensor([[3, 4.5]])).sum().backward();
const norm = nn.utils.getTotalNorm([...net.parameters()].map(({ grad }) => grad));
nn.utils.clipGradsWithNorm_(net.parameters(), 1, norm);
net.weight.grad
//= tensor([[0.5455, 0.8182]])

//: torch.nn.utils.clipGradValue_
const net = new nn.Linear(2, 1);
net.forward(torch.tensor([[3, 0.5]])).sum().backward();
nn.utils.clipGradValue_(net.parameters(), 1);
net.weight.grad
//= tensor([[1.0000, 0.5000]])

//: torch.nn.utils.parametersToVector, torch.nn.utils.vectorToParameters
const net = new nn.Linear(2, 1);
nn.utils.vectorToParameters(torch.tensor([1, 2, 3.5]), net.parameters());
nn.utils.parametersToVector(net.parameters())
//= tensor([1.0000, 2.0000, 3.5000], grad_fn=<CatBackward0>)

//: torch.nn.utils.convertConv2dWeightMemoryFormat
const net = nn.utils.convertConv2dWeightMemoryFormat(new nn.Conv2d(3, 4, 2), torch.channelsLast);
net.weight.stride()
//= [12, 1, 6, 3]

//: torch.nn.utils.convertConv3dWeightMemoryFormat
const net = nn.utils.convertConv3dWeightMemoryFormat(new nn.Conv3d(3, 4, 2), torch.channelsLast3d);
net.weight.stride()
//= [24, 1, 12, 6, 3]

//: torch.nn.utils.skipInit
nn.utils.skipInit(nn.Linear, 2, 3).weight.shape
//= [3, 2]

//: torch.nn.utils.fusion.fuseConvBnEval
const conv = new nn.Conv2d(1, 2, 1).eval();
const fused = nn.utils.fusion.fuseConvBnEval(conv, new nn.BatchNorm2d(2).eval());
fused.weight.shape
//= [2, 1, 1, 1]

//: torch.nn.utils.fusion.fuseLinearBnEval
const fused = nn.utils.fusion.fuseLinearBnEval(new nn.Linear(2, 3).eval(), new nn.BatchNorm1d(3).eval());
fused.weight.shape
//= [3, 2]

//: torch.nn.utils.rnn.packPaddedSequence, torch.nn.utils.rnn.padPackedSequence, torch.nn.utils.rnn.PackedSequence
const { packPaddedSequence, padPackedSequence } = nn.utils.rnn;
const padded = torch.tensor([[1, 2, 3], [4, 5, 0]]);
const packed = packPaddedSequence(padded, [3, 2], { batchFirst: true });
console.log(packed.data, packed.batchSizes);
padPackedSequence(packed, { batchFirst: true })
//= tensor([1, 4, 2, 5, 3]) tensor([2, 2, 1])
//= [tensor([[1, 2, 3],
//=         [4, 5, 0]]), tensor([3, 2])]

//: torch.nn.utils.rnn.padSequence, torch.nn.utils.rnn.unpadSequence
const { padSequence, unpadSequence } = nn.utils.rnn;
const padded = padSequence([torch.tensor([1, 2, 3]), torch.tensor([4])], { batchFirst: true, paddingValue: -1 });
console.log(padded);
unpadSequence(padded, torch.tensor([3, 1]), { batchFirst: true })
//= tensor([[ 1,  2,  3],
//=         [ 4, -1, -1]])
//= [tensor([1, 2, 3]), tensor([4])]

//: torch.nn.utils.rnn.packSequence, torch.nn.utils.rnn.unpackSequence
const { packSequence, unpackSequence } = nn.utils.rnn;
unpackSequence(packSequence([torch.tensor([1, 2, 3]), torch.tensor([4])]))
//= [tensor([1, 2, 3]), tensor([4])]

//: torch.nn.utils.rnn.invertPermutation
nn.utils.rnn.invertPermutation(torch.tensor([2, 0, 1]))
//= tensor([1, 2, 0])

//: torch.nn.utils.parametrizations.weightNorm, torch.nn.utils.parametrizations.spectralNorm, torch.nn.utils.parametrizations.orthogonal by NAME
const layer = nn.utils.parametrizations.NAME(new nn.Linear(3, 3));
console.log(layer);
layer.forward(torch.ones(1, 3)).shape

//: torch.nn.utils.parametrize.registerParametrization, torch.nn.utils.parametrize.isParametrized, torch.nn.utils.parametrize.removeParametrizations, torch.nn.utils.parametrize.cached, torch.nn.utils.parametrize.typeBeforeParametrizations, torch.nn.utils.parametrize.ParametrizationList
class Symmetric extends nn.Module {
  forward(X) {
    return X.triu().add(X.triu(1).T);
  }
}
const { registerParametrization, isParametrized, removeParametrizations, cached } = nn.utils.parametrize;
const layer = registerParametrization(new nn.Linear(3, 3), 'weight', new Symmetric());
console.log(cached(() => layer.weight.equal(layer.weight.T)), isParametrized(layer, 'weight'));
console.log(nn.utils.parametrize.typeBeforeParametrizations(layer) === nn.Linear);
removeParametrizations(layer, 'weight');
isParametrized(layer)
//= True True
//= True
//= False

//: torch.nn.utils.parametrize.transferParametrizationsAndParams
const from = nn.utils.parametrizations.weightNorm(new nn.Linear(2, 2));
const to = nn.utils.parametrize.transferParametrizationsAndParams(from, new nn.Linear(2, 2));
to.weight.equal(from.weight)
//= True

//: torch.nn.utils.prune.identity, torch.nn.utils.prune.Identity
const layer = nn.utils.prune.identity(new nn.Linear(2, 2), 'weight');
layer.weight_mask
//= tensor([[1., 1.],
//=         [1., 1.]])

//: torch.nn.utils.prune.l1Unstructured, torch.nn.utils.prune.L1Unstructured, torch.nn.utils.prune.isPruned, torch.nn.utils.prune.remove
const { l1Unstructured, isPruned, remove } = nn.utils.prune;
const layer = l1Unstructured(new nn.Linear(3, 2), 'weight', 0.5);
console.log(layer.weight_mask, isPruned(layer));
remove(layer, 'weight');
isPruned(layer)
//= tensor([[0., 1., 1.],
//=         [1., 0., 0.]]) True
//= False

//: torch.nn.utils.prune.randomUnstructured, torch.nn.utils.prune.RandomUnstructured
nn.utils.prune.randomUnstructured(new nn.Linear(3, 2), 'weight', 2).weight_mask.sum()
//= tensor(4.)

//: torch.nn.utils.prune.randomStructured, torch.nn.utils.prune.RandomStructured
nn.utils.prune.randomStructured(new nn.Linear(3, 2), 'weight', 1, 1).weight_mask.sum(0).eq(0).sum()
//= tensor(1)

//: torch.nn.utils.prune.lnStructured, torch.nn.utils.prune.LnStructured
nn.utils.prune.lnStructured(new nn.Linear(3, 2), 'weight', 1, 2, 0).weight_mask.sum(1)
//= tensor([3., 0.])

//: torch.nn.utils.prune.customFromMask, torch.nn.utils.prune.CustomFromMask
nn.utils.prune.customFromMask(new nn.Linear(2, 1), 'weight', torch.tensor([[1, 0]])).weight.ne(0)
//= tensor([[ True, False]])

//: torch.nn.utils.prune.globalUnstructured
const [a, b] = [new nn.Linear(2, 2), new nn.Linear(2, 2)];
const { globalUnstructured, L1Unstructured } = nn.utils.prune;
globalUnstructured([[a, 'weight'], [b, 'weight']], L1Unstructured, { amount: 4 });
a.weight_mask.sum().add(b.weight_mask.sum())
//= tensor(4.)

//: torch.nn.utils.prune.BasePruningMethod, torch.nn.utils.prune.PruningContainer
const layer = new nn.Linear(3, 2);
nn.utils.prune.l1Unstructured(layer, 'weight', 1);
nn.utils.prune.randomUnstructured(layer, 'weight', 1);
layer.weight_mask.sum()
//= tensor(4.)
