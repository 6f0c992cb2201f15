"""The workloads in PyTorch; workloads.mjs holds the same in Flambeau, under the same names."""
import torch
import torch.nn.functional as F
from torch import nn

M = 1 << 20
workloads = {}


def workload(name, *args):
    def add(prepare):
        workloads[name] = lambda: prepare(*args)
        return prepare

    return add


def r(*size):
    """Uniform numbers in [-1, 1)."""
    return torch.rand(*size) * 2 - 1


def in_double(*size):
    return torch.rand(*size, dtype=torch.float64) * 2 - 1


@workload("01_add16", 16)
@workload("02_add1M", M)
def add(n):
    a, b = r(n), r(n)
    return lambda: a + b


@workload("01b_add16_recorded", 16)
def add_recorded(n):
    a, b = r(n).requires_grad_(), r(n)
    return lambda: a + b


@workload("03_muladd1M")
def muladd():
    a, b, c = r(M), r(M), r(M)
    return lambda: a * b + c


@workload("04_exp1M")
def exp():
    a = r(M)
    return lambda: torch.exp(a)


@workload("05_softmax1024")
def softmax():
    a = r(1024, 1024)
    return lambda: torch.softmax(a, -1)


@workload("06a_sum1M")
def sum_all():
    a = r(M)
    return lambda: a.sum().item()


@workload("06b_sumdim0")
def sum_rows():
    a = r(1024, 1024)
    return lambda: a.sum(0)


@workload("07_layernorm")
def layer_norm():
    a, g, b = r(1024, 768), r(768), r(768)
    return lambda: F.layer_norm(a, (768,), g, b)


def matmul(n):
    a, b = r(n, n), r(n, n)
    return lambda: a @ b


for n in (64, 256, 512, 1024, 2048):
    workload(f"08_matmul{n:04}", n)(matmul)


def matrices(run, random, count, n):
    a, b = random(count, n, n), random(count, n, n)
    positive = a @ a.mT + torch.eye(n, dtype=a.dtype)
    return lambda: run(a, b, positive)


for name, run in {
    "solve": lambda a, b, positive: torch.linalg.solve(a, b),
    "cholesky": lambda a, b, positive: torch.linalg.cholesky(positive),
    "qr": lambda a, b, positive: torch.linalg.qr(a),
    "inv": lambda a, b, positive: torch.linalg.inv(a),
    "det": lambda a, b, positive: torch.linalg.det(a),
    "eigh": lambda a, b, positive: torch.linalg.eigh(positive),
    "svd": lambda a, b, positive: torch.linalg.svd(a),
    "eig": lambda a, b, positive: torch.linalg.eig(a),
    "eigvalsh": lambda a, b, positive: torch.linalg.eigvalsh(positive),
    "svdvals": lambda a, b, positive: torch.linalg.svdvals(a),
}.items():
    for count, n in ((10000, 4), (100, 64), (1, 512)):
        for precision, random in (("", r), ("_double", in_double)):
            workload(f"23_{name}{n:03}{precision}", run, random, count, n)(matrices)


def transform(run, make, count, n):
    x = make(count, n)
    return lambda: run(x)


for name, count, n in (("1024", 1000, 1024), ("1M", 1, 1 << 20), ("1009", 1, 1009), ("15015", 1, 15015)):
    workload(f"24_fft{name}", torch.fft.fft, lambda *size: torch.complex(r(*size), r(*size)), count, n)(transform)
    workload(f"24_rfft{name}", torch.fft.rfft, r, count, n)(transform)
workload("24_rfft2_512", torch.fft.rfft2, r, 512, 512)(transform)


@workload("09_bmm")
def bmm():
    a, b = r(32, 128, 64), r(32, 64, 128)
    return lambda: a @ b


@workload("10a_conv5x5")
def conv5():
    x, k, b = r(32, 3, 32, 32), r(6, 3, 5, 5), r(6)
    return lambda: F.conv2d(x, k, b)


@workload("10b_conv3x3")
def conv3():
    x, k, b = r(16, 64, 56, 56), r(64, 64, 3, 3), r(64)
    return lambda: F.conv2d(x, k, b, padding=1)


@workload("11_maxpool")
def max_pool():
    x = r(32, 6, 28, 28)
    return lambda: F.max_pool2d(x, 2)


@workload("12_transpose")
def transpose():
    x = r(1024, 1024)
    return lambda: x.t().contiguous()


@workload("13_gather")
def gather():
    x, i = r(50000, 64), torch.randint(0, 50000, (10000,))
    return lambda: x[i]


@workload("14_sort1M")
def sort():
    x = r(M)
    return lambda: torch.sort(x)


@workload("15_randn1M")
def randn():
    return lambda: torch.randn(M)


def training_step(net, optimizer, x, y):
    def step():
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


class Net(nn.Module):
    """The tutorial's network."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.pool = nn.MaxPool2d(2, 2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(400, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(F.relu(self.conv2(x)))
        x = torch.flatten(x, 1)
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))


@workload("16a_cnn4", 4)
@workload("16b_cnn64", 64)
def cnn(batch):
    net = Net()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.001, momentum=0.9)
    return training_step(net, optimizer, r(batch, 3, 32, 32), torch.randint(0, 10, (batch,)))


@workload("17_mlp_adam")
def mlp():
    net = nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10))
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    return training_step(net, optimizer, r(128, 784), torch.randint(0, 10, (128,)))


class Block(nn.Module):
    """A transformer's block: attention and a perceptron, each behind a norm and beside a shortcut."""

    def __init__(self, channels=256, heads=4):
        super().__init__()
        self.heads = heads
        self.ln1 = nn.LayerNorm(channels)
        self.ln2 = nn.LayerNorm(channels)
        self.qkv = nn.Linear(channels, 3 * channels)
        self.proj = nn.Linear(channels, channels)
        self.f1 = nn.Linear(channels, 4 * channels)
        self.f2 = nn.Linear(4 * channels, channels)

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.qkv(self.ln1(x)).view(B, T, 3, self.heads, C // self.heads).permute(2, 0, 3, 1, 4)
        attended = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(B, T, C)
        x = x + self.proj(attended)
        return x + self.f2(F.gelu(self.f1(self.ln2(x)), approximate="tanh"))


@workload("18_transformer")
def transformer():
    block = Block()
    x = r(8, 128, 256).requires_grad_(True)
    parameters = list(block.parameters()) + [x]

    def step():
        for p in parameters:
            p.grad = None
        loss = (block(x) ** 2).mean()
        loss.backward()
        return loss.item()

    return step


@workload("19a_lstm", nn.LSTM, False)
@workload("19b_lstm_train", nn.LSTM, True)
@workload("19a_gru", nn.GRU, False)
@workload("19b_gru_train", nn.GRU, True)
def recurrent(Network, is_trained):
    """Two layers over 64 steps of 32 sequences."""
    net = Network(128, 128, 2)
    x = r(64, 32, 128).requires_grad_(is_trained)
    parameters = list(net.parameters()) + [x]

    def infer():
        with torch.no_grad():
            return net(x)[0]

    def train():
        for p in parameters:
            p.grad = None
        loss = (net(x)[0] ** 2).mean()
        loss.backward()
        return loss.item()

    return train if is_trained else infer


def gradients(layer, forward, x=None):
    """Forward and backward pass of a layer, to its parameters and its input."""
    leaves = list(layer.parameters()) + ([] if x is None else [x.requires_grad_()])

    def step():
        for p in leaves:
            p.grad = None
        loss = (forward(x) ** 2).mean()
        loss.backward()
        return loss.item()

    return step


@workload("20a_encoder_layer")
def encoder_layer():
    layer = nn.TransformerEncoderLayer(256, 8, 1024, dropout=0.0, batch_first=True)
    return gradients(layer, layer, r(8, 128, 256))


@workload("20b_attention")
def attention():
    layer = nn.MultiheadAttention(256, 8, batch_first=True)
    return gradients(layer, lambda x: layer(x, x, x, need_weights=False)[0], r(8, 128, 256))


@workload("21_embedding_bag")
def embedding_bag():
    layer = nn.EmbeddingBag(10_000, 64, mode="sum")
    indices, offsets = torch.randint(0, 10_000, (4096,)), torch.arange(0, 4096, 16)
    return gradients(layer, lambda _: layer(indices, offsets))


@workload("22_adamw")
def adamw():
    sizes = [[(64,), (256, 64), (3, 3, 32), (1000,), (128, 128)][i % 5] for i in range(50)]
    parameters = [r(*size).requires_grad_(True) for size in sizes]
    for p in parameters:
        p.grad = r(*p.shape)
    optimizer = torch.optim.AdamW(parameters, lr=1e-3, foreach=True)
    return optimizer.step


def models():
    """torchvision's models. What it has in C++, which they do not use, may be for another version of PyTorch."""
    register = torch.library.register_fake

    def register_others(op, *args, **kwargs):
        if isinstance(op, str) and op.startswith("torchvision::"):
            return lambda function: function
        return register(op, *args, **kwargs)

    torch.library.register_fake = register_others
    import torchvision.models

    return torchvision.models


@workload("25a_resnet18_step", "resnet18")
@workload("25b_mobilenet_v3_step", "mobilenet_v3_large")
def vision_step(name):
    net = getattr(models(), name)()
    optimizer = torch.optim.SGD(net.parameters(), lr=1e-3, momentum=0.9)
    x, y = r(8, 3, 128, 128), torch.randint(0, 1000, (8,))
    return training_step(net, optimizer, x, y)
