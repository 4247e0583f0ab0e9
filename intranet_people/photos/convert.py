"""A photo from elsewhere into the sizes that are served: upright, small, without metadata."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable

from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS = ("JPEG", "PNG", "WEBP")
MAX_BYTES = 10_000_000
MAX_PIXELS = 50_000_000
SIZES = (64, 128, 256, 512)
"""Edges of the square renditions, in pixels: each shown size once more for sharp screens."""


class PhotoRefused(ValueError):
    """Not a photo that can be shown; the text says why."""


def check(data: bytes) -> str | None:
    """What is wrong with `data`, or None where it is a photo, whole to its last line."""
    try:
        _upright(data, SIZES[0])
    except PhotoRefused as e:
        return str(e)
    return None


def rendition(data: bytes, size: int) -> bytes:
    """`data` as a WebP of `size` x `size` pixels, the middle of it. Raises PhotoRefused."""
    square = ImageOps.fit(_upright(data, size), (size, size), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    square.save(out, "WEBP", quality=82, method=4)
    return out.getvalue()


def renditions(data: bytes, sizes: Iterable[int] = SIZES) -> dict[int, bytes]:
    return {size: rendition(data, size) for size in sizes}


def _upright(data: bytes, size: int) -> Image.Image:
    if not data or len(data) > MAX_BYTES:
        raise PhotoRefused("is empty" if not data else "is larger than 10 MB")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _opened(data, size)
    except PhotoRefused:
        raise
    except UnidentifiedImageError:
        raise PhotoRefused("is no JPEG, PNG or WebP") from None
    except Exception as e:  # of any kind: Pillow stumbles over whatever the bytes say
        raise PhotoRefused(f"is broken: {e}") from None


def _opened(data: bytes, size: int) -> Image.Image:
    picture: Image.Image = Image.open(io.BytesIO(data), formats=FORMATS)
    if picture.width * picture.height > MAX_PIXELS:
        raise PhotoRefused(f"has {picture.width} x {picture.height} pixels, too many")
    # A JPEG is decoded at an eighth, a quarter or half where that is enough.
    picture.draft("RGB", (size, size))
    return ImageOps.exif_transpose(picture).convert("RGB")
