"""What happened in a run, what is doubtful and what to do about it: in plain words."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime, timedelta

from ..i18n.formats import number, passed
from ..i18n.texts import N_, gettext, ngettext
from ..sync.history import SyncRun
from ..sync.report import HIDDEN_UNKNOWN

STATUSES = {
    "running": N_("reading"),
    "interrupted": N_("ended from outside"),
    "done": N_("done"),
    "incomplete": N_("incomplete: nobody was marked as left"),
    "refused": N_("refused: nothing was changed"),
}
# Of a run that failed: what its message says, and which of these it is. Without any name.
CATEGORIES = (
    ("no directory server answers", N_("directory down")),
    ("certificate", N_("TLS refused")),
    ("StartTLS", N_("TLS refused")),
    ("service account .* was refused", N_("service account refused")),
    ("PEOPLE_LDAP_BIND_PASSWORD", N_("service account refused")),
    ("is no filter", N_("wrong filter")),
    ("PEOPLE_LDAP_BASE_DN", N_("wrong base")),
    ("has taken over", N_("taken over by another run")),
)
UNKNOWN = N_("incomplete: it is not known who is hidden")
PHOTO = N_("Put a JPEG, PNG or WebP into the directory, whole and of at most 10 MB.")
ADVICE = (
    (r"cannot sign in", N_("Give the entry a login name, or map the attribute that has it.")),
    (r"^photo ", PHOTO),
    (r"no IANA zone", N_("Write it as Europe/Oslo, or map another attribute.")),
    (r"not valid UTF-8", N_("Write the value anew in the directory, as UTF-8.")),
    (r"has \d+ characters", N_("Shorten it in the directory: 300 characters can be shown.")),
    (r"id of another entry", N_("Two entries with one id: take one of them out.")),
    (r"^has no .*; left out", N_("May the service account read it? flask people check says more.")),
    (r"the mail of", N_("Give one of them another address: meetings find neither of them by it.")),
    (r"the login name of", N_("Rename one of the two in the directory.")),
    (r"^has no ", N_("Fill it in in the directory.")),
)


def happened(run: SyncRun) -> str:
    """`2 joined, 1 left`, without what is none; "" where nothing happened."""
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


def ended(status: str, message: str) -> str:
    """How a run ended that is not done."""
    if status == "failed":
        why = category(status, message)
        if why is None or why == status:
            return gettext("failed: nothing was changed")
        return gettext("failed: %(why)s", why=gettext(why))
    if status == "incomplete" and message.startswith(HIDDEN_UNKNOWN):
        return gettext(UNKNOWN)
    return gettext(STATUSES[status])


def incomplete(message: str) -> str:
    """What it means that the last run did not get everything."""
    if message.startswith(HIDDEN_UNKNOWN):
        return gettext(
            "The last run could not read who is hidden: nobody was shown again, and who is new is"
            " hidden until a run can."
        )
    return gettext("The last run was incomplete, so nobody was marked as left.")


def took(run: SyncRun) -> str:
    """How long: `0.4 s`, `12 s`, `3 min 20 s`; "" while it runs."""
    if run.finished_at is None:
        return ""
    seconds = (run.finished_at - run.started_at).total_seconds()
    minutes, rest = divmod(round(seconds), 60)
    if minutes:
        return gettext("%(minutes)s min %(seconds)s s", minutes=minutes, seconds=f"{rest:02}")
    shown = number(seconds, "0.0") if seconds < 10 else number(rest)
    return gettext("%(seconds)s s", seconds=shown)


def ago(moment: datetime, now: datetime) -> str:
    """`just now`, `4 minutes ago`, `3 hours ago`, `2 days ago`."""
    is_long = now - moment >= timedelta(minutes=1)
    return passed(moment - now) if is_long else gettext("just now")


def advice(doubt: str) -> str:
    """What to do about what is wrong with an entry; "" where only the operator can know."""
    found = next((what for pattern, what in ADVICE if re.search(pattern, doubt)), "")
    return gettext(found) if found else ""


def category(status: str, message: str) -> str | None:
    """Of what kind an error is, for a monitor: it names nobody. None where there is none."""
    if status == "failed":
        return next((what for sign, what in CATEGORIES if re.search(sign, message)), "failed")
    if status == "refused":
        return "refused by the guard"
    return status if status in ("incomplete", "interrupted") else None
