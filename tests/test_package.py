"""What a host imports from the package itself."""

import subprocess
import sys
from pathlib import Path

import pytest

import intranet_people
from intranet_people.extension import IntranetPeople


@pytest.mark.parametrize("name", intranet_people.__all__)
def test_each_name_is_there(name: str) -> None:
    assert getattr(intranet_people, name).__module__ != "intranet_people"


def test_it_is_the_same_each_time() -> None:
    assert intranet_people.IntranetPeople is IntranetPeople


def test_no_other_name_is() -> None:
    with pytest.raises(AttributeError, match="'intranet_people' has no attribute 'People'"):
        intranet_people.People  # type: ignore[attr-defined]  # noqa: B018


def test_it_loads_nothing_before_it_is_asked() -> None:
    program = "import sys, intranet_people; sys.exit('flask' in sys.modules)"
    root = Path(__file__).parents[1]
    assert subprocess.run([sys.executable, "-c", program], cwd=root, check=False).returncode == 0
