"""Predicts the next word from two before it: an n-gram model, and the words that are near each other."""
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim

torch.manual_seed(1)
CONTEXT_SIZE = 2
EMBEDDING_DIM = 10
test_sentence = """the sun rises over the quiet hills and the river
wakes below the hills while the sun looks down
on every stone that the river moved and every
bird that wakes with the sun""".split()

ngrams = [
    (
        [test_sentence[i - j - 1] for j in range(CONTEXT_SIZE)],
        test_sentence[i]
    )
    for i in range(CONTEXT_SIZE, len(test_sentence))
]
print(ngrams[:3])

vocab = sorted(set(test_sentence))
word_to_ix = {word: i for i, word in enumerate(vocab)}
print(len(vocab), word_to_ix["sun"])


class NGramLanguageModeler(nn.Module):

    def __init__(self, vocab_size, embedding_dim, context_size):
        super(NGramLanguageModeler, self).__init__()
        self.embeddings = nn.Embedding(vocab_size, embedding_dim)
        self.linear1 = nn.Linear(context_size * embedding_dim, 32)
        self.linear2 = nn.Linear(32, vocab_size)

    def forward(self, inputs):
        embeds = self.embeddings(inputs).view((1, -1))
        out = F.relu(self.linear1(embeds))
        out = self.linear2(out)
        log_probs = F.log_softmax(out, dim=1)
        return log_probs


losses = []
loss_function = nn.NLLLoss()
model = NGramLanguageModeler(len(vocab), EMBEDDING_DIM, CONTEXT_SIZE)
optimizer = optim.SGD(model.parameters(), lr=0.05)

for epoch in range(5):
    total_loss = 0
    for context, target in ngrams:
        # Turn the words into indices
        context_idxs = torch.tensor([word_to_ix[w] for w in context], dtype=torch.long)
        model.zero_grad()
        log_probs = model(context_idxs)
        loss = loss_function(log_probs, torch.tensor([word_to_ix[target]], dtype=torch.long))
        loss.backward()
        optimizer.step()
        total_loss += loss.item()
    losses.append(total_loss)
print([round(l, 1) for l in losses])  # The loss decreased every iteration over the training data!

with torch.no_grad():
    weights = model.embeddings.weight
    similarity = F.cosine_similarity(weights[word_to_ix["sun"]].unsqueeze(0), weights)
    nearest = similarity.argsort(descending=True)[1:4]
    print([vocab[i] for i in nearest])

counts = {}
for word in test_sentence:
    counts[word] = counts.get(word, 0) + 1
common = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:3]
print(common, max(counts, key=lambda w: counts[w]))
for word, count in common:
    print(f"{word:>8}|{'*' * count:<6}|{count / len(test_sentence):6.1%}")
