"""Random cases of torchvision's transforms: python test/golden/transforms_grid.py [COUNT [SEED [FILE [MODE...]]]]

Names, inputs and arguments are drawn; what torchvision makes of them is recorded with them. Where modes are named, all inputs are pictures of
these: transforms_modes.json.golden is of `1500 7 transforms_modes.json.golden 1 I F 'I;16'`, transforms_spaces.json.golden of
`700 8 transforms_spaces.json.golden YCbCr HSV CMYK`.
"""

import base64
import inspect
import json
import pathlib
import random
import sys
import warnings

import numpy as np
import torch

# torchvision's compiled operators may be absent; its transforms do without them.
register_fake = torch.library.register_fake
torch.library.register_fake = lambda op, *a, **k: (
    (lambda f: f) if isinstance(op, str) and op.startswith("torchvision::") else register_fake(op, *a, **k)
)

from PIL import Image  # noqa: E402
from torchvision import transforms as v1, tv_tensors  # noqa: E402
from torchvision.transforms import _presets as presets  # noqa: E402
from torchvision.transforms import functional as f1  # noqa: E402
from torchvision.transforms import v2  # noqa: E402
from torchvision.transforms.v2 import functional as f2  # noqa: E402

warnings.simplefilter("ignore")
COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else 0
SIDE = 14 if len(sys.argv) > 3 else 9
rng = random.Random(SEED)
CHANNELS = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4, "1": 1, "I": 1, "F": 1, "I;16": 1, "YCbCr": 3, "HSV": 3, "CMYK": 4}
PICTURES = sys.argv[4:] or ["L", "LA", "RGB", "RGB", "RGBA"]
MODES = ["nearest", "nearest-exact", "bilinear", "bicubic", "box", "hamming", "lanczos"]


def one(*choices):
    return rng.choice(choices)


def real(low, high):
    return round(rng.uniform(low, high), 3)


def values(count, kind):
    """Bytes: noise, a slope, few levels, or all alike."""
    i = np.arange(count, dtype=np.int64)
    x = (i * 7919 + i * i % 251 * 13 + kind * 37) % 256
    form = kind % 4
    if form == 1:
        x = i * (kind % 7 + 1) // 2 % 256
    elif form == 2:
        x = x // 64 * 64
    elif form == 3:
        x = x % 16 + kind % 200
    return torch.from_numpy(x.astype(np.uint8))


def draw_input(api):
    """What a case is of: `picture:RGB:5x7:3`, `uint8:3x5x7:3`, `image:…`, `video:…`, `mask:…`, `boxes:FORMAT:5x7:3`, `points:5x7:3`."""
    h, w, kind = rng.randint(1, SIDE), rng.randint(1, SIDE), rng.randrange(64)
    what = rng.random()
    if what < 0.42 or len(sys.argv) > 4:
        return f"picture:{one(*PICTURES)}:{h}x{w}:{kind}"
    lead = one("", "", "", "2x", "1x2x")
    dtype = one("uint8", "uint8", "float32", "float64", "int16", "int32", "int64", "float16")
    channels = one(1, 3, 3, 3, 2, 4)
    if api == "v1" or what < 0.6:
        return f"{dtype}:{lead}{channels}x{h}x{w}:{kind}"
    if what < 0.7:
        return f"image:{dtype}:{lead}{channels}x{h}x{w}:{kind}"
    if what < 0.78:
        return f"video:{dtype}:2x{channels}x{h}x{w}:{kind}"
    if what < 0.85:
        return f"mask:{one('', '2x', '1x3x')}{h}x{w}:{kind}"
    if what < 0.95:
        return f"boxes:{one('XYXY', 'XYWH', 'CXCYWH', 'XYWHR', 'CXCYWHR', 'XYXYXYXY')}:{one('soft', 'hard', 'None')}:{h}x{w}:{kind}"
    return f"points:{h}x{w}:{kind}"


def shape_of(text):
    return [int(size) for size in text.split("x")]


def tensor(dtype, shape, kind):
    t = values(int(np.prod(shape)), kind).view(shape)
    if dtype == "uint8":
        return t
    to = getattr(torch, dtype)
    return t.to(to) / 255 if to.is_floating_point else t.to(to) * 100


# What bytes become in modes of other values.
WIDER = {
    "1": lambda v: v > 127,
    "I": lambda v: v.astype(np.int32) * 300 - 20000,
    "F": lambda v: (v.astype(np.float32) - 20) * np.float32(1.25),
    "I;16": lambda v: v.astype(np.uint16) * 257,
}


def make_input(spec):
    name, *rest = spec.split(":")
    kind = int(rest[-1])
    if name == "picture":
        mode, (h, w) = rest[0], shape_of(rest[1])
        channels = CHANNELS[mode]
        if mode in WIDER:
            return Image.fromarray(WIDER[mode](values(h * w, kind).view(h, w).numpy()))
        return Image.fromarray(values(h * w * channels, kind).view(h, w, channels).squeeze(-1).numpy(), mode)
    if name in ("image", "video"):
        return getattr(tv_tensors, name.capitalize())(tensor(rest[0], shape_of(rest[1]), kind))
    if name == "mask":
        shape = shape_of(rest[0])
        return tv_tensors.Mask(values(int(np.prod(shape)), kind).view(shape) % 5)
    if name == "boxes":
        format, mode, size = rest[0], rest[1], shape_of(rest[2])
        columns = {"XYXY": 4, "XYWH": 4, "CXCYWH": 4, "XYWHR": 5, "CXCYWHR": 5, "XYXYXYXY": 8}[format]
        numbers = values(3 * columns, kind).float().view(3, columns) / 256 * max(size) * 1.3 - 1
        return tv_tensors.BoundingBoxes(numbers, format=format, canvas_size=tuple(size), clamping_mode=None if mode == "None" else mode)
    if name == "points":
        size = shape_of(rest[0])
        return tv_tensors.KeyPoints(values(8, kind).float().view(2, 2, 2) / 256 * max(size) * 1.3 - 1, canvas_size=tuple(size))
    return tensor(name, shape_of(rest[0]), kind)


def channels_of(spec):
    name, *rest = spec.split(":")
    if name == "picture":
        return CHANNELS[rest[0]]
    if name in ("boxes", "points", "mask"):
        return 1
    shape = shape_of(rest[1] if name in ("image", "video") else rest[0])
    return shape[-3]


def fill(spec):
    n = channels_of(spec)
    return one(None, 0, 3, 7, [5], [rng.randint(0, 255) for _ in range(n)], [real(0, 200) for _ in range(n)])


def size():
    return one(rng.randint(1, 16), [rng.randint(1, 16)], [rng.randint(1, 16), rng.randint(1, 16)], [rng.randint(1, 16), rng.randint(1, 16)])


def interpolation():
    return one(*MODES) if rng.random() < 0.3 else one("nearest", "bilinear", "bicubic")


def warp_mode(spec):
    return interpolation() if rng.random() < 0.1 else one("nearest", "bilinear", *(["bicubic"] if spec.startswith("picture") else []))


def points(h=10, w=10):
    return [[rng.randint(0, w), rng.randint(0, h)] for _ in range(4)]


def some(**options):
    """Options, each left out now and then."""
    return {key: value for key, value in options.items() if rng.random() < 0.7}


CORNERS = lambda: [[0, 0], [rng.randint(3, 12), 0], [rng.randint(3, 12), rng.randint(3, 12)], [0, rng.randint(3, 12)]]  # noqa: E731


def odd():
    return one(1, 3, 3, 5)


# What may be asked for: by name, whether it has a seed, and its arguments.
FUNCTIONS = {
    "resize": lambda s: {"size": size(), **some(interpolation=interpolation(), antialias=one(True, False), max_size=one(None, None, 9, 20))},
    "crop": lambda s: {"top": rng.randint(-4, 8), "left": rng.randint(-4, 8), "height": rng.randint(1, 12), "width": rng.randint(1, 12)},
    "center_crop": lambda s: {"output_size": size()},
    "pad": lambda s: {"padding": one(rng.randint(0, 4), [rng.randint(0, 3)], [rng.randint(0, 3), rng.randint(0, 3)], [rng.randint(-1, 3) for _ in range(4)]), **some(fill=one(0, 3, 7) if rng.random() < 0.6 else one(3, [rng.randint(0, 255) for _ in range(channels_of(s))]), padding_mode=one("constant", "edge", "reflect", "symmetric"))},
    "resized_crop": lambda s: {"top": rng.randint(-3, 5), "left": rng.randint(-3, 5), "height": rng.randint(1, 12), "width": rng.randint(1, 12), "size": size(), **some(interpolation=interpolation(), antialias=one(True, False))},
    "hflip": lambda s: {},
    "vflip": lambda s: {},
    "five_crop": lambda s: {"size": one(rng.randint(1, 6), [rng.randint(1, 6), rng.randint(1, 6)])},
    "ten_crop": lambda s: {"size": one(rng.randint(1, 6), [rng.randint(1, 6), rng.randint(1, 6)]), **some(vertical_flip=True)},
    "adjust_brightness": lambda s: {"brightness_factor": real(-0.1, 3)},
    "adjust_contrast": lambda s: {"contrast_factor": real(-0.1, 3)},
    "adjust_saturation": lambda s: {"saturation_factor": real(-0.1, 3)},
    "adjust_hue": lambda s: {"hue_factor": real(-0.52, 0.52)},
    "adjust_gamma": lambda s: {"gamma": real(-0.05, 3), **some(gain=real(0, 2))},
    "adjust_sharpness": lambda s: {"sharpness_factor": real(-0.1, 3)},
    "invert": lambda s: {},
    "posterize": lambda s: {"bits": rng.randint(0, 8)},
    "solarize": lambda s: {"threshold": one(rng.randint(0, 256), real(0, 1), 128.5)},
    "autocontrast": lambda s: {},
    "equalize": lambda s: {},
    "rgb_to_grayscale": lambda s: {"num_output_channels": one(1, 3)},
    "rotate": lambda s: {"angle": one(real(-400, 400), 0, 90, 180, 270, -90), **some(interpolation=warp_mode(s), expand=one(True, False), center=one(None, [rng.randint(0, 8), rng.randint(0, 8)]), fill=fill(s))},
    "affine": lambda s: {"angle": real(-200, 200), "translate": [rng.randint(-4, 4), rng.randint(-4, 4)], "scale": real(0.3, 2.5), "shear": [real(-40, 40), one(0.0, real(-40, 40))], **some(interpolation=warp_mode(s), fill=fill(s), center=one(None, [rng.randint(0, 8), rng.randint(0, 8)]))},
    "perspective": lambda s: {"startpoints": CORNERS(), "endpoints": CORNERS(), **some(interpolation=warp_mode(s), fill=fill(s))},
    "gaussian_blur": lambda s: {"kernel_size": [odd(), odd()], **some(sigma=one([real(0.2, 3), real(0.2, 3)], real(0.2, 3)))},
}
V1_FUNCTIONS = {
    **FUNCTIONS,
    "to_grayscale": lambda s: {"num_output_channels": one(1, 3)},
    "convert_image_dtype": lambda s: {"dtype": "torch." + one("uint8", "int16", "int32", "int64", "float32", "float64")},
    "to_tensor": lambda s: {},
    "pil_to_tensor": lambda s: {},
    "get_dimensions": lambda s: {},
    "get_image_size": lambda s: {},
    "erase": lambda s: {"i": rng.randint(0, 5), "j": rng.randint(0, 5), "h": rng.randint(1, 5), "w": rng.randint(1, 5), "v": {"tensor": [[[9]]]}},
    "normalize": lambda s: {"mean": [real(0, 1) for _ in range(one(1, channels_of(s)))], "std": [real(0.1, 1) for _ in range(one(1, channels_of(s)))]},
}
V2_FUNCTIONS = {
    **FUNCTIONS,
    "horizontal_flip": lambda s: {},
    "vertical_flip": lambda s: {},
    "grayscale_to_rgb": lambda s: {},
    "permute_channels": lambda s: {"permutation": rng.sample(range(channels_of(s)), channels_of(s))},
    "get_size": lambda s: {},
    "get_dimensions": lambda s: {},
    "get_num_channels": lambda s: {},
    "to_image": lambda s: {},
    "to_dtype": lambda s: {"dtype": "torch." + one("uint8", "int16", "int32", "int64", "float32", "float64"), "scale": one(True, False)},
    "normalize": V1_FUNCTIONS["normalize"],
    "erase": V1_FUNCTIONS["erase"],
    "convert_bounding_box_format": lambda s: {"new_format": one("XYXY", "XYWH", "CXCYWH", "XYWHR", "CXCYWHR", "XYXYXYXY")},
    "clamp_bounding_boxes": lambda s: {},
    "clamp_keypoints": lambda s: {},
    "sanitize_bounding_boxes": lambda s: some(min_size=real(1, 4)),
}
POLICIES = ["imagenet", "cifar10", "svhn"]
CLASSES = {
    "Resize": FUNCTIONS["resize"],
    "CenterCrop": lambda s: {"size": size()},
    "Pad": FUNCTIONS["pad"],
    "RandomCrop": lambda s: {"size": one(rng.randint(1, 10), [rng.randint(1, 10), rng.randint(1, 10)]), **some(padding=one(None, 2, [1, 2]), pad_if_needed=True, fill=one(0, 5), padding_mode=one("constant", "edge", "reflect", "symmetric"))},
    "RandomHorizontalFlip": lambda s: some(p=real(0, 1)),
    "RandomVerticalFlip": lambda s: some(p=real(0, 1)),
    "RandomResizedCrop": lambda s: {"size": one(rng.randint(1, 12), [rng.randint(1, 12), rng.randint(1, 12)]), **some(scale=[real(0.05, 0.5), real(0.5, 1)], ratio=[real(0.3, 1), real(1, 3)], interpolation=interpolation(), antialias=one(True, False))},
    "FiveCrop": FUNCTIONS["five_crop"],
    "TenCrop": FUNCTIONS["ten_crop"],
    "ColorJitter": lambda s: some(brightness=one(real(0, 1), [real(0, 1), real(1, 2)]), contrast=real(0, 1.5), saturation=real(0, 1.5), hue=one(real(0, 0.5), [real(-0.5, 0), real(0, 0.5)])),
    "RandomRotation": lambda s: {"degrees": one(real(0, 180), [real(-90, 0), real(0, 200)]), **some(interpolation=warp_mode(s), expand=one(True, False), fill=one(0, 4, 8))},
    "RandomAffine": lambda s: {"degrees": one(real(0, 180), [real(-90, 0), real(0, 200)]), **some(translate=[real(0, 0.5), real(0, 0.5)], scale=[real(0.4, 1), real(1, 2)], shear=one(real(0, 40), [real(-30, 0), real(0, 30)], [real(-30, 0), real(0, 30), real(-30, 0), real(0, 30)]), interpolation=warp_mode(s), fill=one(0, 4, 8))},
    "RandomPerspective": lambda s: some(distortion_scale=real(0, 1), p=real(0.3, 1), interpolation=warp_mode(s), fill=one(0, 4, 8)),
    "ElasticTransform": lambda s: some(alpha=one(real(0, 60), [real(0, 60), real(0, 60)]), sigma=one(real(0.3, 1), real(0.3, 0.8)), interpolation=warp_mode(s), fill=one(0, 4)),
    "GaussianBlur": lambda s: {"kernel_size": one(odd(), [odd(), odd()]), **some(sigma=one(real(0.2, 2), [real(0.1, 1), real(1, 3)]))},
    "RandomErasing": lambda s: some(p=real(0.5, 1), scale=[real(0.02, 0.2), real(0.2, 0.6)], ratio=[real(0.2, 1), real(1, 3)], value=one(0, 0.5, "random", [real(0, 1) for _ in range(channels_of(s))])),
    "Grayscale": lambda s: {"num_output_channels": one(1, 3)},
    "RandomGrayscale": lambda s: some(p=real(0, 1)),
    "RandomInvert": lambda s: some(p=real(0, 1)),
    "RandomPosterize": lambda s: {"bits": rng.randint(0, 8), **some(p=real(0, 1))},
    "RandomSolarize": lambda s: {"threshold": one(rng.randint(0, 256), real(0, 1)), **some(p=real(0, 1))},
    "RandomAdjustSharpness": lambda s: {"sharpness_factor": real(0, 3), **some(p=real(0, 1))},
    "RandomAutocontrast": lambda s: some(p=real(0, 1)),
    "RandomEqualize": lambda s: some(p=real(0, 1)),
    "AutoAugment": lambda s: some(policy={"policy": one(*POLICIES)}, interpolation=warp_mode(s), fill=fill(s)),
    "RandAugment": lambda s: some(num_ops=rng.randint(1, 4), magnitude=rng.randint(0, 30), interpolation=warp_mode(s), fill=fill(s)),
    "TrivialAugmentWide": lambda s: some(interpolation=warp_mode(s), fill=fill(s)),
    "AugMix": lambda s: some(severity=rng.randint(1, 10), mixture_width=rng.randint(1, 4), chain_depth=one(-1, 1, 3), alpha=real(0.3, 2), all_ops=one(True, False), interpolation=warp_mode(s), fill=fill(s)),
    "Normalize": V1_FUNCTIONS["normalize"],
    "PILToTensor": lambda s: {},
}
V1_CLASSES = {**CLASSES, "ToTensor": lambda s: {}, "ConvertImageDtype": V1_FUNCTIONS["convert_image_dtype"]}
V2_CLASSES = {
    **CLASSES,
    "RandomZoomOut": lambda s: some(p=real(0.3, 1), fill=one(0, 5), side_range=[real(1, 1.5), real(1.5, 3)]),
    "ScaleJitter": lambda s: {"target_size": [rng.randint(4, 14), rng.randint(4, 14)], **some(scale_range=[real(0.3, 1), real(1, 2)])},
    "RandomShortestSize": lambda s: {"min_size": one(5, [4, 6, 9]), **some(max_size=9)},
    "RandomResize": lambda s: {"min_size": 4, "max_size": 9},
    "RandomChannelPermutation": lambda s: {},
    "RandomPhotometricDistort": lambda s: some(p=real(0, 1)),
    "RGB": lambda s: {},
    "ToImage": lambda s: {},
    "ClampBoundingBoxes": lambda s: {},
    "ConvertBoundingBoxFormat": lambda s: {"format": one("XYXY", "XYWH", "CXCYWH", "XYWHR", "CXCYWHR", "XYXYXYXY")},
    "GaussianNoise": lambda s: some(mean=real(0, 0.3), sigma=real(0, 0.3), clip=one(True, False)),
}
PRESETS = {
    "ImageClassification": lambda s: {"crop_size": rng.randint(2, 12), "resize_size": rng.randint(2, 14), **some(interpolation={"mode": one("bilinear", "bicubic")}, antialias=one(True, False))},
    "SemanticSegmentation": lambda s: {"resize_size": one(None, rng.randint(2, 14)), **some(interpolation={"mode": one("bilinear", "bicubic")})},
    "ObjectDetection": lambda s: {},
}
APIS = {
    "v1.functional": (f1, V1_FUNCTIONS), "v2.functional": (f2, V2_FUNCTIONS), "v1": (v1, V1_CLASSES), "v2": (v2, V2_CLASSES), "presets": (presets, PRESETS), "v2.kernels": (f2, V2_FUNCTIONS),
}
WEIGHTS = [6, 6, 5, 5, 1, 4]


def number(x):
    x = float(x)
    return str(x) if x != x or x in (float("inf"), float("-inf")) else float(f"{x:.6g}")


def recorded(result):
    if isinstance(result, (tuple, list)):
        return [recorded(r) for r in result]
    if isinstance(result, torch.Tensor):
        t = result.detach().as_subclass(torch.Tensor).contiguous()
        entry = {"is": type(result).__name__, "dtype": str(t.dtype)[6:], "shape": list(t.shape)}
        if t.dtype == torch.uint8:
            entry["data"] = base64.b64encode(t.numpy().tobytes()).decode()
        else:
            entry["values"] = [v if isinstance(v, int) and abs(v) < 2**53 else number(v) for v in t.flatten().tolist()]
        for name in ("canvas_size", "clamping_mode"):
            if hasattr(result, name):
                entry[name] = getattr(result, name)
        if hasattr(result, "format"):
            entry["format"] = result.format.value
        return entry
    if isinstance(result, Image.Image):
        planes = np.asarray(result).reshape(result.height, result.width, len(result.getbands())).transpose(2, 0, 1)
        entry = {"is": "picture", "mode": result.mode, "shape": list(planes.shape)}
        if result.mode in ("I", "F", "I;16"):
            return {**entry, "values": [v if isinstance(v, int) else number(v) for v in planes.flatten().tolist()]}
        if result.mode == "1":
            planes = planes * np.uint8(255)
        return {**entry, "data": base64.b64encode(np.ascontiguousarray(planes).tobytes()).decode()}
    return result


def given(value):
    if isinstance(value, str) and value.startswith("torch."):
        return getattr(torch, value[6:])
    if isinstance(value, dict) and "tensor" in value:
        return torch.tensor(value["tensor"])
    if isinstance(value, dict) and "policy" in value:
        return v1.AutoAugmentPolicy(value["policy"])
    if isinstance(value, dict) and "format" in value:
        return tv_tensors.BoundingBoxFormat[value["format"]]
    if isinstance(value, dict) and "mode" in value:
        return v1.InterpolationMode(value["mode"])
    return value


def kernel(name, spec, kwargs):
    """The kernel of a function for an input's kind, with what it takes beside it."""
    kind = spec.split(":")[0]
    ending = {"boxes": "bounding_boxes", "points": "keypoints", "mask": "mask", "image": "image", "video": "video"}.get(kind)
    function = getattr(f2, f"{name}_{ending}", None)
    if ending is None or function is None or name.startswith("get_size"):
        return None, None
    takes = inspect.signature(function).parameters
    rest = spec.split(":")
    if "canvas_size" in takes:
        kwargs["canvas_size"] = shape_of(rest[-2])
    if "format" in takes:
        kwargs["format"] = {"format": rest[1]}
    if "clamping_mode" in takes:
        kwargs["clamping_mode"] = None if rest[2] == "None" else rest[2]
    return f"{name}_{ending}", {key: value for key, value in kwargs.items() if key in takes}


def is_usable(case):
    """Whether it says how things are to be: images have no shape, and PyTorch averages wrongly where one column remains."""
    if case is None or case.get("error", [""])[0] == "AttributeError" or any(text in str(case.get("error")) for text in ("_stub", "bool tensor is not")):
        return False
    # PIL takes 16 bits for 8 where it warps smoothly.
    warps = any(word in case["name"].lower() for word in ("affine", "rot", "perspective", "aug"))
    if "I;16" in case["input"] and warps and case["kwargs"].get("interpolation") != "nearest" and "result" in case:
        return False
    results = case.get("result")
    widths = [r["shape"][-1] for r in (results if isinstance(results, list) else [results]) if isinstance(r, dict) and r["shape"]]
    return not (any(word in case["name"] + str(case["kwargs"]) for word in ("esize", "Jitter")) and 1 in widths)


def record(seed):
    api = rng.choices(list(APIS), WEIGHTS)[0]
    module, table = APIS[api]
    name = one(*table)
    spec = draw_input(api[:2])
    kwargs = table[name](spec)
    if api == "v2.kernels":
        name, kwargs = kernel(name, spec, kwargs)
        if name is None:
            return None
    case = {"api": api, "name": name, "input": spec, "kwargs": kwargs}
    # v1 takes names of modes as an enum.
    k = {key: v1.InterpolationMode(value) if key == "interpolation" and isinstance(value, str) else given(value) for key, value in kwargs.items()}
    try:
        if api == "v2.kernels":
            case["result"] = recorded(getattr(module, name)(make_input(spec).as_subclass(torch.Tensor), **k))
        elif api.endswith("functional"):
            case["result"] = recorded(getattr(module, name)(make_input(spec), **k))
        else:
            case["seed"] = seed
            k = {key: tuple(v) if isinstance(v, list) and key not in ("size", "padding", "kernel_size", "fill") else v for key, v in k.items()}
            transform = getattr(module, name)(**k)
            case["shown"] = repr(transform)
            torch.manual_seed(seed)
            case["result"] = recorded(transform(make_input(spec)))
            case["next"] = round(torch.rand(1).item(), 6)
    except Exception as error:
        text = error.args[0] if isinstance(error, KeyError) else str(error)
        case["error"] = [type(error).__name__, text if isinstance(text, str) else repr(text)]
    return case


if __name__ == "__main__":
    cases = [case for case in map(record, range(COUNT)) if is_usable(case)]
    path = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 else pathlib.Path(__file__).with_name("transforms_grid.json.golden")
    path.write_text("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")
    print(len(cases), path.stat().st_size, sum("error" in c for c in cases))
