"""Image files and what PIL decodes of them: python vision_images.py > vision_images.json.golden (PIL 12.3, torchvision 0.29)."""
import base64
import io
import json
import struct
import sys
import zlib

import numpy as np
import torch

# torchvision's own ops are not there where its library does not load.
registered = torch.library.register_fake
torch.library.register_fake = lambda name, *a, **k: (lambda f: f) if str(name).startswith('torchvision::') else registered(name, *a, **k)
from PIL import Image, ImageOps  # noqa: E402
from torchvision.transforms import functional as F  # noqa: E402

rng = np.random.default_rng(3)
text = lambda data: base64.b64encode(bytes(data)).decode()
cases = []


def values_of(image):
    """Its values; those of bits are 0 and 255."""
    values = np.asarray(image)
    return values.astype(np.uint8) * np.uint8(255) if image.mode == '1' else values


def case(name, data, exact=True):
    opened = Image.open(io.BytesIO(data))
    expected = opened.convert({'P': 'RGBA' if 'transparency' in opened.info else 'RGB', 'CMYK': 'RGB'}.get(opened.mode, opened.mode))
    values = values_of(expected)
    upright = values_of(ImageOps.exif_transpose(expected))
    cases.append({
        'name': name, 'file': text(data), 'mode': expected.mode, 'size': opened.size,
        'values': text(values.tobytes()), 'exact': exact,
        **({} if upright.tobytes() == values.tobytes() and upright.shape == values.shape else {'upright': [upright.shape[1], upright.shape[0], text(upright.tobytes())]}),
    })


def saved(image, format='PNG', **options):
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def smooth(height, width, channels):
    y, x = np.mgrid[0:height, 0:width]
    planes = [(128 + 100 * np.sin(x / (3 + c) + c) * np.cos(y / (4 - c))).astype(np.uint8) for c in range(channels)]
    return np.stack(planes, -1) if channels > 1 else planes[0]


# PNG as PIL writes it.
for mode, channels in (('L', 1), ('LA', 2), ('RGB', 3), ('RGBA', 4)):
    for name, values in (('smooth', smooth(11, 13, channels)), ('noise', rng.integers(0, 256, (5, 7, channels) if channels > 1 else (5, 7), np.uint8))):
        case(f'PNG {mode} {name}', saved(Image.fromarray(values, mode)))
case('PNG 1', saved(Image.fromarray((smooth(9, 11, 1) > 128))))
palette = Image.fromarray(smooth(9, 11, 3)).quantize(200)
case('PNG P', saved(palette))
case('PNG P transparent', saved(palette, transparency=bytes(range(0, 200))))
for bits in (1, 2, 4):
    case(f'PNG P of {bits} bits', saved(Image.fromarray(smooth(9, 11, 3)).quantize(2**bits), bits=bits))
case('PNG 16 bits', saved(Image.fromarray(rng.integers(0, 65536, (5, 7), np.uint16))))
case('PNG with orientation', saved(Image.fromarray(smooth(5, 7, 3)), exif=(lambda e: (e.__setitem__(0x0112, 6), e)[1])(Image.Exif())))


# And what it does not write.
def png(width, height, depth, color_type, pixels, interlaced=False, extra=b''):
    """pixels: rows of lists of samples"""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[color_type]
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)] if interlaced else [(0, 0, 1, 1)]
    raw = b''
    for left, top, across, down in passes:
        for y in range(top, height, down):
            bits = ''.join(f'{int(s):0{depth}b}' for x in range(left, width, across) for s in pixels[y][x])
            if bits:
                bits += '0' * (-len(bits) % 8)
                raw += b'\0' + bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))
    chunk = lambda type, data: struct.pack('>I', len(data)) + type + data + struct.pack('>I', zlib.crc32(type + data))
    header = struct.pack('>IIBBBBB', width, height, depth, color_type, 0, 0, int(interlaced))
    return b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', header) + extra + chunk(b'IDAT', zlib.compress(raw)) + chunk(b'IEND', b'')


for depth, color_type in ((1, 0), (2, 0), (4, 0), (8, 0), (16, 2), (16, 4), (16, 6), (8, 2), (8, 6)):
    channels = {0: 1, 2: 3, 4: 2, 6: 4}[color_type]
    for interlaced in (False, True):
        pixels = rng.integers(0, 2**depth, (6, 9, channels))
        case(f'PNG type {color_type} of {depth} bits{" interlaced" if interlaced else ""}', png(9, 6, depth, color_type, pixels, interlaced))
case('PNG of one pixel, interlaced', png(1, 1, 8, 2, rng.integers(0, 256, (1, 1, 3)), True))

# JPEG, WebP and GIF.
case('JPEG L', saved(Image.fromarray(smooth(11, 13, 1)), 'JPEG'), False)
for name, options in (('420', {}), ('444', {'subsampling': 0}), ('422', {'subsampling': 1}), ('progressive', {'progressive': True})):
    case(f'JPEG {name}', saved(Image.fromarray(smooth(19, 21, 3)), 'JPEG', quality=90, **options), False)
case('JPEG CMYK', saved(Image.fromarray(smooth(9, 11, 4), 'CMYK'), 'JPEG', subsampling=0), False)
for orientation in range(1, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    case(f'JPEG orientation {orientation}', saved(Image.fromarray(smooth(5, 9, 3)), 'JPEG', exif=exif, subsampling=0), False)
case('WebP lossless', saved(Image.fromarray(smooth(9, 11, 3)), 'WEBP', lossless=True))
case('WebP lossless RGBA', saved(Image.fromarray(np.concatenate([smooth(9, 11, 3), rng.integers(1, 255, (9, 11, 1), np.uint8)], -1)), 'WEBP', lossless=True, exact=True))
case('WebP lossy', saved(Image.fromarray(smooth(9, 11, 3)), 'WEBP'), False)

# BMP, as PIL writes it and as others do.
bits_of = smooth(9, 11, 1) > 128
for name, image in (('RGB', Image.fromarray(smooth(9, 11, 3))), ('L', Image.fromarray(smooth(9, 11, 1))), ('1', Image.fromarray(bits_of)), ('RGBA', Image.fromarray(smooth(9, 11, 4))),
                    ('P', Image.fromarray(smooth(9, 11, 3)).quantize(200))):
    case(f'BMP {name}', saved(image, 'BMP'))


def bmp(width, height, bits, pixels, palette=b'', compression=0, masks=(), header=40):
    """pixels: the file's, from its first line; a negative height is that of a picture from the top"""
    colours = len(palette) // (3 if header == 12 else 4)
    if header == 12:
        info = struct.pack('<IHHHH', 12, width, height, 1, bits)
    else:
        info = struct.pack('<IiiHHIIiiII', header, width, height, 1, bits, compression, len(pixels), 0, 0, colours, 0)
        info += (struct.pack(f'<{len(masks)}I', *masks) + bytes(header))[:header - 40] if header > 40 else struct.pack(f'<{len(masks)}I', *masks)
    at = 14 + len(info) + len(palette)
    return b'BM' + struct.pack('<IHHI', at + len(pixels), 0, 0, at) + info + palette + pixels


files = np.random.default_rng(6)
some = lambda count: files.integers(0, 256, count, np.uint8).tobytes()
colours = lambda count, entry=4: b''.join(some(3) + b'\0' * (entry - 3) for _ in range(count))
for bits, line in ((1, 4), (4, 8), (8, 12)):
    case(f'BMP of {bits} bits and a palette', bmp(9, 5, bits, some(line * 5), colours(2**bits)))
    case(f'BMP of OS/2 of {bits} bits', bmp(9, 5, bits, some(line * 5), colours(2**bits, 3), header=12))
case('BMP of few colours', bmp(4, 2, 8, bytes(range(8)), colours(8)))
case('BMP from the top', bmp(5, -3, 24, some(48)))
case('BMP of 16 bits', bmp(5, 3, 16, some(36)))
case('BMP of 16 bits by masks', bmp(5, 3, 16, some(36), compression=3, masks=(0xF800, 0x7E0, 0x1F)))
case('BMP of 32 bits', bmp(5, 3, 32, some(60)))
case('BMP of 32 bits by masks', bmp(5, 3, 32, some(60), compression=3, masks=(0xFF000000, 0xFF0000, 0xFF00)))
for name, masks in (('BGRA', (0xFF0000, 0xFF00, 0xFF, 0xFF000000)), ('RGBA', (0xFF, 0xFF00, 0xFF0000, 0xFF000000)), ('ABGR', (0xFF000000, 0xFF0000, 0xFF00, 0xFF)), ('none', (0, 0, 0, 0))):
    case(f'BMP of alpha, {name}', bmp(5, 3, 32, some(60), compression=3, masks=masks, header=108))
case('BMP of runs of bytes', bmp(7, 4, 8, bytes([7, 5, 0, 0, 3, 1, 0, 4, 9, 8, 7, 6, 0, 0, 2, 3, 0, 2, 1, 0, 4, 200, 0, 0, 9, 2, 0, 1]), colours(256), compression=1))
case('BMP of runs of four bits', bmp(7, 3, 4, bytes([7, 0x51, 0, 0, 3, 0x12, 0, 4, 0x98, 0x76, 0, 0, 7, 0x2f, 0, 1]), colours(16), compression=2))

# PBM, PGM, PPM and PFM.
for name, image in (('RGB', Image.fromarray(smooth(9, 11, 3))), ('L', Image.fromarray(smooth(9, 11, 1))), ('1', Image.fromarray(bits_of)), ('F', Image.fromarray(smooth(9, 11, 1).astype(np.float32) / 7))):
    case(f'PPM {name}', saved(image, 'PPM'))
case('PGM of 16 bits', b'P5\n# made by hand\n5 3 65535\n' + some(30))
case('PGM up to 1000', b'P5 5 3 1000 ' + files.integers(0, 1001, 15).astype('>u2').tobytes())
case('PGM up to 9', b'P5 5 3\t9\n' + files.integers(0, 10, 15, np.uint8).tobytes())
case('PPM up to 700', b'P6 2 2 700 ' + files.integers(0, 701, 12).astype('>u2').tobytes())
case('PPM up to 77', b'P6 2 2 77 ' + files.integers(0, 78, 12, np.uint8).tobytes())
case('PBM in words', b'P1 # black\n5 2 0110 1 # next\n01 001')
case('PGM in words', b'P2 3 2 15 0 1 2 # more\n13\t14\r\n15')
case('PGM in words up to 300', b'P2 3 1 300 0 151 300')
case('PPM in words', b'P3\n2 1\n255\n1 2 3 254 255 0\n')
case('PFM from the other end', b'Pf\n3 2\n1.0\n' + np.arange(6).astype('>f4').tobytes())

# TIFF, by the platform's codec.
rng_tiff = np.random.default_rng(8)
wide = {
    'I;16': rng_tiff.integers(0, 65536, (5, 7), np.uint16), 'I': rng_tiff.integers(-2**31, 2**31, (5, 7), np.int32), 'F': rng_tiff.normal(size=(5, 7)).astype(np.float32),
    'L': smooth(5, 7, 1), 'LA': smooth(5, 7, 2), 'RGB': smooth(5, 7, 3), 'RGBA': smooth(5, 7, 4), '1': smooth(5, 7, 1) > 128,
}
for mode, values in wide.items():
    for compression in (None, 'tiff_lzw', 'tiff_adobe_deflate', 'packbits'):
        case(f'TIFF {mode}{f" by {compression}" if compression else ""}', saved(Image.fromarray(values), 'TIFF', compression=compression))
for orientation in (3, 6):
    exif = Image.Exif()
    exif[0x0112] = orientation
    case(f'TIFF orientation {orientation}', saved(Image.fromarray(smooth(5, 9, 3)), 'TIFF', exif=exif))


def tiff(bits, form, data):
    """A picture of 5 columns and 3 rows. form: 1 for numbers without a sign, 2 for those with one, 3 for floats"""
    tags = [(256, 5), (257, 3), (258, bits), (259, 1), (262, 1), (273, 8 + 2 + 12 * 10 + 4), (277, 1), (278, 3), (279, len(data)), (339, form)]
    return b'II*\0' + struct.pack('<IH', 8, len(tags)) + b''.join(struct.pack('<HHII', tag, 4, 1, value) for tag, value in tags) + bytes(4) + data


case('TIFF of signed bytes', tiff(8, 2, some(15)))
signed = tiff(16, 2, some(30))
case('TIFF of 32 bits without a sign', tiff(32, 1, some(60)))

# convert.
converted = []
modes = {'L': 1, 'LA': 2, 'RGB': 3, 'RGBA': 4, '1': 1, 'I;16': 1, 'I': 1, 'F': 1, 'YCbCr': 3, 'HSV': 3, 'CMYK': 4}
spaces = np.random.default_rng(5)
for mode, channels in modes.items():
    values = (spaces if mode in ('YCbCr', 'HSV', 'CMYK') else rng).integers(0, 256, (14, 16, channels) if channels > 1 else (14, 16), np.uint8)
    if mode == '1':
        values = values > 127
    elif mode == 'I;16':
        values = values.astype(np.uint16) * 2
        values[3] *= 120
    elif mode == 'I':
        values = values.astype(np.int32) * 2 - 100
        values[3] *= 100_000
    elif mode == 'F':
        values = (values.astype(np.float32) - 20) * np.float32(1.17)
        values[3] *= 100_000
        values[4] *= np.float32(0.01)
    image = Image.frombytes(mode, (16, 14), values.tobytes()) if mode in ('YCbCr', 'HSV', 'CMYK') else Image.fromarray(values)
    assert image.mode == mode
    converted.append({'mode': mode, 'values': text(values_of(image).tobytes()), 'to': {to: text(values_of(image.convert(to)).tobytes()) for to in modes}})

# save: what PIL reads of what it wrote, or why it did not.
written = []
for one in converted:
    if one['mode'] in ('YCbCr', 'HSV', 'CMYK'):
        continue
    for format in ('PNG', 'JPEG', 'WEBP'):
        image = Image.fromarray(np.frombuffer(base64.b64decode(one['values']), {'I;16': np.uint16, 'I': np.int32, 'F': np.float32}.get(one['mode'], np.uint8)).reshape((14, 16, -1)).squeeze(), 'L' if one['mode'] == '1' else one['mode'])
        image = image.convert(one['mode'], dither=Image.Dither.NONE)
        try:
            again = Image.open(io.BytesIO(saved(image, format, **({'lossless': True, 'exact': True} if format == 'WEBP' else {}))))
            written.append({'mode': one['mode'], 'format': format, 'as': again.mode, **({'values': text(values_of(again).tobytes())} if format == 'PNG' else {})})
        except OSError as error:
            written.append({'mode': one['mode'], 'format': format, 'error': str(error)})

# What compression by JPEG makes of pictures.
compressed = []
for i in range(48):
    height, width = (int(n) for n in rng.integers(1, 36, 2))
    mode, channels = (('L', 1), ('RGB', 3), ('RGB', 3))[i % 3]
    values = rng.integers(0, 256, (height, width, channels), np.uint8) if i % 4 == 0 else smooth(height, width, channels).reshape(height, width, channels)
    image = Image.fromarray(values.squeeze(-1) if channels == 1 else values)
    quality = int(rng.integers(1, 101))
    again = np.asarray(Image.open(io.BytesIO(saved(image, 'JPEG', quality=quality))))
    compressed.append({'mode': mode, 'size': [width, height], 'quality': quality, 'values': text(values.tobytes()), 'to': text(again.tobytes())})

frames = [Image.fromarray(smooth(6, 8, 3)).quantize(16), Image.fromarray(255 - smooth(6, 8, 3)).quantize(16)]
gif = saved(frames[0], 'GIF', save_all=True, append_images=frames[1:], duration=100)
opened = Image.open(io.BytesIO(gif))
values = []
for i in range(2):
    opened.seek(i)
    values.append(np.asarray(opened.convert('RGB')))
gifs = {'file': text(gif), 'values': text(np.stack(values).tobytes())}

# Files with a transparent colour (tRNS).
transparent = []
draw = np.random.default_rng(4)
chunk_of = lambda data: struct.pack('>I', len(data)) + b'tRNS' + data + struct.pack('>I', zlib.crc32(b'tRNS' + data))
ways = [['RGBA'], ['LA'], ['RGB'], ['L'], ['L', 'RGBA'], ['L', 'LA'], ['RGB', 'RGBA'], ['RGB', 'L', 'RGBA'], ['1', 'RGBA'], ['I', 'RGBA'], ['I;16', 'LA'], ['F', 'RGBA'], ['F', 'L', 'RGBA'], ['RGBA', 'RGB', 'RGBA']]
changes = {
    'crop': lambda image: F.crop(image, 1, 1, 3, 4),
    'resize': lambda image: F.resize(image, [3, 4]),
    'hflip': F.hflip,
    'pad': lambda image: F.pad(image, 1),
    'rotate': lambda image: F.rotate(image, 30),
    'adjustBrightness': lambda image: F.adjust_brightness(image, 0.5),
    'adjustContrast': lambda image: F.adjust_contrast(image, 0.5),
    'adjustSaturation': lambda image: F.adjust_saturation(image, 0.5),
    'adjustSharpness': lambda image: F.adjust_sharpness(image, 0.5),
    'adjustHue': lambda image: F.adjust_hue(image, 0.25),
    'rgbToGrayscale': lambda image: F.rgb_to_grayscale(image),
    'invert': F.invert,
}


def with_transparency(name, data, saves=True):
    image = Image.open(io.BytesIO(data))
    image.load()
    kept = lambda image: image.info.get('transparency')
    converted = []
    for way in ways:
        result = image
        try:
            for mode in way:
                result = result.convert(mode)
        except TypeError:  # PIL takes a level for colours, or colours for a level.
            continue
        converted.append({'way': way, 'values': text(values_of(result).tobytes()), 'transparency': kept(result)})
    changed = {}
    for change, function in changes.items():
        try:
            changed[change] = kept(function(image))
        except (ValueError, OSError, NotImplementedError, TypeError):
            pass
    transparent.append({
        'name': name, 'file': text(data), 'mode': image.mode, 'size': image.size, 'transparency': kept(image), 'converted': converted, 'changed': changed,
        'saved': kept(Image.open(io.BytesIO(saved(image)))),
        'webp': Image.open(io.BytesIO(saved(image, 'WEBP', lossless=True))).mode,
    })


for depth, color_type in ((1, 0), (2, 0), (4, 0), (8, 0), (16, 0), (8, 2), (16, 2)):
    channels = {0: 1, 2: 3}[color_type]
    pixels = draw.integers(0, 2**depth, (6, 9, channels))
    if depth == 16:
        pixels[2:4] = draw.integers(0, 256, (2, 9, channels))
        pixels[4] *= 257
        pixels[4] %= 65536
    pixels[0, :3] = pixels[4, 5]
    pixels[1, :3] = 2**depth - 1
    for which, colour in (('a pixel', pixels[4, 5]), ('black', [0] * channels), ('white', [2**depth - 1] * channels), ('no pixel', [2**depth - 2, 1, 0][:channels])):
        with_transparency(f'type {color_type} of {depth} bits, {which}', png(9, 6, depth, color_type, pixels, extra=chunk_of(b''.join(struct.pack('>H', int(c)) for c in colour))))
for color_type, channels in ((4, 2), (6, 4)):
    with_transparency(f'type {color_type}, which has alpha', png(9, 6, 8, color_type, draw.integers(0, 256, (6, 9, channels)), extra=chunk_of(bytes(6))))

# Palettes with alpha: one colour that is transparent, or any of them in part.
palettes = []
entries = draw.integers(0, 256, (16, 3), np.uint8)
entries[7] = entries[3]
plte = struct.pack('>I', 48) + b'PLTE' + entries.tobytes() + struct.pack('>I', zlib.crc32(b'PLTE' + entries.tobytes()))
numbers = draw.integers(0, 16, (6, 9, 1))
for name, alpha in (('one colour', b'\xff\xff\xff\0'), ('the first', b'\0'), ('the last', b'\xff' * 15 + b'\0'), ('some', bytes([0, 200, 0, 17])), ('none', b'\xff' * 16), ('all', bytes(16))):
    data = png(9, 6, 4, 3, numbers, extra=plte + chunk_of(alpha))
    image = Image.open(io.BytesIO(data))
    palettes.append({'name': name, 'file': text(data), 'to': {mode: text(values_of(image.convert(mode)).tobytes()) for mode in ('RGBA', 'LA', 'RGB', 'L')}})

json.dump({'cases': cases, 'converted': converted, 'written': written, 'compressed': compressed, 'gif': gifs, 'transparent': transparent, 'palettes': palettes, 'refused': {'TIFF of 16 bits with a sign': text(signed)}}, sys.stdout)
