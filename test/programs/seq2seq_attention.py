"""Turns sequences round, with a decoder that looks at the encoder's states (after "Translation with a Sequence to Sequence Network")."""

import torch
import torch.nn.functional as F
from torch import nn

SYMBOLS, LENGTH, START = 12, 6, 0


class Encoder(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.embedding = nn.Embedding(SYMBOLS, hidden)
        self.gru = nn.GRU(hidden, hidden, batch_first=True)
        self.dropout = nn.Dropout(0.1)

    def forward(self, source):
        return self.gru(self.dropout(self.embedding(source)))


class Attention(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.Wa = nn.Linear(hidden, hidden)
        self.Ua = nn.Linear(hidden, hidden)
        self.Va = nn.Linear(hidden, 1)

    def forward(self, query, keys):
        scores = self.Va(torch.tanh(self.Wa(query) + self.Ua(keys))).squeeze(2).unsqueeze(1)
        weights = F.softmax(scores, dim=-1)
        return torch.bmm(weights, keys), weights


class Decoder(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.embedding = nn.Embedding(SYMBOLS, hidden)
        self.attention = Attention(hidden)
        self.gru = nn.GRU(2 * hidden, hidden, batch_first=True)
        self.out = nn.Linear(hidden, SYMBOLS)
        self.dropout = nn.Dropout(0.1)

    def forward(self, states, hidden, target):
        symbol = torch.full((states.size(0), 1), START)
        outputs = []
        for i in range(LENGTH):
            embedded = self.dropout(self.embedding(symbol))
            context, _ = self.attention(hidden.permute(1, 0, 2), states)
            output, hidden = self.gru(torch.cat((embedded, context), dim=2), hidden)
            logits = self.out(output)
            outputs.append(logits)
            symbol = target[:, i].unsqueeze(1) if i % 2 == 0 else logits.topk(1)[1].squeeze(-1).detach()
        return F.log_softmax(torch.cat(outputs, dim=1), dim=-1)


def run():
    torch.manual_seed(2)
    encoder, decoder = Encoder(32), Decoder(32)
    optimizers = [torch.optim.Adam(net.parameters(), lr=0.005) for net in (encoder, decoder)]
    criterion = nn.NLLLoss()
    losses = []
    for _ in range(10):
        source = torch.randint(1, SYMBOLS, (16, LENGTH))
        target = source.flip(1)
        states, hidden = encoder(source)
        outputs = decoder(states, hidden, target)
        loss = criterion(outputs.view(-1, SYMBOLS), target.reshape(-1))
        for optimizer in optimizers:
            optimizer.zero_grad()
        loss.backward()
        for optimizer in optimizers:
            optimizer.step()
        losses.append(loss.item())
    return losses
