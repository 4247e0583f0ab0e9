"""What is seen of a photo without decoding it."""

import time

import pytest

from intranet_people.images import sniff

from .conftest import JPEG, PLAIN, REFUSED, bomb, endless, flat, halves, saved


@pytest.mark.parametrize("data", [JPEG, saved(halves(), "PNG"), saved(halves(), "WEBP")])
def test_nothing_is_wrong_with_a_photo(data: bytes) -> None:
    assert sniff(data) is None


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_plainly_no_photo(what: str) -> None:
    data, why = REFUSED[what]
    assert sniff(data) == (why if why in PLAIN else None)


def test_at_most_ten_megabytes() -> None:
    head = b"\xff\xd8\xff"
    assert sniff(head.ljust(10_000_000)) is None
    assert sniff(head.ljust(10_000_001)) == "photo-too-large"


def test_a_riff_file_may_be_a_sound() -> None:
    assert sniff(b"RIFF\x24\0\0\0WAVEfmt ") == "photo-no-image"


def test_it_costs_nothing() -> None:
    hostile = [bomb(20_000, 20_000), flat(20_000), endless()]
    began = time.monotonic()
    assert [sniff(data) for data in hostile * 100] == [None] * 300
    assert time.monotonic() - began < 0.1
