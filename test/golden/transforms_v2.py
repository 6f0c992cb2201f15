"""Records what torchvision's transforms.v2 make of small samples: python test/golden/transforms_v2.py"""

import base64
import json
import pathlib
import warnings

import numpy as np
import torch

# torchvision's compiled operators may be absent; its transforms do without them.
register_fake = torch.library.register_fake
torch.library.register_fake = lambda op, *a, **k: (
    (lambda f: f) if isinstance(op, str) and op.startswith("torchvision::") else register_fake(op, *a, **k)
)

from PIL import Image  # noqa: E402
from torchvision import tv_tensors  # noqa: E402
from torchvision.transforms import v2  # noqa: E402
from torchvision.transforms.v2 import functional as F  # noqa: E402

warnings.simplefilter("ignore")
HEIGHT, WIDTH = 6, 8

BOXES = {
    "XYXY": [[1, 1, 4, 5], [-2, 2, 3, 8], [5, 0, 8, 3]],
    "XYWH": [[1, 1, 3, 4], [-2, 2, 5, 6], [5, 0, 3, 3]],
    "CXCYWH": [[2.5, 3, 3, 4], [0.5, 5, 5, 6], [6.5, 1.5, 3, 3]],
    "XYWHR": [[1, 2, 4, 3, 20], [-1, 3, 5, 4, -35], [5, 2, 4, 2, 60]],
    "CXCYWHR": [[3, 3, 4, 3, 20], [1.5, 4, 5, 4, -35], [7, 2, 4, 2, 100]],
    "XYXYXYXY": [[1, 2, 5, 1, 5.5, 4, 1.5, 5], [-1, 3, 3, 5, 1, 8, -3, 6], [5, 2, 8, 0, 9, 1, 6, 3]],
}
POINTS = [[[1.0, 2.0], [7.0, 5.0]], [[-1.0, 3.0], [5.0, 0.5]]]


def values(*shape):
    i = np.arange(int(np.prod(shape)), dtype=np.int64)
    return torch.from_numpy(((i * 7919 + i * i % 251 * 13) % 256).astype(np.uint8)).view(*shape)


def shown(kind, *lead):
    dtype, channels = kind.split("x")
    t = values(*lead, int(channels), HEIGHT, WIDTH)
    return t if dtype == "uint8" else t.to(getattr(torch, dtype)) / 255 if "float" in dtype else t.to(getattr(torch, dtype)) * 100


def part(spec):
    """'uint8x3', 'image:uint8x3', 'video:uint8x3', 'picture:RGB', 'mask:2', 'mask', 'boxes:XYXY:float32:soft', 'points:float32', 'labels'"""
    name, *rest = spec.split(":")
    if name == "image":
        return tv_tensors.Image(shown(rest[0]))
    if name == "video":
        return tv_tensors.Video(shown(rest[0], 3))
    if name == "picture":
        channels = {"L": 1, "RGB": 3}[rest[0]]
        return Image.fromarray(values(channels, HEIGHT, WIDTH).permute(1, 2, 0).squeeze(-1).contiguous().numpy(), rest[0])
    if name == "mask":
        shape = [int(rest[0]), HEIGHT, WIDTH] if rest else [HEIGHT, WIDTH]
        return tv_tensors.Mask(values(*shape) % 4)
    if name == "boxes":
        format, dtype, mode = rest
        return tv_tensors.BoundingBoxes(
            torch.tensor(BOXES[format]).to(getattr(torch, dtype)),
            format=format, canvas_size=(HEIGHT, WIDTH), clamping_mode=None if mode == "None" else mode,
        )
    if name == "points":
        return tv_tensors.KeyPoints(torch.tensor(POINTS).to(getattr(torch, rest[0])), canvas_size=(HEIGHT, WIDTH))
    if name == "labels":
        return torch.tensor([4, 5, 6])
    if name == "batch":
        return torch.stack([shown(rest[0]), shown(rest[0]).flip(-1)])
    return shown(name)


def sample(spec):
    if isinstance(spec, dict):
        return {key: sample(value) for key, value in spec.items()}
    if isinstance(spec, list):
        return [sample(value) for value in spec]
    return part(spec)


def number(x):
    x = float(x)
    return str(x) if x != x or x in (float("inf"), float("-inf")) else round(x, 5)


def recorded(result):
    if isinstance(result, dict):
        return {"dict": {key: recorded(value) for key, value in result.items()}}
    if isinstance(result, (tuple, list)):
        return [recorded(r) for r in result]
    if isinstance(result, torch.Tensor):
        t = result.detach().as_subclass(torch.Tensor).contiguous()
        entry = {"is": type(result).__name__, "dtype": str(t.dtype)[6:], "shape": list(t.shape)}
        if t.dtype == torch.uint8:
            entry["data"] = base64.b64encode(t.numpy().tobytes()).decode()
        else:
            entry["values"] = [number(v) for v in t.flatten().tolist()]
        for name in ("canvas_size", "clamping_mode"):
            if hasattr(result, name):
                entry[name] = getattr(result, name)
        if hasattr(result, "format"):
            entry["format"] = result.format.value
        return entry
    if isinstance(result, Image.Image):
        planes = np.asarray(result).reshape(result.height, result.width, -1).transpose(2, 0, 1)
        return {"is": "picture", "shape": list(planes.shape), "data": base64.b64encode(np.ascontiguousarray(planes).tobytes()).decode()}
    return result


def given(value):
    if isinstance(value, str) and value.startswith("torch."):
        return getattr(torch, value[6:])
    if isinstance(value, dict) and "tensor" in value:
        return torch.tensor(value["tensor"])
    if isinstance(value, dict) and "by class" in value:
        names = {"Tensor": torch.Tensor, "others": "others"}
        return {names.get(k) or getattr(tv_tensors, k): given(v) for k, v in value["by class"].items()}
    if isinstance(value, dict) and "transforms" in value:
        return [getattr(v2, name)(**k) for name, k in value["transforms"]]
    return value


cases = []


def case(name, spec, kwargs=None, seed=None, plain=False):
    """A function without, a class with a seed. `plain` strips what tensors say of themselves."""
    kwargs = kwargs or {}
    entry = {"name": name, "sample": spec, "kwargs": kwargs}
    if seed is not None:
        entry["seed"] = seed
    if plain:
        entry["plain"] = True
    k = {key: given(v) for key, v in kwargs.items()}
    try:
        inputs = sample(spec)
        if plain:
            inputs = inputs.as_subclass(torch.Tensor)
        if seed is None:
            result = getattr(F, name)(inputs, **k)
        else:
            k = {key: tuple(v) if isinstance(v, list) and key not in ("transforms", "size", "padding", "kernel_size") else v for key, v in k.items()}
            transform = getattr(v2, name)(**k)
            entry["shown"] = repr(transform)
            torch.manual_seed(seed)
            result = transform(inputs)
            entry["next"] = round(torch.rand(1).item(), 6)
        entry["result"] = recorded(result)
    except Exception as error:
        text = error.args[0] if isinstance(error, KeyError) else str(error)
        entry["error"] = [type(error).__name__, repr(text) if isinstance(error, KeyError) else text]
    cases.append(entry)


UNTURNED, TURNED = ["XYXY", "XYWH", "CXCYWH"], ["XYWHR", "CXCYWHR", "XYXYXYXY"]
SHOWN = ["image:uint8x3", "video:uint8x1", "picture:RGB"]
PLACED = (
    ["mask:2", "mask", "points:float32", "points:int64"]
    + [f"boxes:{f}:float32:soft" for f in UNTURNED + TURNED]
    + [f"boxes:{f}:int64:soft" for f in UNTURNED]
    + [f"boxes:{f}:float32:hard" for f in TURNED]
    + ["boxes:XYXY:float64:None", "boxes:XYWHR:float64:None"]
)

# Geometry.
CORNERS = [[0, 0], [7, 0], [7, 5], [0, 5]]
MOVED = [[1, 0], [6, 1], [7, 4], [0, 5]]
DISPLACEMENT = {"tensor": [[[[0.1 * ((x * 3 + y) % 5) - 0.2, 0.07 * ((x + 2 * y) % 4)] for x in range(WIDTH)] for y in range(HEIGHT)]]}
GEOMETRY = [
    ("horizontal_flip", {}),
    ("vertical_flip", {}),
    ("resize", {"size": [5, 16]}),
    ("resize", {"size": [6], "interpolation": "nearest-exact", "max_size": 7}),
    ("resize", {"size": None, "max_size": 8, "interpolation": "bicubic"}),
    ("crop", {"top": 1, "left": 2, "height": 5, "width": 6}),
    ("crop", {"top": -1, "left": -2, "height": 5, "width": 13}),
    ("center_crop", {"output_size": [4, 11]}),
    ("pad", {"padding": [1, 2, 3, 0], "fill": 7}),
    ("resized_crop", {"top": 1, "left": 2, "height": 6, "width": 7, "size": [8, 5]}),
    ("affine", {"angle": 20.0, "translate": [1, -2], "scale": 1.2, "shear": [5.0, -8.0], "fill": 3}),
    ("affine", {"angle": -10, "translate": [0.5, 0], "scale": 0.7, "shear": [12.0], "center": [2, 3], "interpolation": "bilinear"}),
    ("rotate", {"angle": 30.0}),
    ("rotate", {"angle": -71.3, "expand": True, "interpolation": "bilinear", "fill": 9}),
    ("rotate", {"angle": 90.0, "expand": True}),
    ("rotate", {"angle": 12.0, "center": [1, 2]}),
    ("perspective", {"startpoints": CORNERS, "endpoints": MOVED}),
    ("elastic", {"displacement": DISPLACEMENT}),
]
for name, kwargs in GEOMETRY:
    for kind in SHOWN + PLACED:
        case(name, kind, kwargs)
for kind in SHOWN:
    case("five_crop", kind, {"size": [3, 4]})
    case("ten_crop", kind, {"size": [2, 3], "vertical_flip": True})
for mode in ("edge", "reflect", "symmetric"):
    for kind in ("uint8x3", "video:float32x1", "mask", "picture:RGB", "boxes:XYXY:float32:soft", "points:float32"):
        case("pad", kind, {"padding": 2, "padding_mode": mode})
case("pad", "image:uint8x3", {"padding": [1, 2], "fill": [1, 2, 3]})
case("pad", "mask", {"padding": [1, 2], "fill": [1, 2, 3]})

# Colours.
COLOURS = [
    ("rgb_to_grayscale", {}), ("rgb_to_grayscale", {"num_output_channels": 3}), ("grayscale_to_rgb", {}),
    ("adjust_brightness", {"brightness_factor": 1.37}), ("adjust_contrast", {"contrast_factor": 0.6}), ("adjust_contrast", {"contrast_factor": 1.9}),
    ("adjust_saturation", {"saturation_factor": 0.3}), ("adjust_saturation", {"saturation_factor": 1.7}), ("adjust_sharpness", {"sharpness_factor": 0.4}),
    ("adjust_sharpness", {"sharpness_factor": 2.3}), ("adjust_hue", {"hue_factor": -0.21}), ("adjust_hue", {"hue_factor": 0.5}),
    ("adjust_gamma", {"gamma": 0.5}), ("adjust_gamma", {"gamma": 2.2, "gain": 1.3}), ("posterize", {"bits": 3}), ("autocontrast", {}), ("equalize", {}), ("invert", {}),
]
for name, kwargs in COLOURS:
    for kind in ("uint8x3", "image:float32x3", "uint8x1", "video:uint8x3", "int16x1", "picture:RGB"):
        case(name, kind, kwargs)
for kind, threshold in (("uint8x3", 100), ("float32x1", 0.4), ("picture:RGB", 100), ("uint8x1", 256), ("float32x1", 1.5)):
    case("solarize", kind, {"threshold": threshold})
for kind in ("uint8x3", "video:uint8x3", "picture:RGB"):
    case("permute_channels", kind, {"permutation": [2, 0, 1]})
case("permute_channels", "uint8x3", {"permutation": [0, 1]})

# Values.
for dtype in ("uint8", "int16", "int32", "int64", "float32", "float64"):
    for kind in ("uint8x1", "image:float32x1", "int16x1"):
        case("to_dtype", kind, {"dtype": f"torch.{dtype}", "scale": True})
    case("to_dtype", "boxes:XYXY:float32:soft", {"dtype": f"torch.{dtype}", "scale": True})
case("to_dtype", "uint8x1", {"dtype": "torch.float32"})
case("normalize", "image:float32x3", {"mean": [0.5, 0.4, 0.3], "std": [0.2, 0.1, 0.3]})
case("normalize", "video:float32x3", {"mean": [0.5], "std": [0.2]})
case("normalize", "uint8x3", {"mean": [0.5], "std": [0.2]})
case("normalize", "float32x3", {"mean": [0.5], "std": [0.0]})
for kind in SHOWN:
    case("gaussian_blur", kind, {"kernel_size": [5, 3], "sigma": [0.6, 1.4]})
case("gaussian_blur", "uint8x3", {"kernel_size": 3})
case("gaussian_blur", "uint8x3", {"kernel_size": [2, 3]})
case("gaussian_blur", "uint8x3", {"kernel_size": [3, 3], "sigma": 0.0})
for kind in SHOWN:
    case("erase", kind, {"i": 1, "j": 2, "h": 3, "w": 4, "v": {"tensor": [[[9]]]}})
case("uniform_temporal_subsample", "video:uint8x1", {"num_samples": 2})
case("get_size", "boxes:XYXY:float32:soft")
case("get_size", "mask")
case("get_size", "picture:RGB")
case("get_dimensions", "video:uint8x3")
case("get_dimensions", "mask")
case("get_num_frames", "video:uint8x3")
case("get_num_channels", "picture:L")

# Boxes and points.
for old in UNTURNED + TURNED:
    for new in UNTURNED if old in UNTURNED else TURNED:
        for dtype in ("float32", "int64") if old in UNTURNED else ("float64",):
            case("convert_bounding_box_format", f"boxes:{old}:{dtype}:soft", {"new_format": new})
    for mode in ("soft", "hard", None, "auto"):
        case("clamp_bounding_boxes", f"boxes:{old}:float32:hard", {"clamping_mode": mode})
    case("sanitize_bounding_boxes", f"boxes:{old}:float32:soft")
    case("sanitize_bounding_boxes", f"boxes:{old}:float32:soft", {"min_size": 3.5, "min_area": 13})
case("convert_bounding_box_format", "boxes:XYXY:float32:soft", {"new_format": "XYWHR"})
case("convert_bounding_box_format", "boxes:XYXY:float32:soft", {"new_format": "cxcywh", "old_format": "XYXY"})
case("convert_bounding_box_format", "boxes:XYXY:float32:soft", {"new_format": "cxcywh", "old_format": "XYXY"}, plain=True)
case("convert_bounding_box_format", "boxes:XYXY:float32:soft", {"new_format": "cxcywh"}, plain=True)
case("convert_bounding_box_format", "boxes:XYXY:float32:soft")
case("clamp_bounding_boxes", "boxes:XYXY:float32:soft", plain=True)
case("clamp_bounding_boxes", "boxes:XYXY:float32:soft", {"clamping_mode": "some"})
case("clamp_keypoints", "points:float32")
case("clamp_keypoints", "points:int64")
case("clamp_keypoints", "points:int64", plain=True)
case("sanitize_keypoints", "points:float32")
case("sanitize_keypoints", "points:float32", {"canvas_size": [1, 2]})

# Classes.
SAMPLE = {"image": "image:uint8x3", "boxes": "boxes:XYXY:float32:soft", "mask": "mask:3", "labels": "labels"}
TRIPLE = ["uint8x3", {"boxes": "boxes:CXCYWHR:float32:soft", "points": "points:float32"}, "labels"]
PICTURE = ["picture:RGB", "boxes:XYWH:float32:soft"]
CLASSES = [
    ("RandomHorizontalFlip", {}), ("RandomVerticalFlip", {"p": 0.9}), ("Resize", {"size": 5, "antialias": None}), ("CenterCrop", {"size": [4, 11]}),
    ("RandomResizedCrop", {"size": 6}), ("Pad", {"padding": [1, 2], "fill": 3}), ("RandomZoomOut", {"p": 0.8, "fill": 2}),
    ("RandomRotation", {"degrees": 40}), ("RandomRotation", {"degrees": [10, 80], "expand": True}),
    ("RandomAffine", {"degrees": 20, "translate": [0.1, 0.3], "scale": [0.7, 1.2], "shear": [-5, 5, 0, 9]}), ("RandomCrop", {"size": [5, 7], "padding": 2}),
    ("RandomCrop", {"size": 11, "pad_if_needed": True}), ("RandomPerspective", {"distortion_scale": 0.6, "p": 0.8}), ("ElasticTransform", {"alpha": 20.0, "sigma": 0.4}),
    ("ScaleJitter", {"target_size": [8, 9]}), ("RandomShortestSize", {"min_size": [4, 6, 7], "max_size": 9}), ("RandomResize", {"min_size": 4, "max_size": 9}),
    ("Grayscale", {}), ("RandomGrayscale", {"p": 0.6}), ("RGB", {}), ("ColorJitter", {"brightness": 0.4, "contrast": 0.3, "saturation": [0.5, 1.5], "hue": 0.1}),
    ("RandomChannelPermutation", {}), ("RandomPhotometricDistort", {}), ("RandomEqualize", {}), ("RandomInvert", {}), ("RandomPosterize", {"bits": 3}),
    ("RandomSolarize", {"threshold": 128.5}), ("RandomAutocontrast", {}), ("RandomAdjustSharpness", {"sharpness_factor": 2.5}),
    ("GaussianBlur", {"kernel_size": [3, 5]}), ("RandomErasing", {"p": 0.8}), ("Identity", {}),
]
for name, kwargs in CLASSES:
    for seed, spec in enumerate((SAMPLE, TRIPLE, PICTURE)):
        case(name, spec, kwargs, seed=seed)
for seed in range(4):
    case("RandomIoUCrop", SAMPLE, {}, seed=seed)
    case("RandomErasing", ["image:float32x3"], {"p": 0.9, "value": "random"}, seed=seed)
    for kind in ("uint8x3", "picture:RGB", "image:float32x3", "video:uint8x3"):
        for name in ("AutoAugment", "RandAugment", "TrivialAugmentWide", "AugMix"):
            case(name, [kind, "labels"], {}, seed=seed)
    case("GaussianNoise", ["image:uint8x3", "labels"], {}, seed=seed)
    case("GaussianNoise", ["float32x3", "mask"], {"mean": 0.1, "sigma": 0.3, "clip": False}, seed=seed)
    case("RandomChoice", SAMPLE, {"transforms": {"transforms": [["RandomInvert", {"p": 1}], ["RandomHorizontalFlip", {"p": 1}]]}, "p": [1, 3]}, seed=seed)
    case("RandomOrder", SAMPLE, {"transforms": {"transforms": [["RandomInvert", {"p": 0.5}], ["Resize", {"size": 5}], ["RandomCrop", {"size": 4}]]}}, seed=seed)
    case("RandomApply", SAMPLE, {"transforms": {"transforms": [["RandomInvert", {"p": 1}]]}}, seed=seed)
    case("MixUp", ["batch:float32x3", "labels"], {"num_classes": 7}, seed=seed)
case("Compose", SAMPLE, {"transforms": {"transforms": [["RandomHorizontalFlip", {"p": 0.7}], ["RandomResizedCrop", {"size": 5}], ["ConvertBoundingBoxFormat", {"format": "cxcywh"}], ["SanitizeBoundingBoxes", {}]]}}, seed=3)
case("Resize", [["uint8x3", "float32x3"], "image:uint8x1"], {"size": [2, 3]}, seed=0)
case("Resize", ["float32x1", "uint8x1"], {"size": [2, 3]}, seed=0)
case("Resize", "picture:L", {"size": None, "max_size": 6}, seed=0)
case("FiveCrop", ["image:uint8x1", "labels"], {"size": 2}, seed=0)
case("TenCrop", ["picture:L", "labels"], {"size": [2, 3], "vertical_flip": True}, seed=0)
case("FiveCrop", SAMPLE, {"size": 2}, seed=0)
case("Normalize", ["image:float32x3", "mask"], {"mean": [0.5, 0.4, 0.3], "std": [0.2, 0.1, 0.3]}, seed=0)
case("Normalize", PICTURE, {"mean": [0.5], "std": [0.2]}, seed=0)
case("ToDtype", SAMPLE, {"dtype": "torch.float32", "scale": True}, seed=0)
case("ToDtype", SAMPLE, {"dtype": {"by class": {"Image": "torch.float32", "Mask": "torch.int64", "others": None}}}, seed=0)
case("ToDtype", SAMPLE, {"dtype": {"by class": {"Image": "torch.float32"}}}, seed=0)
case("Pad", SAMPLE, {"padding": 1, "fill": {"by class": {"Image": [1, 2, 3], "Mask": 2, "others": 0}}}, seed=0)
case("ConvertImageDtype", ["uint8x3", "labels"], {}, seed=0)
case("ToImage", ["picture:RGB", "labels"], {}, seed=0)
case("ToImage", ["uint8x1", "mask"], {}, seed=0)
case("ToPILImage", ["image:uint8x3", "mask"], {}, seed=0)
case("PILToTensor", ["picture:RGB", "mask"], {}, seed=0)
case("ToPureTensor", SAMPLE, {}, seed=0)
case("ConvertBoundingBoxFormat", SAMPLE, {"format": "XYWH"}, seed=0)
case("ClampBoundingBoxes", TRIPLE, {}, seed=0)
case("ClampBoundingBoxes", TRIPLE, {"clamping_mode": "hard"}, seed=0)
case("ClampKeyPoints", TRIPLE, {}, seed=0)
case("SetClampingMode", SAMPLE, {"clamping_mode": "hard"}, seed=0)
case("SanitizeBoundingBoxes", SAMPLE, {}, seed=0)
case("SanitizeBoundingBoxes", SAMPLE, {"min_size": 3.5}, seed=0)
case("SanitizeBoundingBoxes", ["image:uint8x3", {"boxes": "boxes:XYWHR:float32:soft"}], {"labels_getter": None}, seed=0)
case("SanitizeBoundingBoxes", ["image:uint8x3", {"boxes": "boxes:XYWHR:float32:soft"}], {}, seed=0)
case("SanitizeKeyPoints", TRIPLE, {}, seed=0)
case("UniformTemporalSubsample", ["video:uint8x1", "labels"], {"num_samples": 2}, seed=0)
case("CutMix", ["batch:float32x3", "labels"], {"num_classes": 7}, seed=1)

# What is refused.
for name, spec, kwargs in (
    ("RandomHorizontalFlip", "uint8x3", {"p": 2.0}), ("Resize", "uint8x3", {"size": [1, 2, 3]}), ("Resize", "uint8x3", {"size": None}), ("Resize", "uint8x3", {"size": 4, "interpolation": "some"}),
    ("Resize", "uint8x3", {"size": [4, 5], "max_size": 9}), ("Resize", "uint8x3", {"size": 4, "interpolation": "lanczos", "antialias": False}), ("RandomResizedCrop", "uint8x3", {"size": 3, "scale": [1]}),
    ("Pad", "uint8x3", {"padding": [1, 2, 3]}), ("Pad", "uint8x3", {"padding": 1, "padding_mode": "some"}), ("Pad", "uint8x3", {"padding": 1, "fill": "some"}),
    ("RandomZoomOut", "uint8x3", {"side_range": [0.5, 2]}), ("RandomRotation", "uint8x3", {"degrees": -1}), ("RandomAffine", "uint8x3", {"degrees": 1, "translate": [2.0, 0.0]}),
    ("RandomCrop", SAMPLE, {"size": 11}), ("RandomCrop", SAMPLE, {"size": 11, "padding": 1}), ("RandomPerspective", "uint8x3", {"distortion_scale": 2.0}), ("ElasticTransform", "uint8x3", {"alpha": [1.0, 2.0, 3.0]}),
    ("RandomIoUCrop", ["uint8x3"], {}), ("RandomIoUCrop", ["mask", "boxes:XYXY:float32:soft"], {}), ("ColorJitter", "uint8x3", {"brightness": -1.0}), ("ColorJitter", "uint8x3", {"hue": [0.0, 0.7]}),
    ("RandomGrayscale", ["mask"], {"p": 1}), ("RandomCrop", ["labels"], {"size": 3}), ("RandomAffine", ["image:uint8x3", "picture:L", "video:uint8x3"], {"degrees": 3}), ("RandomGrayscale", ["image:uint8x3", "picture:L"], {"p": 1}),
    ("GaussianBlur", "uint8x3", {"kernel_size": 2}), ("GaussianBlur", "uint8x3", {"kernel_size": 3, "sigma": [2.0, 1.0]}), ("RandomErasing", "uint8x3", {"scale": [0.1, 2.0]}),
    ("RandomErasing", "float32x3", {"p": 1, "value": [0.1, 0.2]}), ("GaussianNoise", "picture:RGB", {}), ("GaussianNoise", "int16x1", {}), ("AutoAugment", SAMPLE, {}), ("RandAugment", ["labels", "image:uint8x3", "image:uint8x3"], {}),
    ("RandAugment", ["mask"], {}), ("AugMix", "uint8x3", {"severity": 11}), ("SanitizeBoundingBoxes", SAMPLE, {"min_size": 0.5}), ("SanitizeBoundingBoxes", ["uint8x3", "labels"], {}), ("SanitizeBoundingBoxes", {"image": "uint8x3"}, {}),
    ("SanitizeBoundingBoxes", SAMPLE, {"labels_getter": "some"}), ("SetClampingMode", SAMPLE, {"clamping_mode": "some"}), ("ConvertBoundingBoxFormat", SAMPLE, {"format": "XY"}), ("Compose", "uint8x3", {"transforms": []}),
    ("RandomChoice", "uint8x3", {"transforms": {"transforms": [["RGB", {}]]}, "p": [1, 2]}), ("MixUp", ["batch:float32x3", "labels"], {"num_classes": 7}), ("MixUp", ["batch:float32x3", "labels"], {}), ("CutMix", PICTURE, {}),
    ("JPEG", "uint8x3", {"quality": 101}), ("ToDtype", "uint8x3", {"dtype": 3}), ("Grayscale", "uint8x3", {"num_output_channels": 2}),
):
    case(name, spec, kwargs, seed=0)
for name, spec, kwargs in (
    ("horizontal_flip", "boxes:XYXY:float32:soft", {}), ("rgb_to_grayscale", "video:uint8x3", {}), ("adjust_brightness", "uint8x1", {"brightness_factor": -1.0}), ("adjust_hue", "uint8x3", {"hue_factor": 0.6}),
    ("adjust_gamma", "uint8x3", {"gamma": -1.0}), ("posterize", "uint8x3", {"bits": 9}), ("affine", "uint8x3", {"angle": 3.0, "translate": [1], "scale": 1.0, "shear": [0.0]}), ("affine", "mask", {"angle": 3.0, "translate": [1, 1], "scale": 0.0, "shear": [0.0]}),
    ("perspective", "uint8x3", {"startpoints": None, "endpoints": None}), ("perspective", "boxes:XYXY:float32:soft", {"startpoints": None, "endpoints": None, "coefficients": [1.0]}), ("elastic", "boxes:XYXY:float32:soft", {"displacement": {"tensor": [[[[0.0, 0.0]]]]}}),
    ("five_crop", "image:uint8x3", {"size": [20, 3]}), ("rotate", "uint8x3", {"angle": 3.0, "interpolation": "bicubic"}), ("pad", "uint8x3", {"padding": [1, 2, 3]}), ("pad", "image:uint8x3", {"padding": 1, "fill": [1, 2, 3], "padding_mode": "edge"}),
):
    case(name, spec, kwargs)

path = pathlib.Path(__file__).with_name("transforms_v2.json.golden")
path.write_text("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")
print(len(cases), path.stat().st_size, sum("error" in c for c in cases))
