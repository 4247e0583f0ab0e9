"""A connection to the directory that is cut at any byte: what came may be kept, nobody is marked
as left, and the next run makes the rows as they should be."""

from __future__ import annotations

import random
from collections.abc import Iterator

from tests.ldap.wire import Fault, wire

from .kills import Copies, State, differences, state_of
from .syncs import change, company, run, start

PAGE = {"PEOPLE_LDAP_PAGE_SIZE": "50", "PEOPLE_LDAP_TIMEOUT": "3"}


def rounds(copies: Copies, number: int, seed: int) -> Iterator[str]:
    """A cut in each; tells "incomplete", "failed" or "done" of the run that it befell."""
    dice = random.Random(seed)
    with company(copies.folder) as slapd:
        name = copies.empty()
        run(slapd, copies.url(name))
        before = state_of(copies.url(name))
        change(slapd)
        whole = copies.of(name)
        with wire(slapd.ldaps_port) as line:
            running = start(slapd, copies.url(whole), "--full", uri=line.ldaps_uri, settings=PAGE)
            said, _ = running.communicate()
            assert running.returncode == 0, said
            size = line.sent
        after = state_of(copies.url(whole))
        for n in range(number):
            copy = copies.of(name)
            options = ["--full"] if n % 2 else []
            fault = Fault(after=dice.randrange(size + 1))
            with wire(slapd.ldaps_port, fault=fault) as line:
                running = start(
                    slapd, copies.url(copy), *options, uri=line.ldaps_uri, settings=PAGE
                )
                said, _ = running.communicate()
            state = state_of(copies.url(copy))
            if running.returncode == 0:
                assert state == after, differences(state, after)
            else:
                assert running.returncode == 1, said
                _check_nobody_shown(before, state)
                # Where only the search for hidden people was cut, all the rest is done.
                if "Incomplete" in said or "The hidden people" not in said:
                    _check_nobody_left(before, state)
            run(slapd, copies.url(copy))
            found = state_of(copies.url(copy))
            assert found == after, differences(found, after)
            copies.drop(copy)
            outcomes = {"Incomplete": "incomplete", "could not be read": "failed"}
            yield next((out for word, out in outcomes.items() if word in said), "done")


def _check_nobody_left(before: State, state: State) -> None:
    """Whoever was active is so still: the third value says it."""
    for directory_id, person in before.items():
        if len(person) > 2:
            assert state[directory_id][3] == person[3], directory_id


def _check_nobody_shown(before: State, state: State) -> None:
    """Whoever was hidden is so still: the fourth value says it."""
    for directory_id, person in before.items():
        if len(person) > 2 and person[4] == "True":
            assert state[directory_id][4] == "True", directory_id
