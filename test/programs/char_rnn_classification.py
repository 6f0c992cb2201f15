"""Tells a name's language, letter by letter (after "NLP From Scratch: Classifying Names")."""

import torch
from torch import nn

NAMES = {
    "Scottish": ["Mackay", "Duncan", "Fraser", "Munro"],
    "Italian": ["Rossi", "Bianchi", "Moretti", "Conti"],
    "Czech": ["Novak", "Dvorak", "Kucera", "Horak"],
}
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def one_hot(name):
    return nn.functional.one_hot(torch.tensor([LETTERS.index(c) for c in name.lower()]), len(LETTERS)).float()


class CharRNN(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.rnn = nn.RNN(len(LETTERS), hidden)
        self.h2o = nn.Linear(hidden, len(NAMES))
        self.softmax = nn.LogSoftmax(dim=1)

    def forward(self, name):
        _, hidden = self.rnn(name.unsqueeze(1))
        return self.softmax(self.h2o(hidden[0]))


def run():
    torch.manual_seed(0)
    net = CharRNN(64)
    criterion = nn.NLLLoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.15)
    pairs = [(name, i) for i, names in enumerate(NAMES.values()) for name in names]
    losses = []
    for i in torch.randperm(len(pairs)).tolist():
        name, language = pairs[i]
        loss = criterion(net(one_hot(name)), torch.tensor([language]))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 3)
        optimizer.step()
        losses.append(loss.item())
    return losses
