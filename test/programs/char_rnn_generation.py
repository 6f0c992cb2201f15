"""Learns a text letter by letter, then writes one (after "NLP From Scratch: Generating Names")."""

import torch
from torch import nn

TEXT = "the quick brown fox jumps over the lazy dog and the dog sleeps on "
LETTERS = sorted(set(TEXT))


class Generator(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.embedding = nn.Embedding(len(LETTERS), 16)
        self.gru = nn.GRU(16, hidden, num_layers=2, dropout=0.1, batch_first=True)
        self.decoder = nn.Linear(hidden, len(LETTERS))

    def forward(self, letters, hidden=None):
        output, hidden = self.gru(self.embedding(letters), hidden)
        return self.decoder(output), hidden


def run():
    torch.manual_seed(1)
    text = torch.tensor([LETTERS.index(c) for c in TEXT])
    net = Generator(48)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    losses = []
    for _ in range(60):
        starts = torch.randint(0, len(text) - 21, (8,)).tolist()
        batch = torch.stack([text[i : i + 21] for i in starts])
        logits, _ = net(batch[:, :-1])
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), batch[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    net.eval()
    letter, hidden, written = torch.tensor([[LETTERS.index("t")]]), None, "t"
    with torch.no_grad():
        for _ in range(30):
            logits, hidden = net(letter, hidden)
            letter = torch.multinomial((logits[0] / 0.5).softmax(-1), 1)
            written += LETTERS[letter.item()]
    return {"losses": losses[:10], "written": written}
