//: torch.rand, torch.randLike
torch.manualSeed(0);
console.log(torch.rand(2, 2));
torch.randLike(torch.zeros(2));
//= tensor([[0.4963, 0.7682],
//=         [0.0885, 0.1320]])
//= tensor([0.3074, 0.6341])

//: torch.randn, torch.randnLike
torch.manualSeed(0);
console.log(torch.randn(2, 2));
torch.randnLike(torch.zeros(2));
//= tensor([[ 1.5410, -0.2934],
//=         [-2.1788,  0.5684]])
//= tensor([-1.0845, -1.3986])

//: torch.randint, torch.randintLike
torch.manualSeed(0);
console.log(torch.randint(0, 10, [5]));
torch.randintLike(torch.zeros(3), 5);
//= tensor([4, 9, 3, 0, 3])
//= tensor([4., 2., 3.])

//: torch.randperm
torch.manualSeed(0);
torch.randperm(5);
//= tensor([4, 0, 1, 3, 2])

//: torch.normal
torch.manualSeed(0);
torch.normal(torch.tensor([0, 100.5]), torch.tensor([1, 0.1]));
//= tensor([  1.5410, 100.4707])

//: torch.bernoulli
torch.manualSeed(0);
torch.bernoulli(torch.tensor([0, 0.5, 0.5, 1]));
//= tensor([0., 0., 1., 1.])

//: torch.multinomial
torch.manualSeed(0);
torch.multinomial(torch.tensor([0, 10, 3, 1.5]), 2);
//= tensor([1, 2])

//: torch.poisson
torch.manualSeed(0);
torch.poisson(torch.tensor([1, 10, 100.5]));
//= tensor([  2.,  15., 110.])

//: torch.random.manualSeed
torch.random.manualSeed(1);
const a = torch.rand(1);
torch.random.manualSeed(1);
torch.rand(1).equal(a);
//= True

//: torch.random.initialSeed
torch.manualSeed(42);
torch.random.initialSeed();
//= 42

//: torch.random.seed
// Draws a seed, sets it and gives it.
torch.random.seed() === torch.random.initialSeed();
//= True

//: torch.random.getRngState, torch.random.setRngState
const state = torch.random.getRngState();
const before = torch.rand(1);
torch.random.setRngState(state);
torch.rand(1).equal(before);
//= True

//: torch.random.forkRng
torch.manualSeed(0);
torch.random.forkRng(() => torch.rand(100));
torch.rand(1);
//= tensor([0.4963])
