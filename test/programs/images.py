"""Images to learn from: bars, crosses and frames at random places, with noise."""

import torch


def images(count, size):
    kinds = torch.randint(0, 3, (count,))
    places = torch.randint(2, size - 6, (count, 2))
    pixels = torch.rand(count, 1, size, size) * 0.2
    for image, kind, (y, x) in zip(pixels, kinds.tolist(), places.tolist()):
        patch = image[0, y : y + 5, x : x + 5]
        if kind == 0:
            patch[2] += 0.8
        elif kind == 1:
            patch[2] += 0.8
            patch[:, 2] += 0.8
        else:
            patch += 0.8
            patch[1:4, 1:4] -= 0.8
    return pixels, kinds
