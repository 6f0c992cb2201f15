//: torch.distributions.Normal, torch.distributions.Laplace, torch.distributions.Cauchy, torch.distributions.Gumbel, torch.distributions.LogNormal, torch.distributions.Gamma, torch.distributions.Beta, torch.distributions.InverseGamma, torch.distributions.Weibull, torch.distributions.FisherSnedecor, torch.distributions.Kumaraswamy by NAME
const d = new torch.distributions.NAME(1.5, 2.5);
console.log(d.mean, d.variance);
console.log(d.sample([3]));
d.logProb(torch.tensor(0.5));

//: torch.distributions.Distribution, torch.distributions.ExponentialFamily
const d = new torch.distributions.Normal(torch.zeros(2), torch.ones(2));
console.log(d.batchShape, d.eventShape, d.hasRsample);
d.entropy();
//= [2] [] True
//= tensor([1.4189, 1.4189])

//: torch.distributions.VonMises
const d = new torch.distributions.VonMises(0.5, 2);
console.log(d.mean);
d.logProb(torch.tensor(0.5));
//= tensor(0.5000)
//= tensor(-0.6619)

//: torch.distributions.Exponential, torch.distributions.HalfNormal, torch.distributions.HalfCauchy, torch.distributions.Chi2, torch.distributions.Poisson, torch.distributions.StudentT by NAME
const d = new torch.distributions.NAME(2.5);
console.log(d.mean, d.sample([3]));
d.logProb(torch.tensor(2));

//: torch.distributions.Uniform
const d = new torch.distributions.Uniform(1, 3);
console.log(d.sample([3]));
d.cdf(torch.tensor(2.5));
//= tensor([1.9925, 2.5364, 1.1770])
//= tensor(0.7500)

//: torch.distributions.Pareto
new torch.distributions.Pareto(1, 2.5).logProb(torch.tensor(2));
//= tensor(-1.5097)

//: torch.distributions.GeneralizedPareto
new torch.distributions.GeneralizedPareto(0, 1, 0.1).logProb(torch.tensor(2));
//= tensor(-2.0055)

//: torch.distributions.Bernoulli, torch.distributions.ContinuousBernoulli, torch.distributions.Geometric by NAME
const d = new torch.distributions.NAME(0.3);
console.log(d.mean, d.sample([4]));
d.logProb(torch.ones(1));

//: torch.distributions.Binomial
const d = new torch.distributions.Binomial(10, { probs: torch.tensor([0.2, 0.5]) });
console.log(d.mean, d.sample());
d.logProb(torch.tensor([3, 4]));
//= tensor([2., 5.]) tensor([5., 5.])
//= tensor([-1.6028, -1.5844])

//: torch.distributions.NegativeBinomial
new torch.distributions.NegativeBinomial(5, { probs: 0.4 }).mean;
//= tensor(3.3333)

//: torch.distributions.Categorical
const d = new torch.distributions.Categorical({ probs: torch.tensor([0.1, 0.2, 0.7]) });
console.log(d.sample([5]), d.entropy());
d.logProb(torch.tensor(2));
//= tensor([2, 2, 2, 2, 2]) tensor(0.8018)
//= tensor(-0.3567)

//: torch.distributions.OneHotCategorical, torch.distributions.OneHotCategoricalStraightThrough by NAME
const d = new torch.distributions.NAME({ probs: torch.tensor([0.1, 0.2, 0.7]) });
d.sample();

//: torch.distributions.Multinomial
const d = new torch.distributions.Multinomial(10, { probs: torch.tensor([0.2, 0.3, 0.5]) });
d.sample();
//= tensor([1., 3., 6.])

//: torch.distributions.Dirichlet
const d = new torch.distributions.Dirichlet(torch.tensor([0.5, 1, 2]));
console.log(d.mean);
d.sample().sum();
//= tensor([0.1429, 0.2857, 0.5714])
//= tensor(1.)

//: torch.distributions.MultivariateNormal
const covariance = torch.tensor([
  [1, 0.5],
  [0.5, 2],
]);
const d = new torch.distributions.MultivariateNormal(torch.zeros(2), { covarianceMatrix: covariance });
console.log(d.sample());
d.logProb(torch.zeros(2));
//= tensor([1.5410, 0.3823])
//= tensor(-2.1177)

//: torch.distributions.LowRankMultivariateNormal
const { LowRankMultivariateNormal } = torch.distributions;
new LowRankMultivariateNormal(torch.zeros(2), torch.tensor([[1], [0.5]]), torch.ones(2)).variance;
//= tensor([2.0000, 1.2500])

//: torch.distributions.Wishart
new torch.distributions.Wishart(3, { covarianceMatrix: torch.eye(2) }).mean;
//= tensor([[3., 0.],
//=         [0., 3.]])

//: torch.distributions.LKJCholesky
new torch.distributions.LKJCholesky(3, 1).sample().shape;
//= [3, 3]

//: torch.distributions.LogisticNormal
new torch.distributions.LogisticNormal(torch.zeros(2), torch.ones(2)).sample().sum();
//= tensor(1.)

//: torch.distributions.RelaxedBernoulli, torch.distributions.LogitRelaxedBernoulli by NAME
new torch.distributions.NAME(torch.tensor(0.5), { probs: torch.tensor([0.2, 0.8]) }).rsample();

//: torch.distributions.RelaxedOneHotCategorical, torch.distributions.ExpRelaxedCategorical by NAME
new torch.distributions.NAME(torch.tensor(0.5), { probs: torch.tensor([0.2, 0.3, 0.5]) }).rsample();

//: torch.distributions.Independent
const d = new torch.distributions.Independent(
  new torch.distributions.Normal(torch.zeros(3), torch.ones(3)),
  1,
);
console.log(d.batchShape, d.eventShape);
d.logProb(torch.zeros(3));
//= [] [3]
//= tensor(-2.7568)

//: torch.distributions.MixtureSameFamily
const { Categorical, MixtureSameFamily, Normal } = torch.distributions;
const weights = new Categorical({ probs: torch.tensor([0.3, 0.7]) });
const d = new MixtureSameFamily(weights, new Normal(torch.tensor([-1, 2.5]), torch.ones(2)));
console.log(d.mean);
d.logProb(torch.tensor(0));
//= tensor(1.4500)
//= tensor(-2.4667)

//: torch.distributions.TransformedDistribution
const { Normal, TransformedDistribution, transforms } = torch.distributions;
const d = new TransformedDistribution(new Normal(0, 1), [new transforms.ExpTransform()]);
console.log(d.sample([2]));
d.logProb(torch.tensor(1));
//= tensor([4.6692, 0.7457])
//= tensor(-0.9189)

//: torch.distributions.klDivergence
const { klDivergence, Normal } = torch.distributions;
klDivergence(new Normal(0, 1), new Normal(1, 2));
//= tensor(0.4431)

//: torch.distributions.registerKl
const { klDivergence, Normal, registerKl } = torch.distributions;
class Mine extends Normal {}
registerKl(Mine, Mine)((p, q) => p.loc.sub(q.loc).abs());
klDivergence(new Mine(0, 1), new Mine(3, 1));
//= tensor(3.)

//: torch.distributions.bijectTo, torch.distributions.transformTo
const { bijectTo, constraints, transformTo } = torch.distributions;
console.log(transformTo(constraints.positive).forward(torch.zeros(1)));
bijectTo(constraints.unitInterval).forward(torch.zeros(1));
//= tensor([1.])
//= tensor([0.5000])

//: torch.distributions.transforms.ExpTransform, torch.distributions.transforms.SigmoidTransform, torch.distributions.transforms.SoftplusTransform, torch.distributions.transforms.TanhTransform by NAME
const t = new torch.distributions.transforms.NAME();
const x = torch.tensor([0.5, 1]);
const y = t.forward(x);
console.log(y, t.inv.forward(y));
t.logAbsDetJacobian(x, y);

//: torch.distributions.transforms.AbsTransform, torch.distributions.transforms.SoftmaxTransform, torch.distributions.transforms.StickBreakingTransform, torch.distributions.transforms.Transform by NAME
const { AbsTransform, SoftmaxTransform, StickBreakingTransform } = torch.distributions.transforms;
console.log(new AbsTransform().forward(torch.tensor([-1, 2])));
console.log(new SoftmaxTransform().forward(torch.tensor([0, 1.5])));
new StickBreakingTransform().forward(torch.tensor([0, 1.5]));
//= tensor([1, 2])
//= tensor([0.1824, 0.8176])
//= tensor([0.3333, 0.5450, 0.1216])

//: torch.distributions.transforms.AffineTransform
const t = new torch.distributions.transforms.AffineTransform(1, 2);
console.log(t.forward(torch.tensor([0, 1.5])));
t.inv.forward(torch.tensor([1, 4.5]));
//= tensor([1., 4.])
//= tensor([0.0000, 1.7500])

//: torch.distributions.transforms.PowerTransform
new torch.distributions.transforms.PowerTransform(2).forward(torch.tensor([2, 3.5]));
//= tensor([ 4.0000, 12.2500])

//: torch.distributions.transforms.ComposeTransform
const { AffineTransform, ComposeTransform, ExpTransform } = torch.distributions.transforms;
new ComposeTransform([new AffineTransform(0, 2), new ExpTransform()]).forward(torch.tensor([0, 0.5]));
//= tensor([1.0000, 2.7183])

//: torch.distributions.transforms.IndependentTransform
const { ExpTransform, IndependentTransform } = torch.distributions.transforms;
const t = new IndependentTransform(new ExpTransform(), 1);
const x = torch.tensor([0, 0.5]);
t.logAbsDetJacobian(x, t.forward(x));
//= tensor(0.5000)

//: torch.distributions.transforms.CumulativeDistributionTransform
const { CumulativeDistributionTransform } = torch.distributions.transforms;
new CumulativeDistributionTransform(new torch.distributions.Normal(0, 1)).forward(torch.tensor([0, 1.5]));
//= tensor([0.5000, 0.9332])

//: torch.distributions.transforms.CatTransform
const { AffineTransform, CatTransform, ExpTransform } = torch.distributions.transforms;
new CatTransform([new ExpTransform(), new AffineTransform(0, 10)], 0, [1, 1]).forward(torch.tensor([0, 1.5]));
//= tensor([ 1., 15.])

//: torch.distributions.transforms.StackTransform
const { AffineTransform, ExpTransform, StackTransform } = torch.distributions.transforms;
new StackTransform([new ExpTransform(), new AffineTransform(0, 10)], 0).forward(torch.tensor([0, 1.5]));
//= tensor([ 1., 15.])

//: torch.distributions.transforms.CorrCholeskyTransform
new torch.distributions.transforms.CorrCholeskyTransform().forward(torch.tensor([0.5]));
//= tensor([[1.0000, 0.0000],
//=         [0.4621, 0.8868]])

//: torch.distributions.transforms.LowerCholeskyTransform
new torch.distributions.transforms.LowerCholeskyTransform().forward(
  torch.tensor([
    [0, 5.5],
    [1, 0],
  ]),
);
//= tensor([[1., 0.],
//=         [1., 1.]])

//: torch.distributions.transforms.ReshapeTransform
new torch.distributions.transforms.ReshapeTransform([4], [2, 2]).forward(torch.arange(4).float());
//= tensor([[0., 1.],
//=         [2., 3.]])

//: torch.distributions.constraints.Constraint
const { constraints } = torch.distributions;
console.log(constraints.positive.check(torch.tensor([-1, 2])));
constraints.simplex.check(torch.tensor([0.2, 0.8]));
//= tensor([False,  True])
//= tensor(True)

//: torch.distributions.constraints.greaterThan, torch.distributions.constraints.greaterThanEq, torch.distributions.constraints.lessThan by NAME
torch.distributions.constraints.NAME(2).check(torch.tensor([1, 2, 3]));

//: torch.distributions.constraints.GreaterThan, torch.distributions.constraints.GreaterThanEq, torch.distributions.constraints.LessThan, torch.distributions.constraints.IntegerGreaterThan, torch.distributions.constraints.IntegerLessThan by NAME
new torch.distributions.constraints.NAME(2).check(torch.tensor([1, 2, 3.5]));

//: torch.distributions.constraints.interval, torch.distributions.constraints.halfOpenInterval, torch.distributions.constraints.integerInterval by NAME
torch.distributions.constraints.NAME(0, 2).check(torch.tensor([-1, 0, 0.5, 2]));

//: torch.distributions.constraints.Interval, torch.distributions.constraints.HalfOpenInterval, torch.distributions.constraints.IntegerInterval by NAME
new torch.distributions.constraints.NAME(0, 2).check(torch.tensor([-1, 0, 0.5, 2]));

//: torch.distributions.constraints.Real, torch.distributions.constraints.Boolean by NAME
new torch.distributions.constraints.NAME().check(torch.tensor([0, 1, NaN]));

//: torch.distributions.constraints.LowerTriangular, torch.distributions.constraints.LowerCholesky, torch.distributions.constraints.CorrCholesky, torch.distributions.constraints.Square, torch.distributions.constraints.Symmetric, torch.distributions.constraints.PositiveDefinite, torch.distributions.constraints.PositiveSemidefinite by NAME
new torch.distributions.constraints.NAME().check(torch.eye(2));

//: torch.distributions.constraints.OneHot, torch.distributions.constraints.Simplex by NAME
new torch.distributions.constraints.NAME().check(torch.tensor([0, 1.0]).float());

//: torch.distributions.constraints.multinomial, torch.distributions.constraints.Multinomial
torch.distributions.constraints.multinomial(3).check(torch.tensor([1, 2, 0]));
//= tensor(True)

//: torch.distributions.constraints.independent, torch.distributions.constraints.IndependentConstraint
const { constraints } = torch.distributions;
constraints.independent(constraints.positive, 1).check(
  torch.tensor([
    [1, 2],
    [-1, 2],
  ]),
);
//= tensor([ True, False])

//: torch.distributions.constraints.isDependent, torch.distributions.constraints.Dependent
const { constraints } = torch.distributions;
constraints.isDependent(new constraints.Dependent());
//= True

//: torch.distributions.constraints.cat, torch.distributions.constraints.Cat
const { constraints } = torch.distributions;
constraints.cat([constraints.positive, constraints.real], 0, [1, 1]).check(torch.tensor([-1, -1.5]));
//= tensor([False,  True])

//: torch.distributions.constraints.stack, torch.distributions.constraints.Stack
const { constraints } = torch.distributions;
constraints.stack([constraints.positive, constraints.real], 0).check(torch.tensor([-1, -1.5]));
//= tensor([False,  True])

//: torch.distributions.constraints.MixtureSameFamilyConstraint
const { MixtureSameFamilyConstraint, positive } = torch.distributions.constraints;
new MixtureSameFamilyConstraint(positive).check(torch.tensor([1, -2.5]));
//= tensor([ True, False])
