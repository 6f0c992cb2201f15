"""Records names of steps of torchvision's models, and features: python test/golden/vision_features.py"""

import json
import pathlib
import warnings

import torch

# torchvision's compiled operators may be absent; its models do without them.
register_fake = torch.library.register_fake
torch.library.register_fake = lambda op, *a, **k: (
    (lambda f: f) if isinstance(op, str) and op.startswith("torchvision::") else register_fake(op, *a, **k)
)

from torchvision.models import get_model  # noqa: E402
from torchvision.models.feature_extraction import create_feature_extractor, get_graph_node_names  # noqa: E402

warnings.simplefilter("ignore")
NAMES = "alexnet vgg11_bn resnet18 resnet50 squeezenet1_1 googlenet densenet121 mobilenet_v2 mobilenet_v3_small mnasnet0_5 efficientnet_b0 regnet_y_400mf".split()
FEATURES = {
    "resnet18": ["layer1", "layer2.0.add", "layer2.0.bn2", "layer3.1.relu", "avgpool"],
    "mobilenet_v3_small": ["features.1", "features.4.block.2", "features.9", "flatten"],
    "densenet121": ["features.denseblock1", "features.transition2.conv", "relu"],
}


def names(name):
    model = get_model(name, weights=None, **({"init_weights": False} if name == "googlenet" else {}))
    train, evaluated = get_graph_node_names(model)
    return {"train": train, **({} if train == evaluated else {"eval": evaluated})}


def features(name, nodes):
    torch.manual_seed(0)
    model = get_model(name, weights=None).eval()
    extractor = create_feature_extractor(model, nodes)
    x = torch.arange(3 * 64 * 64).remainder(255).div(255).view(1, 3, 64, 64)
    with torch.no_grad():
        found = extractor(x)
    return {
        "keys": list(extractor.state_dict()),
        "results": {key: [list(t.shape), float(f"{t.double().abs().mean():.6g}"), float(f"{t.double().mean():.6g}")] for key, t in found.items()},
    }


path = pathlib.Path(__file__).with_name("vision_features.json.golden")
result = {"names": {name: names(name) for name in NAMES}, "features": {name: features(name, nodes) for name, nodes in FEATURES.items()}}
path.write_text(json.dumps(result, separators=(",", ":")) + "\n")
print(path.stat().st_size)
