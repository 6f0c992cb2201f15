from argparse import Namespace

import torch
import torch.nn as nn
import torch.optim as O


class Bottle(nn.Module):

    def forward(self, input):
        if len(input.size()) <= 2:
            return super(Bottle, self).forward(input)
        size = input.size()[:2]
        out = super(Bottle, self).forward(input.view(size[0]*size[1], -1))
        return out.view(size[0], size[1], -1)


class Linear(Bottle, nn.Linear):
    pass


class Encoder(nn.Module):

    def __init__(self, config):
        super(Encoder, self).__init__()
        self.config = config
        input_size = config.d_proj if config.projection else config.d_embed
        dropout = 0 if config.n_layers == 1 else config.dp_ratio
        self.rnn = nn.LSTM(input_size=input_size, hidden_size=config.d_hidden,
                           num_layers=config.n_layers, dropout=dropout,
                           bidirectional=config.birnn)

    def forward(self, inputs):
        batch_size = inputs.size()[1]
        state_shape = self.config.n_cells, batch_size, self.config.d_hidden
        h0 = c0 = inputs.new_zeros(state_shape)
        outputs, (ht, ct) = self.rnn(inputs, (h0, c0))
        return ht[-1] if not self.config.birnn else ht[-2:].transpose(0, 1).contiguous().view(batch_size, -1)


class SNLIClassifier(nn.Module):

    def __init__(self, config):
        super(SNLIClassifier, self).__init__()
        self.config = config
        self.embed = nn.Embedding(config.n_embed, config.d_embed)
        self.projection = Linear(config.d_embed, config.d_proj)
        self.encoder = Encoder(config)
        self.dropout = nn.Dropout(p=config.dp_ratio)
        self.relu = nn.ReLU()
        seq_in_size = 2*config.d_hidden
        if self.config.birnn:
            seq_in_size *= 2
        lin_config = [seq_in_size]*2
        self.out = nn.Sequential(
            nn.Linear(*lin_config),
            self.relu,
            self.dropout,
            nn.Linear(seq_in_size, config.d_out))

    def forward(self, batch):
        prem_embed = self.embed(batch['premise'])
        hypo_embed = self.embed(batch['hypothesis'])
        if self.config.fix_emb:
            prem_embed = prem_embed.detach()
            hypo_embed = hypo_embed.detach()
        if self.config.projection:
            prem_embed = self.relu(self.projection(prem_embed))
            hypo_embed = self.relu(self.projection(hypo_embed))
        premise = self.encoder(prem_embed)
        hypothesis = self.encoder(hypo_embed)
        scores = self.out(torch.cat([premise, hypothesis], 1))
        return scores


config = Namespace(n_embed=20, d_embed=6, d_proj=8, d_hidden=8, n_layers=1, dp_ratio=0.2,
                   birnn=True, projection=True, fix_emb=False, d_out=3)
config.n_cells = config.n_layers
if config.birnn:
    config.n_cells *= 2

torch.manual_seed(0)
model = SNLIClassifier(config)
criterion = nn.CrossEntropyLoss()
opt = O.Adam(model.parameters(), lr=0.02)
premise = torch.randint(0, 20, (7, 12))
hypothesis = torch.randint(0, 20, (5, 12))
label = (premise[0] + hypothesis[0]) % 3

n_correct, n_total = 0, 0
for iterations in range(20):
    model.train()
    opt.zero_grad()
    answer = model({'premise': premise, 'hypothesis': hypothesis})
    n_correct += (torch.max(answer, 1)[1].view(label.size()) == label).sum().item()
    n_total += label.size(0)
    train_acc = 100. * n_correct/n_total
    loss = criterion(answer, label)
    loss.backward()
    opt.step()
    if iterations % 5 == 4:
        print('{:>5d} {:>8.4f} {:>6.2f}'.format(iterations, loss.item(), train_acc))
