"""LDAP messages in BER (RFC 4511), as a server would send them."""

from intranet_people.ldap import ber, messages

# Operations, without the message around them.
BOUND = bytes.fromhex("61070a010004000400")  # a bindResponse: success
SUCCESS = bytes.fromhex("65070a010004000400")  # a searchResDone: success
NONSENSE = bytes.fromhex("64060402fffe3009")  # a searchResEntry that ends before its attributes


def message(operation: bytes, controls: bytes = b"", number: int = 7) -> bytes:
    return sequence(ber.integer(number), operation, controls)


def sequence(*parts: bytes) -> bytes:
    return ber.element(ber.SEQUENCE, b"".join(parts))


def text(value: str | bytes) -> bytes:
    return ber.element(ber.OCTETS, value.encode() if isinstance(value, str) else value)


def attribute(name: str, *values: bytes) -> bytes:
    return sequence(text(name), ber.element(ber.SET, b"".join(map(text, values))))


def entry(dn: str, *attributes: bytes) -> bytes:
    return ber.element(messages.ENTRY, text(dn) + sequence(*attributes))


def control(name: str, value: bytes, criticality: bytes = b"") -> bytes:
    return ber.element(0xA0, sequence(text(name), criticality, text(value)))


STATE = "1.3.6.1.4.1.4203.1.9.1.2"  # the Sync State control (RFC 4533)
ALICE = entry(
    "uid=alice,dc=x",
    attribute("UID", b"alice"),
    attribute("displayName", b"Alice Liddell"),
    attribute("jpegPhoto", b"\xff\xd8" * 40_000, b""),
    attribute("title;lang-ja", b"Kogaku"),
    attribute("title", b"Optical Designer"),
    attribute("mail"),
)
LIMITED = ber.element(
    messages.DONE, ber.integer(4, ber.ENUMERATED) + text("") + text("enough\nnow")
)
REFERENCE = ber.element(messages.REFERENCE, text("ldap://elsewhere/ou=x") + text("ldap://there"))
NOTE = ber.element(
    messages.INTERMEDIATE, ber.element(0x80, b"1.2.3") + ber.element(0x81, b"\x30\x00")
)
WELL_FORMED = [
    message(ALICE, control(STATE, bytes(23))),
    message(entry("", attribute("supportedControl", *(b"%d" % n for n in range(30))))),
    message(LIMITED, control("1.2", b"\x30\x00", ber.element(ber.BOOLEAN, b"\xff"))),
    message(REFERENCE),
    message(NOTE),
]
