"""Tells number words of two made-up languages apart, letter by letter, with a recurrent network written by hand."""
import torch
import torch.nn as nn
import torch.nn.functional as F

words = {
    "north": ["tolma", "kirsu", "pelmo", "harn", "vistula", "korvu"],
    "south": ["aleena", "oriana", "ileo", "uavia", "eoa", "anoua"],
}
all_letters = sorted(set("".join(w for ws in words.values() for w in ws)))
n_letters = len(all_letters)
categories = list(words.keys())


def letter_to_index(letter):
    return all_letters.index(letter)


def line_to_tensor(line):
    tensor = torch.zeros(len(line), 1, n_letters)
    for li, letter in enumerate(line):
        tensor[li][0][letter_to_index(letter)] = 1
    return tensor


class RNN(nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super(RNN, self).__init__()
        self.hidden_size = hidden_size
        self.i2h = nn.Linear(input_size + hidden_size, hidden_size)
        self.h2o = nn.Linear(hidden_size, output_size)
        self.softmax = nn.LogSoftmax(dim=1)

    def forward(self, input, hidden):
        combined = torch.cat((input, hidden), 1)
        hidden = torch.tanh(self.i2h(combined))
        output = self.h2o(hidden)
        output = self.softmax(output)
        return output, hidden

    def init_hidden(self):
        return torch.zeros(1, self.hidden_size)


def category_from_output(output):
    top_n, top_i = output.topk(1)
    category_i = top_i[0].item()
    return categories[category_i], category_i


torch.manual_seed(3)
rnn = RNN(n_letters, 16, len(categories))
criterion = nn.NLLLoss()
learning_rate = 0.05


def train(category_tensor, line_tensor):
    hidden = rnn.init_hidden()
    rnn.zero_grad()
    for i in range(line_tensor.size()[0]):
        output, hidden = rnn(line_tensor[i], hidden)
    loss = criterion(output, category_tensor)
    loss.backward()
    for p in rnn.parameters():
        p.data.add_(p.grad.data, alpha=-learning_rate)
    return output, loss.item()


current_loss = 0
all_losses = []
for epoch in range(1, 13):
    for category in categories:
        for word in words[category]:
            target = torch.tensor([categories.index(category)], dtype=torch.long)
            output, loss = train(target, line_to_tensor(word))
            current_loss += loss
    if epoch % 4 == 0:
        all_losses.append(round(current_loss / 48, 3))
        print(f"epoch {epoch:2d} loss {current_loss / 48:.3f}")
        current_loss = 0
print(all_losses)

confusion = torch.zeros(2, 2, dtype=torch.int64)
with torch.no_grad():
    for i, category in enumerate(categories):
        for word in words[category]:
            hidden = rnn.init_hidden()
            for letter in line_to_tensor(word):
                output, hidden = rnn(letter, hidden)
            guess, guess_i = category_from_output(output)
            confusion[i][guess_i] += 1
print(confusion)
