"""A small convolutional network that tells stripes from checkers, on pictures that are made here."""
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.utils.data import Dataset, DataLoader

classes = ('horizontal', 'vertical', 'checkers')


class Patterns(Dataset):
    """Pictures of 12 x 12 points with some noise."""

    def __init__(self, n_samples, size=12, transform=None):
        self.n_samples = n_samples
        self.size = size
        self.transform = transform
        self.images = []
        self.targets = []
        grid = torch.arange(size)
        for i in range(n_samples):
            label = i % len(classes)
            if label == 0:
                image = (grid[:, None] // 2 % 2).expand(size, size).float()
            elif label == 1:
                image = (grid[None, :] // 2 % 2).expand(size, size).float()
            else:
                image = ((grid[:, None] // 2 + grid[None, :] // 2) % 2).float()
            image = image + 0.3 * torch.randn(size, size)
            self.images.append(image.unsqueeze(0))
            self.targets.append(label)

    def __len__(self):
        return self.n_samples

    def __getitem__(self, idx):
        image = self.images[idx]
        if self.transform is not None:
            image = self.transform(image)
        return image, self.targets[idx]


def normalize(image):
    return (image - image.mean()) / (image.std() + 1e-6)


class ConvNet(nn.Module):
    def __init__(self, num_classes=10):
        super(ConvNet, self).__init__()
        self.layer1 = nn.Sequential(
            nn.Conv2d(1, 8, kernel_size=3, stride=1, padding=1),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.MaxPool2d(kernel_size=2, stride=2))
        self.layer2 = nn.Sequential(
            nn.Conv2d(8, 16, kernel_size=3, padding=1),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.MaxPool2d(2))
        self.drop = nn.Dropout(p=0.25)
        self.fc = nn.Linear(3 * 3 * 16, num_classes)

    def forward(self, x):
        out = self.layer1(x)
        out = self.layer2(out)
        out = out.reshape(out.size(0), -1)
        return self.fc(self.drop(out))


torch.manual_seed(42)
train_data = Patterns(90, transform=normalize)
test_data = Patterns(30, transform=normalize)
train_loader = DataLoader(dataset=train_data, batch_size=15, shuffle=True)
test_loader = DataLoader(dataset=test_data, batch_size=15, shuffle=False)

model = ConvNet(len(classes))
criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(model.parameters(), lr=0.05, momentum=0.9)

total_step = len(train_loader)
for epoch in range(3):
    for i, (images, labels) in enumerate(train_loader):
        outputs = model(images)
        loss = criterion(outputs, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if (i + 1) % 3 == 0:
            print('Epoch [{}/{}], Step [{}/{}], Loss: {:.3f}'.format(epoch + 1, 3, i + 1, total_step, loss.item()))

model.eval()
correct_pred = {classname: 0 for classname in classes}
total_pred = {classname: 0 for classname in classes}
with torch.no_grad():
    for images, labels in test_loader:
        outputs = model(images)
        _, predictions = torch.max(outputs, 1)
        for label, prediction in zip(labels, predictions):
            if label == prediction:
                correct_pred[classes[label]] += 1
            total_pred[classes[label]] += 1

for classname, correct_count in correct_pred.items():
    accuracy = 100 * float(correct_count) / total_pred[classname]
    print(f'Accuracy for class: {classname:10s} is {accuracy:.1f} %')
print(correct_pred)
