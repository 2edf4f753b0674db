"""Makes the files of this folder with Pillow 9.4, NumPy 1.24 and SciPy 1.10 (Debian 12: python3-pil, python3-numpy, python3-scipy)."""
import hashlib
import io

import numpy as np
from PIL import Image
from scipy.io import savemat

rng = np.random.default_rng(5)


def picture(height, width):
    y, x = np.mgrid[0:height, 0:width]
    waves = np.stack([np.sin(x / 4), np.cos(y / 5), np.sin((x + y) / 6)], -1)
    return Image.fromarray(((waves * 0.4 + 0.5) * 255 + rng.normal(0, 12, (height, width, 3))).clip(0, 255).astype("uint8"))


def encode(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return np.frombuffer(file.getvalue(), np.uint8)


def cover(image, height, width):
    """torchvision's Resize of the shorter side and CenterCrop, for any height and width."""
    h, w = image.height, image.width
    size = (width, h * width // w) if h * width >= w * height else (w * height // h, height)
    image = image.resize(size, Image.BILINEAR)
    top, left = int(round((image.height - height) / 2.0)), int(round((image.width - width) / 2.0))
    return image.crop((left, top, left + width, top + height))


def digest(image):
    return np.frombuffer(hashlib.sha256(np.asarray(image).tobytes()).digest(), np.uint8)


rgb = picture(37, 53)
alpha = rgb.copy()
alpha.putalpha(rgb.convert("L"))
files = {
    "rgb.png": encode(rgb, "PNG"), "grey.png": encode(rgb.convert("L"), "PNG"), "palette.png": encode(rgb.quantize(32), "PNG"),
    "alpha.png": encode(alpha, "PNG"), "greyalpha.png": encode(rgb.convert("LA"), "PNG"), "onebit.png": encode(rgb.convert("1"), "PNG"),
    "420.jpg": encode(rgb, "JPEG", quality=85), "444.jpg": encode(rgb, "JPEG", quality=90, subsampling=0), "422.jpg": encode(rgb, "JPEG", quality=80, subsampling=1),
    "progressive.jpg": encode(rgb, "JPEG", progressive=True), "grey.jpg": encode(rgb.convert("L"), "JPEG"), "cmyk.jpg": encode(rgb.convert("CMYK"), "JPEG", quality=90),
    "rgb.bmp": encode(rgb, "BMP"), "palette.bmp": encode(rgb.quantize(16), "BMP"),
    "tall.png": encode(picture(61, 9), "PNG"), "small.png": encode(picture(5, 7), "PNG"), "large.png": encode(picture(110, 140), "PNG"),
}
arrays = {}
for name, file in files.items():
    image = Image.open(io.BytesIO(file.tobytes())).convert("RGB")
    arrays[f"{name}:file"] = file
    arrays[f"{name}:rgb"] = digest(image)
    arrays[f"{name}:grey"] = digest(image.convert("L"))
    for height, width in ((16, 16), (24, 32), (11, 40)):
        arrays[f"{name}:{height}x{width}"] = digest(cover(image, height, width))
np.savez_compressed("pictures.npz", **arrays)

# The same samples four times: pixels are (7 i + 11 k) mod 256, labels i mod 3.
x = np.array([[(7 * i + 11 * k) % 256 for k in range(6 * 5 * 3)] for i in range(8)], np.uint8).reshape(8, 6, 5, 3)
y = np.arange(8) % 3
np.savez("numpy.npz", x_train=x, y_train=y, x_test=np.asfortranarray(x[:3]), y_test=y[:3].astype("uint8").reshape(-1, 1))
np.savez_compressed("planar.npz", x_train=x.transpose(0, 3, 1, 2), y_train=y.astype("int16"), x_test=x[:3], y_test=y[:3].astype(">i4"))
for name, packed in (("plain.mat", False), ("packed.mat", True)):
    savemat(name, {"X": x.transpose(1, 2, 3, 0), "y": np.where(y == 0, 10, y).reshape(-1, 1).astype("uint8")}, do_compression=packed)
