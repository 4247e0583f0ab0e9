"""Runs and their problems in words: what happened, and what to do about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from ..i18n.formats import number, passed
from ..i18n.marks import N_
from ..i18n.texts import gettext, ngettext
from ..problems import Problem
from ..sync.history import SyncRun

STATUSES = {
    "running": N_("reading"),
    "interrupted": N_("interrupted"),
    "done": N_("done"),
    "incomplete": N_("incomplete: nobody was marked as left"),
    "refused": N_("refused: nothing was changed"),
}
# For a monitor: the category of a failed run, without names.
CATEGORIES = {
    "directory-down": N_("directory down"),
    "tls-untrusted": N_("TLS refused"),
    "starttls-refused": N_("TLS refused"),
    "account-refused": N_("service account refused"),
    "sasl-refused": N_("service account refused"),
    "no-filter": N_("wrong filter"),
    "no-base": N_("wrong base"),
    "taken-over": N_("taken over by another run"),
}
UNKNOWN = N_("incomplete: the hidden people could not be read")


def happened(run: SyncRun) -> str:
    """Such as `2 joined, 1 left`, without zeros; "" if nothing happened."""
    n = Counter(run.counts)
    counts = {
        "joined": ngettext("%(num)s joined", "%(num)s joined", n["joined"]),
        "changed": ngettext("%(num)s changed", "%(num)s changed", n["changed"]),
        "left": ngettext("%(num)s left", "%(num)s left", n["left"]),
        "returned": ngettext("%(num)s came back", "%(num)s came back", n["returned"]),
        "disabled": ngettext(
            "%(num)s without an active account", "%(num)s without an active account", n["disabled"]
        ),
        "hidden": ngettext("%(num)s hidden", "%(num)s hidden", n["hidden"]),
        "shown": ngettext("%(num)s shown again", "%(num)s shown again", n["shown"]),
    }
    return ", ".join(said for kind, said in counts.items() if n[kind])


def ended(status: str, reasons: Sequence[Problem]) -> str:
    """How a run ended that did not succeed."""
    if status == "failed":
        why = category(status, reasons)
        if why is None or why == status:
            return gettext("failed: nothing was changed")
        return gettext("failed: %(why)s", why=gettext(why))
    if status == "incomplete" and is_only_of_hidden(reasons):
        return gettext(UNKNOWN)
    return gettext(STATUSES[status])


def incomplete(reasons: Sequence[Problem]) -> str:
    """What an incomplete run means for the people."""
    if is_only_of_hidden(reasons):
        return gettext(
            "The last run could not read the hidden people: nobody was shown again, and"
            " new people are hidden until a run can read them."
        )
    return gettext("The last run was incomplete, so nobody was marked as left.")


def is_only_of_hidden(reasons: Sequence[Problem]) -> bool:
    """Whether everybody was read, but not who is hidden."""
    return bool(reasons) and reasons[0].code == "hidden-unknown"


def took(run: SyncRun) -> str:
    """The duration, such as `0.4 s`, `12 s` or `3 min 20 s`; "" while it runs."""
    if run.finished_at is None:
        return ""
    seconds = (run.finished_at - run.started_at).total_seconds()
    minutes, rest = divmod(round(seconds), 60)
    if minutes:
        return gettext("%(minutes)s min %(seconds)s s", minutes=minutes, seconds=f"{rest:02}")
    shown = number(seconds, "0.0") if seconds < 10 else number(rest)
    return gettext("%(seconds)s s", seconds=shown)


def ago(moment: datetime, now: datetime) -> str:
    """Such as `just now`, `4 minutes ago`, `3 hours ago` or `2 days ago`."""
    is_long = now - moment >= timedelta(minutes=1)
    return passed(moment - now) if is_long else gettext("just now")


def described(problem: Problem) -> str:
    """The problem in words."""
    words = problem.kind.words
    return problem.fill(gettext(words))


def advice(problem: Problem) -> str:
    """What to do about it; "" if there is no general advice."""
    return gettext(problem.kind.advice) if problem.kind.advice else ""


def category(status: str, reasons: Sequence[Problem]) -> str | None:
    """The category of an error, for a monitor, without names; None if there is no error."""
    if status == "failed":
        return next((CATEGORIES[r.code] for r in reasons if r.code in CATEGORIES), "failed")
    if status == "refused":
        return "refused by the guard"
    return status if status in ("incomplete", "interrupted") else None
