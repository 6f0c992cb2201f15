"""A graph of two groups of people, drawn from a seed, in which few know somebody of the other group."""

import torch


def karate_club(people=34):
    group = torch.arange(people) % 2
    draws = torch.rand(people, people)
    likely = torch.where(group[:, None] == group[None, :], 0.3, 0.03)
    upper = torch.triu(draws < likely, 1)
    adjacency = (upper | upper.t()).float()
    features = torch.eye(people)
    return adjacency, features, group
