"""Photos from anywhere: upright, small and bare, or refused with a reason."""

import io
import time

import pytest
from PIL import Image

from intranet_people.photos.convert import PhotoRefused, renditions
from intranet_people.photos.formats import SIZES

from .conftest import JPEG, LEFT, REFUSED, RIGHT, halves, large, saved, with_exif


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
    square = opened(renditions(saved(halves(400, 100), "PNG"))[64])
    assert is_near(square.getpixel((5, 32)), LEFT)
    assert is_near(square.getpixel((58, 32)), RIGHT)


@pytest.mark.parametrize(
    ("orientation", "red"),
    [(1, (5, 32)), (3, (58, 32)), (6, (32, 5)), (8, (32, 58)), (2, (58, 32))],
)
def test_turned_upright_with_no_metadata_left(orientation: int, red: tuple[int, int]) -> None:
    data = with_exif(orientation)
    assert b"SECRET" in data
    webp = renditions(data)[64]
    assert is_near(opened(webp).getpixel(red), LEFT)
    for trace in (b"SECRET", b"EXIF", b"XMP ", b"ICCP"):
        assert trace not in webp
    with Image.open(io.BytesIO(webp)) as picture:
        assert len(picture.getexif()) == 0


@pytest.mark.parametrize("what", REFUSED)
def test_refused_with_a_reason(what: str) -> None:
    data, why = REFUSED[what]
    began = time.monotonic()
    with pytest.raises(PhotoRefused) as refused:
        renditions(data)
    assert refused.value.problem.code == why
    assert time.monotonic() - began < 1


def test_bytes_behind_the_photo_do_not_survive() -> None:
    polyglot = JPEG + b"<script>alert(1)</script>"
    assert all(b"script" not in webp for webp in renditions(polyglot).values())


def test_a_huge_photo_is_the_same_picture_when_small() -> None:
    for data in (saved(halves(6000, 6000), "PNG"), saved(halves(6000, 6000), "JPEG")):
        square = opened(renditions(data)[512])
        assert is_near(square.getpixel((250, 256)), LEFT)
        assert is_near(square.getpixel((262, 256)), RIGHT)


def test_fifty_megapixels_are_read_in_seconds() -> None:
    photo = large(7000)
    began = time.process_time()  # of this process alone: others may keep the processors busy
    assert list(renditions(photo)) == list(SIZES)
    assert time.process_time() - began < 3


def test_broken_exif_is_refused_or_does_no_harm() -> None:
    outcomes = set()
    for at in range(4, 120, 3):
        data = bytearray(with_exif(6))
        data[at : at + 3] = b"\xff\x00\xfe"
        try:
            outcomes.add(str(min(renditions(bytes(data)))))
        except PhotoRefused as refused:
            outcomes.add(refused.problem.code)
    assert outcomes == {"64", "photo-broken", "photo-no-picture"}
