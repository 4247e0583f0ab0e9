"""The reasons that servers give for refusing a correct password."""

from __future__ import annotations

import re
from typing import Any

from . import ber

CONTROL = "1.3.6.1.4.1.42.2.27.8.5.1"
"""draft-behera-ldap-password-policy-10, 6.2: the response of OpenLDAP, 389 DS and FreeIPA."""
EXPIRED, LOCKED, MUST_CHANGE = "expired", "locked", "must be changed"
# The `data` code in Active Directory's message, in hexadecimal (MS-ERREF 2.2).
_OF_AD = {"532": EXPIRED, "773": MUST_CHANGE, "775": LOCKED}
_OF_CONTROL = {0: EXPIRED, 1: LOCKED, 2: MUST_CHANGE}
_DATA = re.compile(r"\bdata ([0-9a-f]+)\b")
_ERROR = 0x81


def why(message: str, controls: Any) -> str:
    """EXPIRED, LOCKED or MUST_CHANGE; "" if the server gives no such reason.

    `controls` are the response controls from ldap3, or None.
    """
    if match := _DATA.search(message):
        return _OF_AD.get(match[1], "")
    value = ((controls or {}).get(CONTROL) or {}).get("value")
    try:
        parts = dict(ber.inner(value)) if isinstance(value, bytes) else {}
        return _OF_CONTROL.get(ber.number(parts[_ERROR]), "") if _ERROR in parts else ""
    except ber.Malformed:
        return ""
