"""What happened in a run, what is doubtful and what to do about it: in plain words."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from ..people.run import SyncRun

STATUSES = {
    "running": "reading",
    "interrupted": "ended from outside",
    "done": "done",
    "incomplete": "incomplete: nobody was marked as left",
    "refused": "refused: nothing was changed",
}
COUNTS = {
    "joined": "joined",
    "changed": "changed",
    "left": "left",
    "returned": "came back",
    "disabled": "without an active account",
}
# Of a run that failed: what its message says, and which of these it is. Without any name.
CATEGORIES = (
    ("no directory server answers", "directory down"),
    ("certificate", "TLS refused"),
    ("StartTLS", "TLS refused"),
    ("service account .* was refused", "service account refused"),
    ("PEOPLE_LDAP_BIND_PASSWORD", "service account refused"),
    ("is no filter", "wrong filter"),
    ("PEOPLE_LDAP_BASE_DN", "wrong base"),
    ("has taken over", "taken over by another run"),
)
PHOTO = "Put a JPEG, PNG or WebP into the directory, whole and of at most 10 MB."
ADVICE = (
    (r"cannot sign in", "Give the entry a login name, or map the attribute that has it."),
    (r"^photo ", PHOTO),
    (r"no IANA zone", "Write it as Europe/Oslo, or map another attribute."),
    (r"not valid UTF-8", "Write the value anew in the directory, as UTF-8."),
    (r"has \d+ characters", "Shorten it in the directory: 300 characters can be shown."),
    (r"id of another entry", "Two entries with one id: take one of them out."),
    (r"^has no .*; left out", "May the service account read it? flask people check says more."),
    (r"the mail of", "Give one of them another address: meetings find neither of them by it."),
    (r"the login name of", "Rename one of the two in the directory."),
    (r"^has no ", "Fill it in in the directory."),
)


def happened(run: SyncRun) -> str:
    """`2 joined, 1 left`, without what is none; "" where nothing happened."""
    counts = ((run.counts.get(name, 0), word) for name, word in COUNTS.items())
    return ", ".join(f"{n:,} {word}" for n, word in counts if n)


def ended(status: str, message: str) -> str:
    """How a run ended that is not done."""
    if status == "failed":
        why = category(status, message)
        return "failed: nothing was changed" if why == status else f"failed: {why}"
    return STATUSES[status]


def took(run: SyncRun) -> str:
    """How long: `0.4 s`, `12 s`, `3 min 20 s`; "" while it runs."""
    if run.finished_at is None:
        return ""
    seconds = (run.finished_at - run.started_at).total_seconds()
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def ago(moment: datetime, now: datetime) -> str:
    """`just now`, `4 minutes ago`, `3 hours ago`, `2 days ago`."""
    passed = max(now - moment, timedelta())
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        n = int(passed.total_seconds() // length)
        if n:
            return f"{n} {unit}{'s' if n > 1 else ''} ago"
    return "just now"


def advice(doubt: str) -> str:
    """What to do about what is wrong with an entry; "" where only the operator can know."""
    return next((what for pattern, what in ADVICE if re.search(pattern, doubt)), "")


def category(status: str, message: str) -> str | None:
    """Of what kind an error is, for a monitor: it names nobody. None where there is none."""
    if status == "failed":
        return next((what for sign, what in CATEGORIES if re.search(sign, message)), "failed")
    if status == "refused":
        return "refused by the guard"
    return status if status in ("incomplete", "interrupted") else None
