"""Random variables: densities, samples for a seed, divergences, and gradients through samples."""
import torch
from torch.distributions import Normal, Categorical, Bernoulli, kl_divergence
import torch.distributions as dist

torch.manual_seed(0)
normal = Normal(0.0, 1.0)
print(normal.sample(), normal.log_prob(torch.tensor(0.5)))
wide = Normal(torch.tensor([0.0, 1.0]), torch.tensor([1.0, 2.0]))
print(wide.sample((2,)).shape, wide.mean, wide.entropy())
print(kl_divergence(Normal(torch.zeros(2), torch.ones(2)), wide))

probs = torch.tensor([0.1, 0.2, 0.7])
m = Categorical(probs)
samples = m.sample((10,))
print(samples, m.log_prob(samples).sum())
print(Bernoulli(torch.tensor([0.3])).sample(), dist.Beta(2.0, 3.0).mean, dist.Poisson(4.0).variance)

# The reparameterisation trick: gradients reach the parameters
mu = torch.tensor(0.5, requires_grad=True)
log_sigma = torch.tensor(-1.0, requires_grad=True)
optimizer = torch.optim.Adam([mu, log_sigma], lr=0.1)
for step in range(100):
    q = Normal(mu, log_sigma.exp())
    z = q.rsample((64,))
    loss = -(Normal(2.0, 0.5).log_prob(z)).mean() - q.entropy()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(f"{mu.item():.1f} {log_sigma.exp().item():.1f}")

# REINFORCE on three arms
logits = torch.zeros(3, requires_grad=True)
rewards = [0.1, 0.9, 0.3]
opt = torch.optim.SGD([logits], lr=0.5)
for _ in range(60):
    policy = Categorical(logits=logits)
    action = policy.sample()
    loss = -policy.log_prob(action) * rewards[action.item()]
    opt.zero_grad()
    loss.backward()
    opt.step()
print(torch.softmax(logits, 0).argmax().item(), logits.requires_grad)
