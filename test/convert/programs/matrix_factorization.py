"""Fills in a table of ratings: users and films as short vectors."""
import torch
import torch.nn as nn


class MatrixFactorization(nn.Module):
    def __init__(self, n_users, n_items, n_factors=20):
        super().__init__()
        self.user_factors = nn.Embedding(n_users, n_factors)
        self.item_factors = nn.Embedding(n_items, n_factors)
        self.user_bias = nn.Embedding(n_users, 1)
        self.item_bias = nn.Embedding(n_items, 1)
        self.user_factors.weight.data.uniform_(-0.1, 0.1)
        self.item_factors.weight.data.uniform_(-0.1, 0.1)

    def forward(self, user, item):
        dot = (self.user_factors(user) * self.item_factors(item)).sum(dim=1, keepdim=True)
        return (dot + self.user_bias(user) + self.item_bias(item)).squeeze()


torch.manual_seed(0)
n_users, n_items = 8, 6
taste = torch.randn(n_users, 2) @ torch.randn(2, n_items)
observed = torch.rand(n_users, n_items) < 0.7
pairs = observed.nonzero()
users, items = pairs[:, 0], pairs[:, 1]
ratings = taste[users, items]
print(pairs.shape, f"{observed.float().mean():.2%} of all are known")

model = MatrixFactorization(n_users, n_items, n_factors=3)
loss_fn = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.05, weight_decay=1e-4)
history = []
for epoch in range(80):
    optimizer.zero_grad()
    loss = loss_fn(model(users, items), ratings)
    loss.backward()
    optimizer.step()
    if epoch % 20 == 0 or epoch == 79:
        history.append((epoch, loss.item()))
for epoch, value in history:
    print(f"{epoch:3d} {value:.3f}")
first, *_, last = [value for _, value in history]
print(last < first)

with torch.no_grad():
    u = 2
    scores = model(torch.full((n_items,), u), torch.arange(n_items))
    unseen = ~observed[u]
    ranked = [(i, round(s, 1)) for i, s in enumerate(scores.tolist()) if unseen[i]]
    ranked.sort(key=lambda pair: pair[1], reverse=True)
print(len(ranked), ranked == sorted(ranked, key=lambda r: -r[1]))
