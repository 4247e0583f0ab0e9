"""A hostile photo costs itself, and no other."""

from __future__ import annotations

import os
import signal
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

import pytest

from intranet_people.photos.formats import SIZES
from intranet_people.photos.worker import LIMITS, Converter, Sizes
from intranet_people.problems import Problem
from intranet_people.sandbox.process import Limits, NotStarted

from . import stand_in
from .conftest import JPEG, REFUSED, endless, halves, large, saved

pytestmark = pytest.mark.process

SEEDS = Path(__file__).parents[2].parent / "shared/corpora/jpeg-seeds.tar.gz"
STAND_IN = "tests.photos.stand_in"
GOOD = {f"good {n}": saved(halves(100 + n, 100), "JPEG") for n in range(6)}


def outcomes(converter: Converter, photos: dict[str, bytes]) -> dict[str, Sizes | Problem]:
    with converter:
        return dict(converter.convert(photos.items()))


def are_made(done: dict[str, Sizes | Problem], names: dict[str, bytes] = GOOD) -> bool:
    return all(isinstance(done[name], dict) for name in names)


def pids(converter: Converter) -> list[int]:
    return [child.pid for child in converter.children if child.pid]


def peak(pid: int | str = "self") -> int:
    """The most memory that it ever had, in MB."""
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmHWM"))


def test_good_and_bad_ones_side_by_side() -> None:
    bad = {name: data for name, (data, _) in REFUSED.items()}
    done = outcomes(Converter(), bad | GOOD)
    assert set(done) == set(bad | GOOD)
    assert are_made(done)
    for name, (_, why) in REFUSED.items():
        problem = done[name]
        assert isinstance(problem, Problem)
        assert problem.code == why, name
    made = done["good 0"]
    assert isinstance(made, dict)
    assert list(made) == [64, 128]
    assert all(webp[8:12] == b"WEBP" for webp in made.values())


def test_one_without_end_is_killed_in_time() -> None:
    began = monotonic()
    done = outcomes(Converter(Limits(1, 512), children=2), {"endless": endless()} | GOOD)
    assert done.pop("endless") == Problem("photo-slow")
    assert are_made(done)
    assert 0.9 < monotonic() - began < 60


def test_the_others_go_on_meanwhile() -> None:
    with Converter(Limits(3, 512), children=2) as converter:
        photos = {"endless": endless()} | GOOD
        order = [digest for digest, _ in converter.convert(iter(photos.items()))]
    assert order[-1] == "endless"


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="this system has no /proc")
def test_one_that_fills_the_memory_is_stopped_there() -> None:
    """36 megapixels take 144 MB, and the child may have 128: the parent has none of it."""
    photos = {"large": large(6000)} | GOOD
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before = peak()
    with Converter(Limits(100, 128), children=1) as converter:
        done = dict(converter.convert(photos.items()))
        of_child = peak(pids(converter)[0])
    assert done.pop("large") == Problem("photo-memory")
    assert are_made(done)
    assert of_child < 128
    assert peak() - before < 20
    patient = Converter(replace(LIMITS, seconds=100))
    assert are_made(outcomes(patient, photos), photos), "there is enough by default"


def test_one_that_crashes_its_reader() -> None:
    done = outcomes(Converter(module=STAND_IN), {"crash": stand_in.CRASH} | GOOD)
    assert done.pop("crash") == Problem("photo-crashed")
    assert are_made(done)


def test_one_that_takes_its_reader_over_is_shown_nowhere() -> None:
    photos = {str(n): data for n, data in enumerate(stand_in.TAKEN_OVER)}
    done = outcomes(Converter(module=STAND_IN), photos | GOOD)
    assert [done[name] for name in photos] == [Problem("photo-crashed")] * len(photos)
    assert are_made(done)


def test_a_reader_that_somebody_kills_is_no_fault_of_the_photo() -> None:
    slow = {f"slow {n}": stand_in.SLOW for n in range(3)}
    with Converter(children=1, module=STAND_IN) as converter:
        done: dict[str, Sizes | Problem] = {}
        reading = Thread(target=lambda: done.update(converter.convert(slow.items())))
        reading.start()
        until = monotonic() + 10
        while not pids(converter):
            assert monotonic() < until
            sleep(0.01)
        sleep(0.3)
        os.kill(pids(converter)[0], signal.SIGKILL)
        reading.join(20)
    assert are_made(done, slow)


def test_few_photos_are_here_at_a_time() -> None:
    given, done = 0, 0

    def photos() -> Iterator[tuple[str, bytes]]:
        nonlocal given
        for n in range(50):
            given += 1
            assert given - done <= 4, "one for each child, one that waits, and this one"
            yield str(n), JPEG

    with Converter(children=2) as converter:
        for _ in converter.convert(photos()):
            done += 1
    assert given == done == 50


def test_no_child_without_a_photo() -> None:
    with Converter() as converter:
        assert list(converter.convert([])) == []
        assert pids(converter) == []
        assert len(list(converter.convert([("one", JPEG)]))) == 1
        assert len(pids(converter)) == 1


def test_they_leave_the_processor_to_pages() -> None:
    with Converter() as converter:
        assert are_made(dict(converter.convert(GOOD.items())))
        for pid in pids(converter):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            assert int(fields[16]) == min(os.nice(0) + 10, 19)


def test_none_is_left_behind_by_who_stops_early() -> None:
    with Converter() as converter:
        for _ in converter.convert(GOOD.items()):
            running = pids(converter)
            assert running
            break
    assert [pid for pid in running if Path(f"/proc/{pid}").exists()] == []


def test_a_system_without_processes_says_nothing_of_photos(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    with Converter() as converter, pytest.raises(NotStarted, match="no child process"):
        list(converter.convert(GOOD.items()))


@pytest.mark.skipif(not SEEDS.is_file(), reason="the corpus shared/corpora is not here")
def test_hostile_jpegs_are_shown_or_refused() -> None:
    with tarfile.open(SEEDS) as archive:
        files = {m.name: archive.extractfile(m) for m in archive.getmembers() if m.isfile()}
        photos = {name: file.read() for name, file in files.items() if file}
    assert len(photos) > 2000
    done = outcomes(Converter(), photos)
    assert set(done) == set(photos)
    made = [sizes for sizes in done.values() if isinstance(sizes, dict)]
    refused = [why for why in done.values() if isinstance(why, Problem)]
    assert len(made) > 100
    assert len(refused) > 100
    assert all(set(sizes) <= set(SIZES) for sizes in made)
    usual = {"photo-broken", "photo-no-picture", "photo-no-image", "photo-pixels"}
    assert {why.code for why in refused} <= usual
