"""What torchvision.utils and FakeData give: python vision_utils.py > vision_utils.json.golden (torchvision 0.29, PIL 12.3)."""
import base64
import json
import sys

import torch

registered = torch.library.register_fake
torch.library.register_fake = lambda name, *a, **k: (lambda f: f) if str(name).startswith('torchvision::') else registered(name, *a, **k)
import numpy as np  # noqa: E402
import torchvision  # noqa: E402
from torchvision import utils  # noqa: E402

torch.manual_seed(0)


def told(tensor):
    dtype = str(tensor.dtype).removeprefix('torch.')
    return {'dtype': dtype, 'shape': list(tensor.shape), 'data': base64.b64encode(np.ascontiguousarray(tensor.numpy()).tobytes()).decode()}


cases = []


def case(name, function, tensors, **options):
    def plain(value):
        return {'$tensor': told(value)} if isinstance(value, torch.Tensor) else value
    out = getattr(utils, function)(*tensors, **options)
    cases.append({'name': name, 'function': function, 'tensors': [told(t) for t in tensors], 'options': {k: plain(v) for k, v in options.items()}, 'out': told(out)})


batch = torch.rand(5, 3, 4, 3) * 3 - 1
case('a grid', 'make_grid', [batch], nrow=2)
case('a grid with a border', 'make_grid', [batch], nrow=3, padding=1, pad_value=0.5)
case('a grid of normalized pictures', 'make_grid', [batch], normalize=True)
case('a grid of pictures normalized each', 'make_grid', [batch], normalize=True, scale_each=True)
case('a grid of pictures in a range', 'make_grid', [batch], normalize=True, value_range=(-0.5, 1))
case('a grid of gray pictures', 'make_grid', [batch[:, :1]], nrow=2)
case('a grid of one picture', 'make_grid', [batch[0]])
case('a grid of one gray matrix', 'make_grid', [batch[0, 0]])

picture = torch.randint(0, 256, (3, 16, 18), dtype=torch.uint8)
boxes = torch.tensor([[1, 2, 9, 11], [5, 5, 17, 15], [-3, -2, 4, 4], [12, 8, 25, 30], [6, 6, 7, 7]])
case('boxes', 'draw_bounding_boxes', [picture, boxes])
case('boxes of one colour', 'draw_bounding_boxes', [picture, boxes], colors='red', width=2)
case('boxes of colours', 'draw_bounding_boxes', [picture, boxes], colors=['#ff00ff', (1, 2, 3), 'rgb(4, 5, 6)', 'rgb(10%, 20%, 30%)', '#123'], width=3)
case('filled boxes', 'draw_bounding_boxes', [picture, boxes], fill=True, width=1)
case('boxes on gray', 'draw_bounding_boxes', [picture[:1], boxes])
case('boxes on floats', 'draw_bounding_boxes', [torch.rand(3, 16, 18), boxes.float() + 0.4], fill=True)
masks = torch.rand(3, 16, 18) > 0.5
case('masks', 'draw_segmentation_masks', [picture, masks])
case('a mask', 'draw_segmentation_masks', [picture, masks[0]], alpha=0.3, colors='teal')
case('masks on floats', 'draw_segmentation_masks', [torch.rand(3, 16, 18), masks], alpha=0.5, colors=['red', (0, 100, 50), 'blue'])
points = torch.tensor([[[3.7, 4.2], [10, 12], [0, 15]], [[17, 2], [8, 8], [20, 20]]])
for radius in range(7):
    case(f'points of radius {radius}', 'draw_keypoints', [picture, points], colors='lime', radius=radius)
case('points that are seen', 'draw_keypoints', [picture, points], colors=(9, 8, 7), visibility=torch.tensor([[1, 0, 1], [0, 1, 0]]))
case('points of no colour', 'draw_keypoints', [picture, points])
lines = [(0, 1), (1, 2), (2, 0), (-1, 1), (1, 1)]
for width in range(6):
    case(f'points joined by lines of width {width}', 'draw_keypoints', [picture, points], colors='lime', connectivity=lines, width=width)
case('points that are seen, joined', 'draw_keypoints', [picture, points], colors='red', connectivity=lines, visibility=torch.tensor([[1, 0, 1], [1, 1, 1]]))
case('lines alone', 'draw_keypoints', [torch.rand(3, 16, 18), points], connectivity=lines)

wide = torch.randint(0, 256, (3, 40, 44), dtype=torch.uint8)
turned = torchvision.ops.box_convert(torch.tensor([[12, 14, 16, 10, 30], [30, 20, 20, 9, -65], [8, 30, 12, 12, 0], [22, 20, 30, 6, 100], [40, 38, 20, 20, 45], [20, 10, 1, 7, 10]], dtype=torch.float), 'cxcywhr', 'xyxyxyxy')
for width in range(1, 5):
    for fill in (False, True):
        case(f'{"filled " if fill else ""}boxes that are turned, of width {width}', 'draw_bounding_boxes', [wide, turned], colors=['red', 'lime', 'blue', 'white', 'teal', 'gold'], width=width, fill=fill)
generator = torch.Generator().manual_seed(5)
for i in range(8):
    any_corners = torch.randint(-10, 54, (4, 8), generator=generator)
    case(f'any four corners, {i}', 'draw_bounding_boxes', [wide, any_corners], colors=['red', 'lime', 'blue', 'white'], width=1 + i % 4, fill=i > 3)

case('flow', 'flow_to_image', [torch.randn(2, 2, 5, 6)])
case('flow of one picture', 'flow_to_image', [torch.randn(2, 5, 6)])

fake = torchvision.datasets.FakeData(5, (3, 4, 6), 10, random_offset=2)
made = [[base64.b64encode(np.asarray(image).tobytes()).decode(), target] for image, target in (fake[i] for i in range(5))]
json.dump({'cases': cases, 'fake': made}, sys.stdout)
