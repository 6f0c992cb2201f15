from math import log10

import torch
import torch.nn as nn
import torch.nn.init as init
import torch.optim as optim
from torch.utils.data import DataLoader, Dataset


class Net(nn.Module):
    def __init__(self, upscale_factor):
        super(Net, self).__init__()

        self.relu = nn.ReLU()
        self.conv1 = nn.Conv2d(1, 16, (5, 5), (1, 1), (2, 2))
        self.conv2 = nn.Conv2d(16, 16, (3, 3), (1, 1), (1, 1))
        self.conv3 = nn.Conv2d(16, 8, (3, 3), (1, 1), (1, 1))
        self.conv4 = nn.Conv2d(8, upscale_factor ** 2, (3, 3), (1, 1), (1, 1))
        self.pixel_shuffle = nn.PixelShuffle(upscale_factor)

        self._initialize_weights()

    def forward(self, x):
        x = self.relu(self.conv1(x))
        x = self.relu(self.conv2(x))
        x = self.relu(self.conv3(x))
        x = self.pixel_shuffle(self.conv4(x))
        return x

    def _initialize_weights(self):
        init.orthogonal_(self.conv1.weight, init.calculate_gain('relu'))
        init.orthogonal_(self.conv2.weight, init.calculate_gain('relu'))
        init.orthogonal_(self.conv3.weight, init.calculate_gain('relu'))
        init.orthogonal_(self.conv4.weight)


class Images(Dataset):
    def __init__(self, count, size, upscale_factor, transform=None):
        super(Images, self).__init__()
        grid = torch.linspace(0, 6, size)
        self.images = [torch.sin(grid * (i + 1) / 4)[:, None] * torch.cos(grid)[None, :]
                       for i in range(count)]
        self.upscale_factor = upscale_factor
        self.transform = transform

    def __getitem__(self, index):
        image = self.images[index][None]
        if self.transform:
            image = self.transform(image)
        small = image[:, ::self.upscale_factor, ::self.upscale_factor]
        return small, image

    def __len__(self):
        return len(self.images)


torch.manual_seed(123)
print('===> Loading datasets')
train_set = Images(12, 12, 3, transform=lambda image: image * 0.5 + 0.5)
test_set = Images(4, 12, 3)
training_data_loader = DataLoader(dataset=train_set, num_workers=0, batch_size=4, shuffle=True)
testing_data_loader = DataLoader(dataset=test_set, num_workers=0, batch_size=2, shuffle=False)

print('===> Building model')
model = Net(upscale_factor=3)
criterion = nn.MSELoss()
optimizer = optim.Adam(model.parameters(), lr=0.01)


def train(epoch):
    epoch_loss = 0
    for iteration, batch in enumerate(training_data_loader, 1):
        input, target = batch[0], batch[1]

        optimizer.zero_grad()
        loss = criterion(model(input), target)
        epoch_loss += loss.item()
        loss.backward()
        optimizer.step()

    print("===> Epoch {} Complete: Avg. Loss: {:.4f}".format(epoch, epoch_loss / len(training_data_loader)))


def test():
    avg_psnr = 0
    with torch.no_grad():
        for batch in testing_data_loader:
            input, target = batch[0], batch[1]

            prediction = model(input)
            mse = criterion(prediction, target)
            psnr = 10 * log10(1 / mse.item())
            avg_psnr += psnr
    print("===> Avg. PSNR: {:.4f} dB".format(avg_psnr / len(testing_data_loader)))


for epoch in range(1, 4):
    train(epoch)
    test()
