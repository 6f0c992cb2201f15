"""Records files of data sets whose layout is binary, as their authors' programs write them, for test/vision-sets.test.ts: python vision_sets.py (with numpy and scipy)."""
import base64
import bz2
import io
import json
import os
import zlib

import numpy as np
from scipy.io import savemat


def mat(compress, **arrays):
    file = io.BytesIO()
    savemat(file, arrays, do_compression=compress)
    return file.getvalue()


# An image is told by its corner: rows, columns and channels go up by different steps.
rows, columns, channels = np.ogrid[:32, :32, :3]
image = (rows * 3 + columns + channels * 50).astype('u1')
x = np.stack([image, 255 - image, image // 2], axis=-1)
y = np.array([[1], [10], [9]], 'u1')
pixels = np.linspace(-1, 1, 256).reshape(1, 256) * np.array([[1], [.5]])
lines = ''.join(f"{label} {' '.join(f'{i + 1}:{v:.6g}' for i, v in enumerate(row))} \n" for label, row in zip([7, 10], pixels))
files = {
    'train_32x32.mat': mat(True, X=x, y=y),
    'test_32x32.mat': mat(False, X=x[..., :1], y=y[:1].astype('f8')),
    'imagelabels.mat': mat(True, labels=np.array([[77, 3, 102]], 'u1')),
    'setid.mat': mat(True, trnid=np.array([[3, 1]], 'u2'), valid=np.array([[2]], 'u2'), tstid=np.array([[1, 2, 3]], 'u2')),
    'annotation_0001.mat': mat(True, box_coord=np.array([[30, 137, 49, 349]], 'u2'), obj_contour=np.array([[37.2, 64.5, 1], [2, 5, 6.5]])),
    'usps.bz2': bz2.compress(lines.encode()),
}
# What torchvision makes of the pixels.
usps = ((np.asarray([[f'{v:.6g}' for v in row] for row in pixels], dtype=np.float32) + 1) / 2 * 255).astype(np.uint8)
result = {'files': {name: base64.b64encode(zlib.compress(content, 9)).decode() for name, content in files.items()},
          'svhn': [x[..., i].tolist() for i in range(1)], 'usps': usps.tolist()}
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'vision_sets.json.golden')
with open(path, 'w') as file:
    json.dump(result, file, separators=(',', ':'))
    file.write('\n')
print(os.path.getsize(path))
