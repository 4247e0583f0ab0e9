"""What the tests of hidden people say often: hide somebody in the directory, look who is hidden."""

from __future__ import annotations

from flask import Flask

from ..servers.slapd import Slapd
from .conftest import change, ldif, people

WITNESS = "(employeeType=witness)"
IS_WITNESS = "employeeType: witness"
FEW_BY_PAGES = f'limits dn.exact="{Slapd.service_dn}" size.prtotal=1'
"""For slapd.conf: one entry in a search by pages, as that for hidden people is; of the people, who
are read by syncrepl, all."""


def hide(slapd: Slapd, *uids: str) -> None:
    for uid in uids:
        slapd.modify(change(uid, "add: employeeType", IS_WITNESS))


def show(slapd: Slapd, *uids: str) -> None:
    for uid in uids:
        slapd.modify(change(uid, "delete: employeeType"))


def witnesses(*uids: str) -> str:
    """New entries of people who are hidden from the start."""
    return "\n".join(ldif(uid, IS_WITNESS) for uid in uids)


def hidden(app: Flask) -> set[str]:
    return {handle for handle, p in people(app).items() if p.is_hidden}


def provisionally(app: Flask) -> set[str]:
    """Hidden only until a run can ask."""
    return {handle for handle, p in people(app).items() if p.hidden_provisionally}
