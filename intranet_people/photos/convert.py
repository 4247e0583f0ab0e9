"""A photo from elsewhere into the sizes that are served: upright, small, without metadata."""

from __future__ import annotations

import io
import warnings

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
    """`data` as a square WebP, at most `size` pixels wide: never enlarged. Raises PhotoRefused."""
    return _webp(_upright(data, size), size)


def renditions(data: bytes) -> dict[int, bytes]:
    """All SIZES up to the first that holds every pixel of `data`. Raises PhotoRefused."""
    picture = _upright(data, SIZES[-1])
    smaller = (0, *SIZES)
    return {
        size: _webp(picture, size)
        for size, before in zip(SIZES, smaller, strict=False)
        if before < min(picture.size)
    }


def _webp(picture: Image.Image, size: int) -> bytes:
    edge = min(size, *picture.size)
    # Of a tall photo a bit more of the upper half, where the face is.
    square = ImageOps.fit(picture, (edge, edge), Image.Resampling.LANCZOS, centering=(0.5, 0.4))
    out = io.BytesIO()
    square.save(out, "WEBP", quality=82, method=3)
    return out.getvalue()


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
