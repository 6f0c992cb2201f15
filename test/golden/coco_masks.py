"""Records masks of polygons and runs as pycocotools decodes them: python test/golden/coco_masks.py"""

import json
import pathlib
import random

import numpy as np
from pycocotools import mask

random.seed(1)


def text(pixels):
    return "".join(map(str, pixels.flatten().tolist()))


def place(size):
    return random.choice([round(random.uniform(-2, size + 2), 2), float(random.randint(0, size)), random.randint(0, size) + 0.5])


cases = []
for i in range(80):
    h, w = random.randint(1, 14), random.randint(1, 14)
    polygons = [[v for _ in range(random.randint(3, 7)) for v in (place(w), place(h))] for _ in range(random.randint(1, 3))]
    cases.append([polygons, h, w, text(mask.decode(mask.merge(mask.frPyObjects(polygons, h, w))))])
    pixels = np.asfortranarray((np.random.RandomState(i).rand(h, w) > random.choice([0.1, 0.5, 0.95])).astype(np.uint8))
    packed = mask.encode(pixels)
    cases.append([{"size": packed["size"], "counts": packed["counts"].decode()}, h, w, text(pixels)])
path = pathlib.Path(__file__).with_name("coco_masks.json.golden")
path.write_text("[\n" + ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases) + "\n]\n")
