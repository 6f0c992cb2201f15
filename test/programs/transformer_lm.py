"""A language model of nn.TransformerEncoder (after "Language Modeling with nn.Transformer and torchtext")."""

import math

import torch
from torch import nn

TOKENS, LENGTH = 50, 20


class PositionalEncoding(nn.Module):
    def __init__(self, width, dropout, longest=64):
        super().__init__()
        self.dropout = nn.Dropout(p=dropout)
        position = torch.arange(longest).unsqueeze(1)
        rates = torch.exp(torch.arange(0, width, 2) * (-math.log(10000.0) / width))
        pe = torch.zeros(longest, 1, width)
        pe[:, 0, 0::2] = torch.sin(position * rates)
        pe[:, 0, 1::2] = torch.cos(position * rates)
        self.register_buffer("pe", pe)

    def forward(self, x):
        return self.dropout(x + self.pe[: x.size(0)])


class TransformerModel(nn.Module):
    def __init__(self, width, heads, hidden, layers, dropout):
        super().__init__()
        self.pos_encoder = PositionalEncoding(width, dropout)
        layer = nn.TransformerEncoderLayer(width, heads, hidden, dropout)
        self.transformer_encoder = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
        self.embedding = nn.Embedding(TOKENS, width)
        self.width = width
        self.linear = nn.Linear(width, TOKENS)
        self.embedding.weight.data.uniform_(-0.1, 0.1)
        self.linear.bias.data.zero_()
        self.linear.weight.data.uniform_(-0.1, 0.1)

    def forward(self, tokens):
        x = self.pos_encoder(self.embedding(tokens) * math.sqrt(self.width))
        mask = nn.Transformer.generate_square_subsequent_mask(len(tokens))
        return self.linear(self.transformer_encoder(x, mask))


def run():
    torch.manual_seed(3)
    net = TransformerModel(32, 2, 64, 2, 0.2)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=5.0)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1.0, gamma=0.95)
    data = torch.randint(0, TOKENS, (10 * LENGTH + 1, 8))
    losses = []
    for i in range(0, 10 * LENGTH, LENGTH):
        logits = net(data[i : i + LENGTH])
        loss = criterion(logits.view(-1, TOKENS), data[i + 1 : i + 1 + LENGTH].reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 0.5)
        optimizer.step()
        scheduler.step()
        losses.append(loss.item())
    return losses
