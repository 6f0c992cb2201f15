"""Records what torchvision's models are: python test/models/record.py > test/models/models.json

Its compiled operators are not needed; without them it loads once torch.library.register_fake ignores their names.
"""

import hashlib
import json
import math
import warnings

import torch

warnings.filterwarnings("ignore")
register_fake = torch.library.register_fake
torch.library.register_fake = lambda name, *rest, **named: (
    (lambda fake: fake) if str(name).startswith("torchvision::") else register_fake(name, *rest, **named)
)

from torch import nn  # noqa: E402
from torchvision import models  # noqa: E402

ABSENT = ("quantized", "mc3", "mvit", "r2plus", "r3d", "raft", "s3d", "swin3d")
DETECTORS = ("faster", "mask", "keypoint", "retina", "fcos", "ssd")


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def options(name):
    return {"weights_backbone": None} if name.startswith(("fcn", "deeplab", "lraspp", *DETECTORS)) else {}


from_init_params = models.regnet.BlockParams.from_init_params


def on_cpu(*args, **kwargs):
    with torch.device("cpu"):
        return from_init_params(*args, **kwargs)


# RegNet computes its widths by tensors.
models.regnet.BlockParams.from_init_params = on_cpu


def shape(name):
    """Keys, shapes and the printed text of a model, which need no values."""
    with torch.device("meta"):
        net = models.get_model(name, **options(name))
    state = [f"{key} {list(value.shape)}" for key, value in net.state_dict().items()]
    return {
        "state": digest("\n".join(state)),
        "printed": digest(str(net)),
        "parameters": sum(p.numel() for p in net.parameters()),
    }


def main_output(out):
    if isinstance(out, dict):
        return out["out"].mean((2, 3))
    return out[0] if isinstance(out, tuple) else out


def values(make, size):
    """Initial values, outputs and gradients of a model."""
    torch.manual_seed(0)
    net = make()
    state = [value for value in net.state_dict().values()]
    first = [value.flatten()[0].item() for value in state]
    total = sum(value.double().abs().sum().item() for value in state)
    x = torch.randn(2, 3, size, size, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        out = main_output(net.eval()(x))
    torch.manual_seed(2)
    loss = nn.functional.cross_entropy(main_output(net.train()(x)), torch.tensor([1, 3]))
    loss.backward()
    norm = math.sqrt(sum(p.grad.double().square().sum().item() for p in net.parameters() if p.grad is not None))
    return {
        "size": size,
        "first": digest(json.dumps([f"{value:.6e}" for value in first])),
        "total": total,
        "out": [float(f"{value:.8g}") for value in out.flatten()[:10].tolist()],
        "loss": loss.item(),
        "norm": norm,
    }


def built(name):
    return lambda: models.get_model(name, num_classes=5, **options(name))


CASES = {
    **{name: (built(name), 64) for name in (
        "resnet18", "squeezenet1_1", "googlenet", "shufflenet_v2_x0_5", "mobilenet_v2",
        "mobilenet_v3_small", "mnasnet0_5", "efficientnet_b0", "regnet_y_400mf", "swin_v2_t", "lraspp_mobilenet_v3_large",
    )},
    "DenseNet": (lambda: models.DenseNet(4, (2, 3), 8, 2, 0.1, 5), 64),
    "ConvNeXt": (lambda: models.ConvNeXt(
        [models.convnext.CNBlockConfig(8, 16, 1), models.convnext.CNBlockConfig(16, None, 2)], 0.1, 1.0, 5), 32),
    "VisionTransformer": (lambda: models.VisionTransformer(
        32, 8, 2, 2, 16, 32, 0.1, 0.1, 5, 8,
        conv_stem_configs=[models.vision_transformer.ConvStemConfig(8, 3, 2),
                           models.vision_transformer.ConvStemConfig(8, 3, 2),
                           models.vision_transformer.ConvStemConfig(8, 3, 2)]), 32),
    "SwinTransformer": (lambda: models.SwinTransformer(
        [4, 4], 8, [2, 2], [2, 4], [3, 3], dropout=0.1, attention_dropout=0.1, num_classes=5), 36),
    "MaxVit": (lambda: models.MaxVit((32, 32), 8, 2, [8, 16], [1, 2], 4, 0.2, num_classes=5), 32),
    "ResNet of Bottlenecks": (lambda: models.ResNet(
        models.resnet.Bottleneck, [1, 2, 1, 1], 5, True, 2, 32, [False, True, False], nn.InstanceNorm2d), 32),
}

names = [name for name in models.list_models() if not any(part in name for part in ABSENT)]
print(json.dumps({
    "shapes": {name: shape(name) for name in names},
    "values": {name: values(*case) for name, case in CASES.items()},
}, indent=1))
