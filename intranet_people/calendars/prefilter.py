"""Which events are worth parsing: a feed holds years, and a reading wants days.

Parsing takes half a second per thousand events, a glance at their dates next to nothing.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from .components import Block

# More than any zone, and any duration that `_SHORT` lets pass, can move an event.
_MARGIN = timedelta(days=7)
_TELLING = re.compile(rb"(DTSTART|DTEND|DURATION|RRULE|RDATE|EXRULE|RECURRENCE-ID)[;:]", re.I)
_DATED = re.compile(rb"(?:DTSTART|DTEND)(?:;[^:]*)?:(\d{8})", re.I)
_SHORT = re.compile(rb"DURATION:PT(\d{1,2}H)?(\d{1,3}M)?(\d{1,3}S)?\s*", re.I)


def may_touch(block: Block, start: datetime, end: datetime) -> bool:
    """Whether the VEVENT `block` may lie in [start, end): False only where it surely does not.

    Whatever repeats, replaces an occurrence, or looks odd may.
    """
    dates = []
    for line in filter(_TELLING.match, block):
        if dated := _DATED.match(line):
            dates.append(dated[1])
        elif not _SHORT.fullmatch(line):
            return True
    return not dates or (max(dates) >= _day(start - _MARGIN) and min(dates) <= _day(end + _MARGIN))


def _day(moment: datetime) -> bytes:
    return f"{moment.year:04}{moment.month:02}{moment.day:02}".encode()
