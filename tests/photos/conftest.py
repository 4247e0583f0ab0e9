"""Photos, good and bad, as bytes."""

import io
import struct
import zlib
from typing import Any

from PIL import Image

LEFT, RIGHT = (200, 30, 30), (30, 30, 200)


def halves(width: int = 200, height: int = 100) -> Image.Image:
    """Red on the left, blue on the right."""
    picture = Image.new("RGB", (width, height), LEFT)
    picture.paste(RIGHT, (width // 2, 0, width, height))
    return picture


def saved(picture: Image.Image, format: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, format, **options)
    return out.getvalue()


def with_exif(orientation: int) -> bytes:
    """A JPEG that says how it is to be turned, and where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "SECRET CAMERA"
    exif.get_ifd(0x8825)[1] = "N"  # GPSLatitudeRef
    return saved(halves(), "JPEG", exif=exif, comment=b"SECRET COMMENT")


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is as large as that."""
    return _png(width, height, 8, 2, zlib.compress(b"\0" * 99))


def flat(edge: int) -> bytes:
    """A PNG of one bit for each pixel, all of them there: 400 megapixels weigh 49 kB."""
    packed, line = zlib.compressobj(), bytes(1 + edge // 8)
    lines = b"".join(packed.compress(line) for _ in range(edge))
    return _png(edge, edge, 1, 0, lines + packed.flush())


def _png(width: int, height: int, depth: int, colours: int, lines: bytes) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = struct.pack(">IIBBBBB", width, height, depth, colours, 0, 0, 0)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def endless(scans: int = 400_000, edge: int = 4000) -> bytes:
    """A progressive JPEG of ten bytes more for each scan (ITU-T T.81, B.2.3): one of them
    takes a millisecond where the edge is 4000 pixels."""
    scan = b"\xff\xda" + struct.pack(">HBBBBBB", 8, 1, 1, 0, 1, 63, 0)
    whole = saved(Image.new("L", (edge, edge)), "JPEG", progressive=True)
    return whole[:-2] + scan * scans + whole[-2:]


def large(edge: int = 6000) -> bytes:
    """A PNG of a few kB whose pixels fill four bytes each while it is read."""
    return saved(Image.new("RGB", (edge, edge), LEFT), "PNG")


JPEG = saved(halves(), "JPEG")

REFUSED = {
    "empty": (b"", "photo-empty"),
    "huge": (b"\xff\xd8\xff" + b"x" * 10_000_000, "photo-too-large"),
    "a letter": (b"x", "photo-no-image"),
    "SVG": (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "photo-no-image"),
    "GIF": (saved(halves(), "GIF"), "photo-no-image"),
    "BMP": (saved(halves(), "BMP"), "photo-no-image"),
    "TIFF": (saved(halves(), "TIFF"), "photo-no-image"),
    "GIF and JPEG in one": (b"GIF89a" + JPEG, "photo-no-image"),
    "half a JPEG": (JPEG[: len(JPEG) // 2], "photo-broken"),
    "the head of a JPEG": (JPEG[:30], "photo-broken"),
    "PNG cut off": (saved(halves(), "PNG")[:-60], "photo-broken"),
    "WebP cut off": (saved(halves(), "WEBP")[:-60], "photo-broken"),
    "a bomb": (bomb(20_000, 20_000), "photo-pixels"),
    "a bomb with all its pixels": (flat(20_000), "photo-pixels"),
    "rather a bomb": (bomb(9_000, 9_000), "photo-pixels"),
    "a PNG of no pixels": (bomb(100, 100), "photo-broken"),
}
"""What is no photo, by what it is, and the code of what is wrong."""
PLAIN = {"photo-empty", "photo-too-large", "photo-no-image"}
"""What is seen without decoding."""
