"""Continues sine waves by two LSTM cells and LBFGS, in float64 (after pytorch/examples' time_sequence_prediction)."""

import torch
from torch import nn, optim


class Sequence(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm1 = nn.LSTMCell(1, 16)
        self.lstm2 = nn.LSTMCell(16, 16)
        self.linear = nn.Linear(16, 1)

    def forward(self, given, future=0):
        outputs = []
        state1, state2 = [tuple(torch.zeros(2, given.size(0), 16, dtype=torch.double)) for _ in range(2)]
        for x in given.split(1, dim=1):
            state1 = self.lstm1(x, state1)
            state2 = self.lstm2(state1[0], state2)
            outputs.append(self.linear(state2[0]))
        for _ in range(future):
            state1 = self.lstm1(outputs[-1], state1)
            state2 = self.lstm2(state1[0], state2)
            outputs.append(self.linear(state2[0]))
        return torch.cat(outputs, dim=1)


def run():
    torch.manual_seed(14)
    offsets = torch.randint(-80, 80, (8, 1))
    waves = torch.sin((torch.arange(40) + offsets) / 5.0).double()
    net = Sequence().double()
    criterion = nn.MSELoss()
    optimizer = optim.LBFGS(net.parameters(), lr=0.8, max_iter=5)
    losses = []

    def closure():
        optimizer.zero_grad()
        loss = criterion(net(waves[2:, :-1]), waves[2:, 1:])
        losses.append(loss.item())
        loss.backward()
        return loss

    while len(losses) < 10:
        optimizer.step(closure)
    with torch.no_grad():
        continued = net(waves[:2, :-1], future=5)[:, -5:]
    return {"losses": losses[:10], "continued": continued.flatten().tolist()}
