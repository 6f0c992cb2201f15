"""Records what torchvision's ops give: python test/golden/vision_ops.py

They are compiled, for processors and for GPUs in one file. Where PyTorch has no CUDA that file loads once empty libraries by the names of
libcudart, libc10_cuda and libtorch_cuda are found, which have the functions that `nm -D --undefined-only` tells.
"""

import json
import pathlib
import warnings

import torch
from torchvision import ops
from torchvision.extension import _has_ops

assert _has_ops(), "torchvision's compiled operators are missing"
warnings.filterwarnings("ignore")


def make(spec):
    """A tensor of random numbers; anything else is itself."""
    if isinstance(spec, list):
        return [make(one) for one in spec]
    if not isinstance(spec, dict):
        return spec
    if spec["kind"] == "rand":
        x = torch.rand(*spec["shape"]) * spec.get("times", 1) + spec.get("plus", 0)
    elif spec["kind"] == "boxes":
        corner = torch.rand(spec["count"], 2) * spec["size"] * 0.7
        x = torch.cat([corner, corner + torch.rand(spec["count"], 2) * spec["size"] * 0.5 + 0.5], 1)
    elif spec["kind"] == "rois":
        boxes = make({**spec, "kind": "boxes", "grad": False})
        x = torch.cat([(torch.arange(spec["count"]) % spec["images"])[:, None].float(), boxes], 1)
    else:
        x = torch.tensor(spec["values"])
    x = x.to(getattr(torch, spec.get("dtype", "float32")))
    return x.requires_grad_() if spec.get("grad") else x


def leaves(args):
    return [x for arg in args for x in (arg if isinstance(arg, list) else [arg]) if isinstance(x, torch.Tensor) and x.requires_grad]


def numbers(x):
    return [v if isinstance(v, int) else None if v != v else float(f"{v:.6g}") for v in x.flatten().tolist()]


def record(i, case):
    name, args, named = case
    torch.manual_seed(i)
    given = [make(arg) for arg in args]
    options = {key: make(value) for key, value in named.items()}
    out = getattr(ops, name)(*given, **options)
    result = {"name": name, "args": args, "named": named, "shape": list(out.shape), "out": numbers(out.detach())}
    inputs = leaves([*given, *options.values()])
    if inputs:
        (out * torch.arange(out.numel()).cos().view(out.shape)).sum().backward()
        result["grads"] = [numbers(x.grad) for x in inputs]
    return result


def rand(*shape, **more):
    return {"kind": "rand", "shape": list(shape), **more}


def boxes(count, size=20, **more):
    return {"kind": "boxes", "count": count, "size": size, **more}


def rois(count, images, size, **more):
    return {"kind": "rois", "count": count, "images": images, "size": size, **more}


def values(*v, **more):
    return {"kind": "values", "values": list(v), **more}


STRAIGHT = ["xyxy", "xywh", "cxcywh"]
TURNED = ["xywhr", "cxcywhr", "xyxyxyxy"]
turned = lambda n: rand(n, 5, times=20, plus=1)  # noqa: E731

CASES = [
    ("nms", [boxes(40), rand(40), 0.3], {}),
    ("nms", [boxes(40, dtype="float64"), rand(40, dtype="float64"), 0.5], {}),
    ("nms", [values([0.0, 0, 2, 2], [0, 0, 2, 2], [1, 1, 1, 1], [1, 1, 1, 1]), values(0.5, 0.5, 0.9, 0.9), 0.5], {}),
    ("batched_nms", [boxes(60), rand(60), rand(60, times=3, dtype="int64"), 0.3], {}),
    ("batched_nms", [boxes(1100, 400), rand(1100), rand(1100, times=2, dtype="int64"), 0.1], {}),
    ("batched_nms", [boxes(0), rand(0), rand(0, dtype="int64"), 0.3], {}),
    ("remove_small_boxes", [boxes(12), 4.0], {}),
    ("clip_boxes_to_image", [boxes(6, grad=True), [8, 12]], {}),
    ("clip_boxes_to_image", [rand(2, 3, 4, times=30, plus=-5), [8, 12]], {}),
    *[("box_convert", [boxes(3, grad=True), a, b], {}) for a in STRAIGHT for b in STRAIGHT],
    *[("box_convert", [rand(3, 8 if a == "xyxyxyxy" else 5, times=30, grad=True), a, b], {}) for a in TURNED for b in TURNED],
    ("box_convert", [rand(3, 5, times=30, dtype="int64"), "xywhr", "cxcywhr"], {}),
    ("box_convert", [rand(3, 4, times=30, dtype="int32"), "xyxy", "cxcywh"], {}),
    *[("box_area", [boxes(4), f], {}) for f in STRAIGHT],
    ("box_area", [boxes(4, dtype="float16")], {}),
    *[("box_iou", [boxes(4, grad=True), boxes(3, grad=True), f], {}) for f in STRAIGHT],
    *[("box_iou", [turned(6), turned(4), f], {}) for f in TURNED[:2]],
    ("box_iou", [rand(2, 4, 4, times=20, dtype="int64"), rand(2, 3, 4, times=20, dtype="int64")], {}),
    ("generalized_box_iou", [boxes(4, grad=True), boxes(3, grad=True)], {}),
    ("distance_box_iou", [boxes(4, grad=True), boxes(3, grad=True)], {}),
    ("complete_box_iou", [boxes(4, grad=True), boxes(3, grad=True)], {}),
    *[
        (f"{kind}_box_iou_loss", [boxes(5, grad=True), boxes(5, grad=True)], {"reduction": how})
        for kind in ["generalized", "distance", "complete"]
        for how in ["none", "mean", "sum"]
    ],
    ("complete_box_iou_loss", [boxes(0), boxes(0)], {"reduction": "mean"}),
    ("sigmoid_focal_loss", [rand(6, 3, times=4, plus=-2, grad=True), rand(6, 3)], {}),
    ("masks_to_boxes", [values([[0, 0, 0], [0, 1, 1]], [[1, 0, 0], [0, 0, 0]], [[0, 0, 0], [0, 0, 0]])], {}),
    *[
        ("roi_align", [rand(2, 3, 9, 11, grad=True), rois(5, 2, 30), [3, 2]], {"spatial_scale": 0.4, "sampling_ratio": n, "aligned": a})
        for n in [-1, 0, 1, 2, 3]
        for a in [False, True]
    ],
    ("roi_align", [rand(2, 3, 9, 11, grad=True), [boxes(2, 9), boxes(1, 14)], 4], {}),
    ("roi_align", [rand(1, 2, 6, 6, grad=True, dtype="float64"), values([0, -3.0, -2, 9, 8], [0, 4, 4, 2, 1], dtype="float64"), 2], {}),
    ("roi_align", [rand(1, 2, 6, 6), rois(0, 1, 4), 2], {}),
    ("roi_pool", [rand(2, 3, 9, 11, grad=True), rois(5, 2, 30), [3, 2]], {"spatial_scale": 0.4}),
    ("roi_pool", [rand(2, 3, 9, 11, grad=True), [boxes(2, 9), boxes(1, 14)], 4], {}),
    ("roi_pool", [rand(1, 2, 6, 6, grad=True), values([0, -3.5, -2.5, 9, 8], [0, 4, 4, 2, 1], [0, 8, 8, 9, 9.0]), 2], {}),
    *[
        ("ps_roi_align", [rand(2, 12, 9, 11, grad=True), rois(5, 2, 30), [3, 2]], {"spatial_scale": 0.4, "sampling_ratio": n})
        for n in [-1, 2]
    ],
    ("ps_roi_align", [rand(2, 8, 9, 11, grad=True), [boxes(2, 9), boxes(1, 14)], 2], {}),
    ("ps_roi_pool", [rand(2, 12, 9, 11, grad=True), rois(5, 2, 30), [3, 2]], {"spatial_scale": 0.4}),
    # Away from the last row and column, where its gradients are not those of its results.
    ("ps_roi_pool", [rand(2, 8, 9, 11, grad=True), [boxes(2, 6), boxes(1, 5)], 2], {}),
    (
        "deform_conv2d",
        [rand(2, 4, 6, 5, grad=True), rand(2, 18, 6, 5, times=4, plus=-2, grad=True), rand(3, 4, 3, 3, grad=True), rand(3, grad=True)],
        {"padding": 1},
    ),
    (
        "deform_conv2d",
        [rand(2, 4, 6, 7, grad=True), rand(2, 24, 2, 7, times=4, plus=-2, grad=True), rand(6, 2, 3, 2, grad=True)],
        {"stride": [2, 1], "padding": [0, 1], "dilation": [1, 2], "mask": rand(2, 12, 2, 7, grad=True)},
    ),
    ("deform_conv2d", [rand(1, 2, 5, 5, grad=True), rand(1, 18, 3, 3, times=0, grad=True), rand(2, 2, 3, 3, grad=True)], {}),
    ("drop_block2d", [rand(2, 3, 8, 9, grad=True), 0.2, 3], {}),
    ("drop_block3d", [rand(1, 2, 4, 5, 6, grad=True), 0.3, 3], {}),
    ("drop_block2d", [rand(2, 3, 8, 9), 0.2, 3], {"training": False}),
]

POOLING = dict(x=rand(1, 4, 8, 8), r=rois(1, 1, 4))
ERRORS = [
    ("nms", [rand(4), rand(2), 0.5], {}),
    ("nms", [rand(2, 3), rand(2), 0.5], {}),
    ("nms", [rand(2, 4), rand(2, 1), 0.5], {}),
    ("nms", [rand(2, 4), rand(1), 0.5], {}),
    ("nms", [rand(2, 4, dtype="float64"), rand(2), 0.5], {}),
    ("nms", [rand(2, 4, dtype="float16"), rand(2, dtype="float16"), 0.5], {}),
    ("box_iou", [rand(1, 4), rand(1, 5), "cxcywhr"], {}),
    ("box_iou", [rand(1, 5), rand(1, 5, dtype="float64"), "cxcywhr"], {}),
    ("box_convert", [rand(1, 4), "xyxy", "xywhr"], {}),
    ("masks_to_boxes", [rand(3, 3)], {}),
    ("sigmoid_focal_loss", [rand(2), rand(2)], {"alpha": 3}),
    *[
        (name, args, {})
        for name in ["roi_align", "roi_pool", "ps_roi_align", "ps_roi_pool"]
        for args in [
            [POOLING["x"], rand(1, 4), 2],
            [POOLING["x"], [rand(1, 5)], 2],
            [{**POOLING["x"], "dtype": "float64"}, POOLING["r"], 2],
            [POOLING["x"], [], 2],
            [POOLING["x"], rand(5), 2],
        ]
    ],
    ("roi_align", [{**POOLING["x"], "dtype": "int64"}, {**POOLING["r"], "dtype": "int64"}, 2], {}),
    ("ps_roi_align", [POOLING["x"], POOLING["r"], 3], {}),
    ("ps_roi_pool", [POOLING["x"], POOLING["r"], 3], {}),
    *[
        ("deform_conv2d", args, named)
        for args, named in [
            ([rand(1, 4, 8, 8), rand(1, 10, 6, 6), rand(2, 4, 3, 3)], {}),
            ([rand(1, 4, 8, 8), rand(1, 18, 5, 6), rand(2, 4, 3, 3)], {}),
            ([rand(1, 4, 8, 8), rand(1, 18, 6, 6), rand(2, 4, 3, 3)], {"mask": rand(1, 4, 6, 6)}),
            ([rand(1, 4, 8, 8), rand(1, 18, 6, 6), rand(2, 4, 3, 3)], {"mask": rand(1, 9, 3, 6)}),
            ([rand(1, 4, 8, 8), rand(1, 18, 6, 6), rand(2, 4, 3, 3)], {"mask": rand(2, 9, 6, 6)}),
            ([rand(1, 4, 8, 8), rand(1, 26, 6, 6), rand(2, 4, 3, 3)], {}),
            ([rand(1, 4, 8, 8), rand(2, 18, 6, 6), rand(2, 4, 3, 3)], {}),
            ([rand(1, 4, 8, 8), rand(1, 18, 6, 6), rand(2, 4, 3, 3)], {"dilation": 4}),
            ([rand(1, 4, 8, 8), rand(1, 18, 6, 6), rand(2, 4, 3, 3)], {"padding": -1}),
            ([rand(1, 4, 8, 8), rand(1, 18, 6, 6), rand(2, 4, 3, 3)], {"dilation": 0}),
            ([rand(4, 8, 8), rand(1, 18, 6, 6), rand(2, 4, 3, 3)], {}),
        ]
    ],
    ("drop_block2d", [POOLING["x"], 1.5, 3], {}),
    ("drop_block2d", [POOLING["x"], 0.5, 2], {}),
    ("drop_block2d", [rand(3, 8, 8), 0.5, 3], {}),
    ("drop_block3d", [POOLING["x"], 0.5, 3], {}),
]


def refused(case):
    name, args, named = case
    try:
        getattr(ops, name)(*map(make, args), **{key: make(value) for key, value in named.items()})
    except Exception as error:  # noqa: BLE001
        text = str(error).split("\n")[0]
        # Compiled ones begin with where in their source they are.
        text = text.split(".cpp:")[1].split(", ", 1)[1] if ".cpp:" in text else text
        return {"name": name, "args": args, "named": named, "error": type(error).__name__, "text": text}
    raise AssertionError(case)


MODULES = [
    ("RoIAlign", [7, 0.5, 2]),
    ("RoIAlign", [[7, 5], 0.5, 2, True]),
    ("RoIPool", [7, 1.5]),
    ("PSRoIAlign", [7, 1.5, 2]),
    ("PSRoIPool", [7, 1.5]),
    ("MultiScaleRoIAlign", [["0", "1"], 7, 2]),
    ("DeformConv2d", [4, 6, 3]),
    ("DropBlock2d", [0.5, 3]),
    ("DropBlock3d", [0.5, 3, True]),
    ("FeaturePyramidNetwork", [[8, 16], 4]),
]


def tuples(x):
    return tuple(x) if isinstance(x, list) and all(isinstance(v, int) for v in x) else x


result = {
    "cases": [record(i, case) for i, case in enumerate(CASES)],
    "errors": [refused(case) for case in ERRORS],
    "printed": [{"name": name, "args": args, "text": str(getattr(ops, name)(*map(tuples, args)))} for name, args in MODULES],
}

torch.manual_seed(0)
pyramid = ops.FeaturePyramidNetwork([4, 6, 8], 5, ops.feature_pyramid_network.LastLevelP6P7(5, 5))
maps = {str(i): torch.rand(2, c, n, n) for i, (c, n) in enumerate([(4, 16), (6, 8), (8, 4)])}
out = pyramid(maps)
pool = ops.MultiScaleRoIAlign(["0", "1", "2"], 3, 2, canonical_scale=16, canonical_level=2)
regions = pool(out, [make(boxes(6, 60)), make(boxes(3, 30))], [(64, 64)])
result["pyramid"] = {
    "keys": list(pyramid.state_dict()),
    "names": list(out),
    "sums": [float(f"{x.double().abs().sum():.6g}") for x in out.values()],
    "regions": numbers(regions.detach().sum((2, 3))),
}
path = pathlib.Path(__file__).parent / "vision_ops.json.golden"
path.write_text(json.dumps(result, separators=(",", ":")) + "\n")
