"""A photo from elsewhere into the sizes that are served: upright, small, without metadata.

A hostile one can run here for minutes and fill the memory: call it through `worker.Converter`.
"""

from __future__ import annotations

import io
import warnings

# The plug-ins of FORMATS, by name: Pillow would look for the last one among forty.
from PIL import (
    Image,
    ImageOps,
    JpegImagePlugin,
    PngImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from ..images import sniff
from ..problems import Failure, Problem
from .formats import SIZES

FORMATS = (
    JpegImagePlugin.JpegImageFile.format,
    PngImagePlugin.PngImageFile.format,
    WebPImagePlugin.WebPImageFile.format,
)
MAX_PIXELS = 50_000_000


class PhotoRefused(Failure):
    """Not a photo that can be shown."""

    code = "photo-broken"


def renditions(data: bytes) -> dict[int, bytes]:
    """All SIZES up to the first that holds every pixel of `data`, each as a square WebP that is
    never enlarged. Raises PhotoRefused, MemoryError."""
    picture = _upright(data)
    smaller = (0, *SIZES)
    return {
        size: _webp(picture, size)
        for size, before in zip(SIZES, smaller, strict=False)
        if before < min(picture.size)
    }


def _upright(data: bytes) -> Image.Image:
    if wrong := sniff(data):
        raise PhotoRefused(Problem(wrong))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _opened(data)
    except (PhotoRefused, MemoryError):
        raise
    except Image.DecompressionBombError:
        raise PhotoRefused(Problem("photo-pixels", "", f"> {MAX_PIXELS:,}")) from None
    except UnidentifiedImageError:
        raise PhotoRefused(Problem("photo-no-picture")) from None
    except Exception as e:  # of any kind: Pillow stumbles over whatever the bytes say
        raise PhotoRefused(str(e)) from None


def _opened(data: bytes) -> Image.Image:
    picture: Image.Image = Image.open(io.BytesIO(data), formats=FORMATS)
    if picture.width * picture.height > MAX_PIXELS:
        raise PhotoRefused(Problem("photo-pixels", "", f"{picture.width} x {picture.height}"))
    # A JPEG is decoded at an eighth, a quarter or half where that is enough.
    picture.draft("RGB", (SIZES[-1], SIZES[-1]))
    picture.load()
    if picture.mode != "RGB":
        picture = picture.convert("RGB")
    # Early, as every further step would hold all pixels once more.
    if (factor := min(picture.size) // (2 * SIZES[-1])) > 1:
        picture = picture.reduce(factor)
    return ImageOps.exif_transpose(picture)


def _webp(picture: Image.Image, size: int) -> bytes:
    edge = min(size, *picture.size)
    # Of a tall photo a bit more of the upper half, where the face is.
    square = ImageOps.fit(picture, (edge, edge), Image.Resampling.LANCZOS, centering=(0.5, 0.4))
    out = io.BytesIO()
    # Method 3 takes twice the time to save four bytes in a hundred.
    square.save(out, "WEBP", quality=82, method=2)
    return out.getvalue()
