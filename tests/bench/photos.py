"""Photos of the weight that directories hold: few pictures, but no two the same bytes."""

from __future__ import annotations

import io
import random
from functools import cache

from PIL import Image

PICTURES = 8
SIZE = (240, 300)
USUAL = 14_000


def photo_of(n: int, size: int = USUAL) -> bytes:
    """A JPEG of about `size` bytes, or a stub that begins like one where that is too few.

    A comment behind its first marker (ITU-T T.81, B.2.4.5) makes it the `n`th one's own.
    """
    picture = _picture(n % PICTURES)
    if size < len(picture):
        return b"\xff\xd8\xff a photo of %d" % n
    comment = (b"%d " % n).ljust(size - len(picture), b".")
    return picture[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + picture[2:]


@cache
def _picture(seed: int) -> bytes:
    """Soft shapes with some grain: as heavy as a portrait of that size."""
    dice = random.Random(seed)
    few, width, height = (20, 25), *SIZE
    shapes = Image.frombytes("RGB", few, dice.randbytes(few[0] * few[1] * 3))
    grain = Image.frombytes("RGB", SIZE, dice.randbytes(width * height * 3))
    picture = Image.blend(shapes.resize(SIZE, Image.Resampling.BICUBIC), grain, 0.06)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=75)
    return out.getvalue()
