"""A graph convolutional network (after tkipf/pygcn), on a graph of two groups."""

import math

import torch
import torch.nn.functional as F
from graph import karate_club
from torch import nn, optim


class GraphConvolution(nn.Module):
    def __init__(self, in_features, out_features):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(in_features, out_features))
        self.bias = nn.Parameter(torch.empty(out_features))
        stdv = 1.0 / math.sqrt(out_features)
        nn.init.uniform_(self.weight, -stdv, stdv)
        nn.init.uniform_(self.bias, -stdv, stdv)

    def forward(self, x, adj):
        return torch.sparse.mm(adj, torch.mm(x, self.weight)) + self.bias


class GCN(nn.Module):
    def __init__(self, features, hidden, classes):
        super().__init__()
        self.gc1 = GraphConvolution(features, hidden)
        self.gc2 = GraphConvolution(hidden, classes)

    def forward(self, x, adj):
        x = F.dropout(F.relu(self.gc1(x, adj)), 0.5, self.training)
        return F.log_softmax(self.gc2(x, adj), dim=1)


def normalized(adjacency):
    """Each row of neighbours, oneself among them, divided by their number; as a sparse tensor."""
    adj = (adjacency + torch.eye(adjacency.shape[0])).to_sparse().coalesce()
    degrees = torch.sparse.sum(adj, dim=1).to_dense()
    values = adj.values() / degrees[adj.indices()[0]]
    return torch.sparse_coo_tensor(adj.indices(), values, adj.shape)


def run():
    torch.manual_seed(42)
    adjacency, features, group = karate_club()
    adj = normalized(adjacency)
    model = GCN(34, 16, 2)
    optimizer = optim.Adam(model.parameters(), lr=0.01, weight_decay=5e-4)
    losses = []
    for _ in range(10):
        optimizer.zero_grad()
        output = model(features, adj)
        loss = F.nll_loss(output[:20], group[:20])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    model.eval()
    output = model(features, adj.to_sparse_csr())
    return {"losses": losses, "correct": (output.argmax(1) == group).sum().item()}
