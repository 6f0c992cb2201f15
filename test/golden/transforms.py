"""Records what torchvision's transforms make of small images and tensors: python test/golden/transforms.py"""

import base64
import json
import pathlib

import numpy as np
import torch

# torchvision's compiled operators may be absent; its transforms do without them.
register_fake = torch.library.register_fake
torch.library.register_fake = lambda op, *a, **k: (
    (lambda f: f) if isinstance(op, str) and op.startswith("torchvision::") else register_fake(op, *a, **k)
)

from PIL import Image  # noqa: E402
from torchvision import transforms  # noqa: E402
from torchvision.transforms import functional as F  # noqa: E402

CHANNELS = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4}


def values(kind, width, height, channels):
    i = np.arange(width * height * channels, dtype=np.int64)
    x = (i * 7919 + i * i % 251 * 13) % 256
    if kind == "dull":
        x = x // 3 + 50
    return x.astype(np.uint8).reshape(channels, height, width)


def picture(spec):
    mode, width, height, kind = spec
    if mode in CHANNELS:
        planes = values(kind, width, height, CHANNELS[mode])
        return Image.fromarray(np.ascontiguousarray(planes.transpose(1, 2, 0)).squeeze(), mode) if height > 1 and width > 1 else Image.fromarray(
            planes.transpose(1, 2, 0).reshape((height, width) if CHANNELS[mode] == 1 else (height, width, -1)).copy(), mode
        )
    # 'uint8x3', 'float32x1', with a batch: 'float32x3x2'
    dtype, channels, *batch = mode.split("x")
    lead = [int(n) for n in batch]
    count = int(np.prod(lead)) if lead else 1
    t = torch.from_numpy(values(kind, width, height, int(channels) * count)).view(*lead, int(channels), height, width)
    return t if dtype == "uint8" else t.to(getattr(torch, dtype)) / 255 if "float" in dtype else t.to(getattr(torch, dtype))


def recorded(result):
    if isinstance(result, (tuple, list)):
        return [recorded(r) for r in result]
    if isinstance(result, torch.Tensor):
        t = result.detach().contiguous()
        if t.dtype == torch.uint8:
            return {"uint8": list(t.shape), "data": base64.b64encode(t.numpy().tobytes()).decode()}
        return {str(t.dtype)[6:]: list(t.shape), "values": [round(float(v), 6) for v in t.flatten().tolist()]}
    array = np.asarray(result)
    planes = array.reshape(result.height, result.width, -1).transpose(2, 0, 1)
    return {"image": [result.mode, result.width, result.height], "data": base64.b64encode(np.ascontiguousarray(planes).tobytes()).decode()}


def given(value):
    if isinstance(value, str) and value in {m.value for m in F.InterpolationMode}:
        return F.InterpolationMode(value)
    if isinstance(value, str) and value.startswith("torch."):
        return getattr(torch, value[6:])
    if isinstance(value, dict) and "tensor" in value:
        return torch.tensor(value["tensor"])
    return value


cases = []


def case(name, spec, *args, seed=None, of=F, **kwargs):
    entry = {"name": name, "img": list(spec), "args": list(args)}
    if kwargs:
        entry["kwargs"] = kwargs
    try:
        a = [given(v) for v in args]
        k = {key: given(v) for key, v in kwargs.items()}
        if seed is None:
            result = getattr(of, name)(picture(spec), *a, **k)
        else:
            entry["seed"] = seed
            # Arrays print as tuples, which is how Python's programs give them.
            a = [tuple(v) if isinstance(v, list) else v for v in a]
            k = {key: tuple(v) if isinstance(v, list) else v for key, v in k.items()}
            transform = getattr(of, name)(*a, **k)
            entry["shown"] = repr(transform)
            torch.manual_seed(seed)
            result = transform(picture(spec))
            entry["next"] = round(torch.rand(1).item(), 6)
        entry["result"] = recorded(result)
    except Exception as error:
        entry["error"] = [type(error).__name__, str(error)]
    cases.append(entry)


def p(mode, width=7, height=5, kind="random"):
    return (mode, width, height, kind)


IMAGES = ["L", "LA", "RGB", "RGBA"]
TENSORS = ["uint8x3", "float32x3"]
MODES = ["nearest", "nearest-exact", "bilinear", "bicubic", "box", "hamming", "lanczos"]

# Sizes.
for mode in IMAGES:
    for interpolation in MODES:
        for size in ([3, 4], [11, 9], [5, 10]):
            if mode in ("RGB", "LA") or size == [3, 4]:
                case("resize", p(mode), size, interpolation)
case("resize", p("RGB", 1, 130), [7, 2], "bilinear")
case("resize", p("L", 31, 17), 8, "bilinear")
case("resize", p("L", 17, 31), 8, "bicubic", 12)
for tensor in TENSORS + ["float64x1", "uint8x1", "int16x1"]:
    for interpolation in ["nearest", "nearest-exact", "bilinear", "bicubic"]:
        case("resize", p(tensor), [3, 4], interpolation)
        if tensor in TENSORS:
            case("resize", p(tensor), [11, 9], interpolation, antialias=False)
case("resize", p("float32x3x2"), 3)
for args in ([[1, 2, 3]], [[]], [[3, 4], "bilinear", 9], [5, "bilinear", 4], [5, "bilinear", 5]):
    case("resize", p("uint8x3"), *args)
case("resize", p("RGB"), [0, 3])
for spec in (p("RGB"), p("uint8x3"), p("LA"), p("float32x1x2")):
    case("center_crop", spec, 3)
    case("center_crop", spec, [2, 9])
    case("five_crop", spec, [3, 4])
    case("ten_crop", spec, 2)
    case("ten_crop", spec, [2, 3], vertical_flip=True)
    case("resized_crop", spec, 1, 2, 3, 4, [6, 5])
    case("five_crop", spec, [6, 4])

# Colours.
for spec in (p("L"), p("LA"), p("RGB"), p("RGBA"), p("uint8x3"), p("float32x3"), p("uint8x1"), p("float32x3x2"), p("RGB", 2, 2)):
    for factor in (0.0, 0.37, 1.0, 1.6):
        for name in ("adjust_brightness", "adjust_contrast", "adjust_saturation", "adjust_sharpness"):
            case(name, spec, factor)
    for factor in (-0.5, -0.21, 0.0, 0.3):
        case("adjust_hue", spec, factor)
    for gamma, gain in ((0.5, 1.0), (2.2, 1.3)):
        case("adjust_gamma", spec, gamma, gain)
    if spec[0] not in ("LA", "RGBA"):
        case("invert", spec)
        case("autocontrast", (*spec[:3], "dull"))
        case("solarize", spec, 100 if "float" not in spec[0] else 0.4)
        case("rgb_to_grayscale", spec)
for spec in (p("L", 40, 30), p("RGB", 40, 30, "dull"), p("uint8x3", 40, 30, "dull"), p("L"), p("uint8x1"), p("float32x3")):
    case("equalize", spec)
    for bits in (0, 3, 8):
        case("posterize", spec, bits)
case("rgb_to_grayscale", p("RGBA"))
case("rgb_to_grayscale", p("LA"))
case("rgb_to_grayscale", p("RGB"), 3)
case("rgb_to_grayscale", p("uint8x3"), 3)
case("rgb_to_grayscale", p("uint8x2"))
case("adjust_hue", p("uint8x3"), 0.6)
case("adjust_hue", p("RGB"), 0.6)
case("adjust_brightness", p("uint8x3"), -1.0)
case("adjust_brightness", p("uint8x2"), 1.0)
case("adjust_contrast", p("uint8x2"), 1.0)
case("adjust_gamma", p("RGB"), -1.0)
case("posterize", p("RGB"), 9)
case("solarize", p("float32x3"), 2.0)
case("solarize", p("uint8x3"), 256)
for dtype in ("uint8", "int16", "int32", "int64", "float32", "float64"):
    for spec in (p("uint8x1"), p("float32x1"), p("int16x1")):
        case("convert_image_dtype", spec, f"torch.{dtype}")

# Geometry.
for spec in (p("L"), p("LA"), p("RGB"), p("RGBA"), p("uint8x3"), p("float32x3"), p("float32x1x2"), p("uint8x1", 6, 6)):
    isTensor = "x" in spec[0]
    for interpolation in ("nearest", "bilinear") if isTensor else ("nearest", "bilinear", "bicubic"):
        for angle, options in ((30.0, {}), (-71.3, {"expand": True}), (90.0, {"expand": True}), (90.0, {}), (180.0, {}), (12.0, {"center": [1, 2], "fill": 77 if not isTensor else [0.5]})):
            case("rotate", spec, angle, interpolation, **options)
        case("affine", spec, 20.0, [1, -2], 1.2, [5.0, -8.0], interpolation)
        case("affine", spec, 0.0, [2, 1], 1.0, [0.0, 0.0], interpolation)
        case("affine", spec, 0.0, [0, 0], 0.7, 12.0, interpolation, fill=[9] if not isTensor else [0.25], center=[0, 0])
        corners = [[0, 0], [6, 0], [6, 4], [0, 4]]
        if spec[1] == 6:
            continue
        case("perspective", spec, corners, [[1, 0], [5, 1], [6, 3], [0, 4]], interpolation)
        case("perspective", spec, corners, [[0, 1], [6, 0], [4, 4], [1, 3]], interpolation, fill=[200] if not isTensor else [0.5])
    case("gaussian_blur", spec, 3)
    case("gaussian_blur", spec, [5, 3], [0.6, 1.4])
    case("elastic_transform", spec, {"tensor": [[[[0.1 * ((x * 3 + y) % 5) - 0.2, 0.07 * ((x + 2 * y) % 4)] for x in range(spec[1])] for y in range(spec[2])]]})
case("rotate", p("uint8x3"), 3.0, "bicubic")
case("rotate", p("RGB"), 3.0, "lanczos")
case("rotate", p("RGB"), 3.0, fill=[1, 2])
case("rotate", p("uint8x3"), 3.0, fill=[1, 2])
case("affine", p("RGB"), 3.0, [1], 1.0, [0.0])
case("affine", p("RGB"), 3.0, [1, 1], 0.0, [0.0])
case("affine", p("RGB"), 3.0, [1, 1], 1.0, [0.0, 1.0, 2.0])
case("perspective", p("RGB"), [[0, 0]], [[0, 0]])
case("elastic_transform", p("RGB"), {"tensor": [[[[0.0, 0.0]]]]})
for args in ([2], [[3]], [3, [1.0, 2.0, 3.0]], [3, 0.0]):
    case("gaussian_blur", p("RGB"), *args)
case("erase", p("float32x3"), 1, 2, 3, 2, {"tensor": [[[0.5]]]})
case("erase", p("uint8x3"), 3, 5, 3, 4, {"tensor": [[[9]]]})

# Classes, by seed.
T = transforms
for seed in (0, 1, 2):
    for spec in (p("RGB", 12, 9), p("uint8x3", 12, 9)):
        case("RandomResizedCrop", spec, 6, seed=seed, of=T)
        case("RandomResizedCrop", spec, [4, 5], [0.2, 0.5], [0.9, 3.0], "bicubic", seed=seed, of=T)
        case("ColorJitter", spec, 0.4, 0.3, [0.5, 1.5], 0.1, seed=seed, of=T)
        case("RandomGrayscale", spec, 0.5, seed=seed, of=T)
        case("RandomInvert", spec, seed=seed, of=T)
        case("RandomPosterize", spec, 3, seed=seed, of=T)
        case("RandomSolarize", spec, 128, seed=seed, of=T)
        case("RandomAdjustSharpness", spec, 2, seed=seed, of=T)
        case("RandomAutocontrast", spec, seed=seed, of=T)
        case("RandomEqualize", spec, seed=seed, of=T)
        case("RandomRotation", spec, 40, "bilinear", seed=seed, of=T)
        case("RandomRotation", spec, [10, 80], expand=True, fill=3, seed=seed, of=T)
        case("RandomAffine", spec, 20, [0.1, 0.3], [0.7, 1.2], [-5, 5, 0, 9], seed=seed, of=T)
        case("RandomAffine", spec, [0, 0], shear=10, interpolation="bilinear", fill=7, center=[1, 2], seed=seed, of=T)
        case("RandomPerspective", spec, 0.6, 0.8, seed=seed, of=T)
        case("ElasticTransform", spec, 20.0, 0.9, seed=seed, of=T)
        case("GaussianBlur", spec, [3, 5], seed=seed, of=T)
        case("RandAugment", spec, 3, seed=seed, of=T)
        case("RandAugment", spec, fill=[1, 2, 3], seed=seed, of=T)
        case("TrivialAugmentWide", spec, seed=seed, of=T)
        case("AugMix", spec, seed=seed, of=T)
        case("AutoAugment", spec, seed=seed, of=T)
    for value in (0, "random", [0.1, 0.2, 0.3]):
        case("RandomErasing", p("float32x3", 12, 9), 0.9, value=value, seed=seed, of=T)
case("Resize", p("RGB"), 4, max_size=9, seed=0, of=T)
case("Resize", p("RGB"), [2, 3], "nearest", seed=0, of=T)
case("FiveCrop", p("RGB"), 2, seed=0, of=T)
case("TenCrop", p("RGB"), [2, 3], True, seed=0, of=T)
case("ConvertImageDtype", p("uint8x3"), "torch.float32", seed=0, of=T)
for name, args in (
    ("ColorJitter", [-1]), ("ColorJitter", [0, 0, 0, 0.6]), ("ColorJitter", [[0.5]]), ("ColorJitter", [[1.5, 0.5]]),
    ("RandomRotation", [-3]), ("RandomRotation", [[1]]), ("RandomAffine", [3, [2, 0]]), ("RandomAffine", [3, None, [0, 1]]),
    ("RandomAffine", [3, None, None, [1, 2, 3]]), ("RandomErasing", [2]), ("RandomErasing", [0.5, [0.1, 2]]), ("RandomErasing", [0.5, [0.02, 0.33], [0.3, 3.3], "other"]),
    ("GaussianBlur", [2]), ("GaussianBlur", [3, 0]), ("GaussianBlur", [3, [2, 1]]), ("GaussianBlur", [3, [1, 1, 1]]), ("Resize", [[1, 2, 3]]),
    ("FiveCrop", [[1, 2, 3]]), ("AugMix", [11]), ("ElasticTransform", [[1.0, 2.0, 3.0]]),
):
    case(name, p("RGB"), *args, seed=0, of=T)

path = pathlib.Path(__file__).with_name("transforms.json.golden")
path.write_text("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")
print(len(cases), path.stat().st_size, sum("error" in c for c in cases))
