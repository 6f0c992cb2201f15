"""A graph attention network with sparse attention (after Diego999/pyGAT), on a graph of two groups."""

import math

import torch
import torch.nn.functional as F
from graph import karate_club
from torch import nn, optim


class GraphAttention(nn.Module):
    def __init__(self, in_features, out_features, concat):
        super().__init__()
        self.concat = concat
        self.W = nn.Parameter(torch.empty(in_features, out_features))
        self.a = nn.Parameter(torch.empty(2 * out_features, 1))
        nn.init.xavier_uniform_(self.W, gain=math.sqrt(2))
        nn.init.xavier_uniform_(self.a, gain=math.sqrt(2))

    def forward(self, x, edges):
        h = torch.mm(x, self.W)
        pairs = torch.cat([h[edges[0]], h[edges[1]]], dim=1)
        scores = F.leaky_relu(torch.mm(pairs, self.a).squeeze(1), 0.2)
        size = (x.shape[0], x.shape[0])
        attention = torch.sparse.softmax(torch.sparse_coo_tensor(edges, scores, size), dim=1)
        out = torch.sparse.mm(attention, h)
        return F.elu(out) if self.concat else out


class GAT(nn.Module):
    def __init__(self, features, hidden, classes, heads):
        super().__init__()
        self.attentions = nn.ModuleList(GraphAttention(features, hidden, True) for _ in range(heads))
        self.out_att = GraphAttention(hidden * heads, classes, False)

    def forward(self, x, edges):
        x = F.dropout(x, 0.5, self.training)
        x = torch.cat([att(x, edges) for att in self.attentions], dim=1)
        x = F.dropout(x, 0.5, self.training)
        return F.log_softmax(F.elu(self.out_att(x, edges)), dim=1)


def run():
    torch.manual_seed(72)
    adjacency, features, group = karate_club()
    edges = (adjacency + torch.eye(34)).nonzero().t().contiguous()
    model = GAT(34, 8, 2, 4)
    optimizer = optim.Adam(model.parameters(), lr=0.005, weight_decay=5e-4)
    losses = []
    for _ in range(10):
        optimizer.zero_grad()
        output = model(features, edges)
        loss = F.nll_loss(output[:20], group[:20])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
