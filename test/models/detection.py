"""Records what torchvision's detectors are and find: python test/models/detection.py > test/models/detection.json.golden

Its compiled operators are needed; test/golden/vision_ops.py says how they load.
"""

import hashlib
import json
import math
import sys
import warnings

import torch
from torch import nn
from torchvision.models import detection

warnings.filterwarnings("ignore")

BUILDERS = [
    "fasterrcnn_resnet50_fpn",
    "fasterrcnn_resnet50_fpn_v2",
    "fasterrcnn_mobilenet_v3_large_fpn",
    "fasterrcnn_mobilenet_v3_large_320_fpn",
    "retinanet_resnet50_fpn",
    "retinanet_resnet50_fpn_v2",
    "ssd300_vgg16",
    "ssdlite320_mobilenet_v3_large",
    "fcos_resnet50_fpn",
    "maskrcnn_resnet50_fpn",
    "maskrcnn_resnet50_fpn_v2",
    "keypointrcnn_resnet50_fpn",
]

# Options with which little is looked at.
SIZES = {"min_size": 64, "max_size": 96}
REGIONS = {
    "rpn_pre_nms_top_n_train": 60,
    "rpn_pre_nms_top_n_test": 40,
    "rpn_post_nms_top_n_train": 30,
    "rpn_post_nms_top_n_test": 12,
    "rpn_batch_size_per_image": 32,
    "box_batch_size_per_image": 16,
    "box_detections_per_img": 6,
    **SIZES,
}
ONE_STEP = {"detections_per_img": 8, "topk_candidates": 30, **SIZES}
RUNS = {
    "fasterrcnn_mobilenet_v3_large_fpn": {**REGIONS, "rpn_score_thresh": 0.0},
    "retinanet_resnet50_fpn": ONE_STEP,
    "retinanet_resnet50_fpn_v2": ONE_STEP,
    "fcos_resnet50_fpn": ONE_STEP,
    "maskrcnn_resnet50_fpn": REGIONS,
    "keypointrcnn_resnet50_fpn": {**REGIONS, "num_keypoints": 3},
    "ssdlite320_mobilenet_v3_large": {"detections_per_img": 8, "topk_candidates": 30},
}
LAST = {"cls_logits": 2, "cls_score": 2, "bbox_pred": 0.4, "bbox_reg": 0.4, "bbox_ctrness": 1, "mask_fcn_logits": 2, "kps_score_lowres": 2, "module_list": 1}


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def build(name, options):
    torch.manual_seed(0)
    return getattr(detection, name)(weights_backbone=None, num_classes=4, **options)


def initial(name):
    net = build(name, {})
    state = net.state_dict().values()
    return {
        "first": digest(json.dumps([f"{v.flatten()[0].item():.6e}" for v in state])),
        "total": sum(v.double().abs().sum().item() for v in state),
        "trained": [p.requires_grad for p in net.parameters()].count(True),
    }


def targets():
    masks = torch.zeros(2, 60, 80)
    masks[0, 10:40, 5:45] = 1
    masks[1, 20:50, 30:75] = 1
    first = {
        "boxes": torch.tensor([[5.0, 10, 45, 40], [30, 20, 75, 50]]),
        "labels": torch.tensor([1, 2]),
        "masks": masks.byte(),
        "keypoints": torch.tensor([[[8.0, 12, 1], [40, 35, 1], [20, 20, 0]], [[35.0, 22, 1], [70, 45, 1], [75, 50, 1]]]),
    }
    masks = torch.zeros(1, 70, 50)
    masks[0, 5:60, 8:42] = 1
    second = {
        "boxes": torch.tensor([[8.0, 5, 42, 60]]),
        "labels": torch.tensor([3]),
        "masks": masks.byte(),
        "keypoints": torch.tensor([[[10.0, 10, 1], [41, 55, 1], [25, 30, 1]]]),
    }
    return [first, second]


def numbers(x):
    return [float(f"{v:.5g}") for v in x.double().flatten().tolist()]


def settle(net, images):
    """Gives normalizations the variance of what they see, and weights of the last layers a size with which something is found. Tells both."""
    found = {}

    def variance(key):
        def hook(module, args):
            if key not in found:
                found[key] = float(f"{args[0].var().item():.3g}")
                module.running_var.fill_(found[key])

        return hook

    def factor(key, size):
        def hook(module, args, out):
            if key not in found:
                found[key] = float(f"{size / (out - out.mean()).std().item():.3g}")
                module.weight.data.mul_(found[key])
                if module.bias is not None:
                    module.bias.data.zero_()
                return module.forward(*args)

        return hook

    hooks = []
    for key, m in net.named_modules():
        size = next((size for part, size in LAST.items() if part in key.split(".")), None)
        if isinstance(m, nn.BatchNorm2d):
            hooks.append(m.register_forward_pre_hook(variance(key)))
        elif size is not None and isinstance(m, (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)) and getattr(m, "groups", 1) == 1:
            hooks.append(m.register_forward_hook(factor(key, size)))
    net.eval()
    with torch.no_grad():
        net(images)
    for hook in hooks:
        hook.remove()
    return found


def run(name, options):
    net = build(name, options)
    generator = torch.Generator().manual_seed(3)
    images = [torch.rand(3, 60, 80, generator=generator), torch.rand(3, 70, 50, generator=generator)]
    settled = settle(net, images)
    net.train()
    for m in net.modules():
        if isinstance(m, nn.BatchNorm2d):
            m.eval()
    torch.manual_seed(1)
    losses = net(images, targets())
    total = sum(losses.values())
    total.backward()
    squares = sum(p.grad.double().square().sum().item() for p in net.parameters() if p.grad is not None)
    net.eval()
    torch.manual_seed(2)
    with torch.no_grad():
        found = net(images)
    return {
        "options": options,
        "settled": settled,
        "losses": {key: float(f"{value.item():.6g}") for key, value in losses.items()},
        "norm": float(f"{math.sqrt(squares):.6g}"),
        "found": [
            {
                "boxes": numbers(one["boxes"]),
                "labels": one["labels"].tolist(),
                "scores": numbers(one["scores"]),
                **({"masks": numbers(one["masks"].sum((1, 2, 3)))} if "masks" in one else {}),
                **({"keypoints": numbers(one["keypoints"]), "keypoints_scores": numbers(one["keypoints_scores"])} if "keypoints" in one else {}),
            }
            for one in found
        ],
    }


def vgg():
    net = build("ssd300_vgg16", {})
    maps = net.backbone(torch.rand(1, 3, 300, 300, generator=torch.Generator().manual_seed(3)))
    return {name: [list(x.shape), float(f"{x.double().abs().sum().item():.6g}")] for name, x in maps.items()}


if __name__ == "__main__":
    if len(sys.argv) > 1:
        for n in sys.argv[1:]:
            print(json.dumps(run(n, RUNS[n])))
    else:
        result = {
            "initial": {name: initial(name) for name in BUILDERS},
            "runs": {name: run(name, options) for name, options in RUNS.items()},
            "vgg": vgg(),
        }
        print(json.dumps(result, separators=(",", ":")))
