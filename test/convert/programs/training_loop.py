"""Training on spirals: a data set of tensors, loaders, epochs with accuracy on data that were held back."""
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

torch.manual_seed(1)

NUM_CLASSES = 3
PER_CLASS = 100
EPOCHS = 6


def make_spirals(per_class, num_classes, noise=0.2):
    points, labels = [], []
    for k in range(num_classes):
        r = torch.linspace(0.0, 1.0, per_class)
        angle = torch.linspace(k * 4, (k + 1) * 4, per_class) + torch.randn(per_class) * noise
        points.append(torch.stack([r * torch.sin(angle), r * torch.cos(angle)], dim=1))
        labels.append(torch.full((per_class,), k, dtype=torch.long))
    return torch.cat(points), torch.cat(labels)


class SpiralNet(nn.Module):
    def __init__(self, hidden_size=64):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(2, hidden_size),
            nn.ReLU(),
            nn.Linear(hidden_size, hidden_size),
            nn.ReLU(),
            nn.Linear(hidden_size, NUM_CLASSES),
        )

    def forward(self, x):
        return self.layers(x)


def train(dataloader, model, loss_fn, optimizer):
    size = len(dataloader.dataset)
    model.train()
    running_loss = 0.0
    for batch, (X, y) in enumerate(dataloader):
        pred = model(X)
        loss = loss_fn(pred, y)

        loss.backward()
        optimizer.step()
        optimizer.zero_grad()

        running_loss += loss.item() * len(X)
        if batch % 4 == 0:
            loss, current = loss.item(), (batch + 1) * len(X)
            print(f"loss: {loss:>7f}  [{current:>5d}/{size:>5d}]")
    return running_loss / size


def test(dataloader, model, loss_fn):
    size = len(dataloader.dataset)
    num_batches = len(dataloader)
    model.eval()
    test_loss, correct = 0, 0
    with torch.no_grad():
        for X, y in dataloader:
            pred = model(X)
            test_loss += loss_fn(pred, y).item()
            correct += (pred.argmax(1) == y).type(torch.float).sum().item()
    test_loss /= num_batches
    correct /= size
    print(f"Test Error: \n Accuracy: {(100*correct):>0.1f}%, Avg loss: {test_loss:>8f} \n")


if __name__ == "__main__":
    X, y = make_spirals(PER_CLASS, NUM_CLASSES)
    dataset = TensorDataset(X, y)
    train_set, test_set = random_split(dataset, [240, 60])
    train_dataloader = DataLoader(train_set, batch_size=30, shuffle=True)
    test_dataloader = DataLoader(test_set, batch_size=30)
    for X, y in test_dataloader:
        print(f"Shape of X [N, C]: {X.shape}")
        print(f"Shape of y: {y.shape} {y.dtype}")
        break

    model = SpiralNet()
    print(model)
    loss_fn = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for t in range(EPOCHS):
        print(f"Epoch {t+1}\n-------------------------------")
        train_loss = train(train_dataloader, model, loss_fn, optimizer)
        print(f"Train loss: {train_loss:.4f}")
        test(test_dataloader, model, loss_fn)
    print("Done!")
