"""Photos from anywhere: upright, small and bare, or refused with a reason."""

import io
import tarfile
import time
from pathlib import Path

import pytest
from PIL import Image

from intranet_people.photos.convert import SIZES, PhotoRefused, check, rendition, renditions

from .conftest import LEFT, RIGHT, bomb, halves, saved, with_exif

SEEDS = Path(__file__).parents[2].parent / "shared/corpora/jpeg-seeds.tar.gz"
JPEG = saved(halves(), "JPEG")


def opened(webp: bytes) -> Image.Image:
    return Image.open(io.BytesIO(webp), formats=["WEBP"]).convert("RGB")


def is_near(colour: object, expected: tuple[int, int, int]) -> bool:
    assert isinstance(colour, tuple)
    return all(abs(a - b) < 40 for a, b in zip(colour, expected, strict=True))


@pytest.mark.parametrize(
    "data",
    [
        JPEG,
        saved(halves(), "JPEG", progressive=True),
        saved(halves(), "PNG"),
        saved(halves(), "WEBP"),
        saved(halves(3, 2), "PNG"),
        saved(halves(4000, 3000), "JPEG"),
        saved(halves().convert("L"), "JPEG"),
        saved(halves().convert("CMYK"), "JPEG"),
        saved(halves().convert("P"), "PNG"),
        saved(halves().convert("RGBA"), "PNG"),
        saved(halves().convert("LA"), "WEBP"),
        saved(Image.new("I;16", (60, 40)), "PNG"),
    ],
)
def test_every_size_is_a_square_webp(data: bytes) -> None:
    assert check(data) is None
    with Image.open(io.BytesIO(data)) as original:
        edge = min(original.size)
    for size, webp in renditions(data).items():
        with Image.open(io.BytesIO(webp)) as picture:
            assert picture.format == "WEBP"
            assert picture.size == (min(size, edge), min(size, edge)), "never enlarged"


def test_sizes_end_where_all_pixels_are_shown() -> None:
    assert list(renditions(saved(halves(40, 30), "PNG"))) == [64]
    assert list(renditions(saved(halves(240, 300), "PNG"))) == [64, 128, 256]
    assert list(renditions(saved(halves(4000, 3000), "JPEG"))) == list(SIZES)


def test_the_middle_is_shown() -> None:
    square = opened(rendition(saved(halves(400, 100), "PNG"), 64))
    assert is_near(square.getpixel((5, 32)), LEFT)
    assert is_near(square.getpixel((58, 32)), RIGHT)


@pytest.mark.parametrize(
    ("orientation", "red"),
    [(1, (5, 32)), (3, (58, 32)), (6, (32, 5)), (8, (32, 58)), (2, (58, 32))],
)
def test_turned_upright_with_no_metadata_left(orientation: int, red: tuple[int, int]) -> None:
    data = with_exif(orientation)
    assert b"SECRET" in data
    webp = rendition(data, 64)
    assert is_near(opened(webp).getpixel(red), LEFT)
    for trace in (b"SECRET", b"EXIF", b"XMP ", b"ICCP"):
        assert trace not in webp
    with Image.open(io.BytesIO(webp)) as picture:
        assert len(picture.getexif()) == 0


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "is empty"),
        (b"x" * 10_000_001, "is larger than 10 MB"),
        (b"x", "is no JPEG, PNG or WebP"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "is no JPEG, PNG or WebP"),
        (saved(halves(), "GIF"), "is no JPEG, PNG or WebP"),
        (saved(halves(), "BMP"), "is no JPEG, PNG or WebP"),
        (saved(halves(), "TIFF"), "is no JPEG, PNG or WebP"),
        (b"GIF89a" + JPEG, "is no JPEG, PNG or WebP"),
        (JPEG[: len(JPEG) // 2], "is broken"),
        (JPEG[:30], "is "),
        (saved(halves(), "PNG")[:-60], "is broken"),
        (saved(halves(), "WEBP")[:-60], "is broken"),
        (bomb(20_000, 20_000), "is broken: Image size"),
        (bomb(9_000, 9_000), "has 9000 x 9000 pixels, too many"),
        (bomb(100, 100), "is broken"),
    ],
)
def test_refused_with_a_reason(data: bytes, why: str) -> None:
    began = time.monotonic()
    refused = check(data)
    assert refused is not None
    assert refused.startswith(why)
    assert time.monotonic() - began < 1
    with pytest.raises(PhotoRefused, match=why):
        rendition(data, 64)


def test_bytes_behind_the_photo_do_not_survive() -> None:
    polyglot = JPEG + b"<script>alert(1)</script>"
    assert check(polyglot) is None
    assert b"script" not in rendition(polyglot, 64)


def test_broken_exif_is_no_reason_to_fail() -> None:
    for at in range(24, 120, 3):
        data = bytearray(with_exif(6))
        data[at : at + 3] = b"\xff\x00\xfe"
        if check(bytes(data)) is None:
            assert rendition(bytes(data), 64)


@pytest.mark.skipif(not SEEDS.is_file(), reason="the corpus shared/corpora is not here")
def test_hostile_jpegs_are_shown_or_refused() -> None:
    with tarfile.open(SEEDS) as archive:
        members = [m for m in archive.getmembers() if m.isfile()][::10]
        data = [file.read() for m in members if (file := archive.extractfile(m))]
    assert len(data) >= 200
    outcomes = set()
    for each in data:
        refused = check(each)
        outcomes.add(refused is None)
        if refused is None:
            assert rendition(each, 128)
        else:
            assert refused.startswith(("is ", "has "))
    assert outcomes == {True, False}
