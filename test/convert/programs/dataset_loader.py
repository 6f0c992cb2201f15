"""Data sets of one's own: transforms as classes, batches that are padded, samplers and workers' order."""
import torch
from torch.utils.data import Dataset, DataLoader, ConcatDataset, WeightedRandomSampler
from torch.nn.utils.rnn import pad_sequence


class ToOneHot:
    def __init__(self, num_classes: int):
        self.num_classes = num_classes

    def __call__(self, label: int) -> torch.Tensor:
        one_hot = torch.zeros(self.num_classes)
        one_hot[label] = 1
        return one_hot


class Squares(Dataset):
    def __init__(self, start, stop, target_transform=None):
        self.numbers = list(range(start, stop))
        self.target_transform = target_transform

    def __len__(self):
        return len(self.numbers)

    def __getitem__(self, idx):
        n = self.numbers[idx]
        label = n % 3
        target = self.target_transform(label) if self.target_transform else torch.tensor(label)
        return torch.tensor([float(n), float(n ** 2)]), target


class Sentences(Dataset):
    def __init__(self, lines):
        self.lines = [line.split() for line in lines]
        words = sorted({w for line in self.lines for w in line})
        self.vocab = {w: i + 1 for i, w in enumerate(words)}

    def __len__(self):
        return len(self.lines)

    def __getitem__(self, idx):
        ids = [self.vocab[w] for w in self.lines[idx]]
        return {"ids": torch.tensor(ids), "length": len(ids)}


torch.manual_seed(0)
data = Squares(0, 7, target_transform=ToOneHot(3))
features, target = data[4]
print(len(data), features, target)
for batch_features, batch_targets in DataLoader(data, batch_size=3, shuffle=True):
    print(batch_features.shape, batch_targets.argmax(1).tolist())

both = ConcatDataset([Squares(0, 3), Squares(10, 14)])
train_features, train_labels = next(iter(DataLoader(both, batch_size=4)))
print(train_features.size(), train_labels)

weights = [1.0 if i % 2 else 3.0 for i in range(len(both))]
sampler = WeightedRandomSampler(weights, num_samples=6)
loader = DataLoader(both, batch_size=3, sampler=sampler, drop_last=True)
print([x[:, 0].tolist() for x, _ in loader])


def collate(batch):
    lengths = torch.tensor([item["length"] for item in batch])
    padded = pad_sequence([item["ids"] for item in batch], batch_first=True)
    return padded, lengths


sentences = Sentences(["the cat sat", "a dog", "the dog saw the cat"])
for padded, lengths in DataLoader(sentences, batch_size=2, collate_fn=collate):
    print(padded, lengths)
print(sentences.vocab)
