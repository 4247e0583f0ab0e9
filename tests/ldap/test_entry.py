"""Values as clean text, and DNs that compare."""

import pytest

from intranet_people.ldap.entry import Entry, Unreadable, clean, comparable_dn, dn_key, key_of


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"Alice Liddell", "Alice Liddell"),
        (b"  Alice \t\r\n Liddell ", "Alice Liddell"),
        ("Jörg Dreßler".encode(), "Jörg Dreßler"),
        ("佐藤 健二".encode(), "佐藤 健二"),
        (b"Alice\0Liddell\x07\x1b[31m", "Alice Liddell [31m"),
        ("Alice\u202egnp.exe\u2066".encode(), "Alicegnp.exe"),
        ("Alice\u2028Liddell\u2029\u0085".encode(), "Alice Liddell"),
        # Persian needs the non-joiner, and so it stays.
        ("نرم\u200cافزار".encode(), "نرم\u200cافزار"),
        (b"", ""),
        (b" \x00\x01 ", ""),
        (b"a" * 300, "a" * 300),
        (b" " * 5000 + b"a", "a"),
        ("Jörg \u00a0 Dreßler".encode(), "Jörg Dreßler"),
        ("\u3164\u115f".encode(), ""),
    ],
)
def test_clean(value: bytes, text: str) -> None:
    assert clean(value) == text


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (b"J\xf6rg", ("not-utf8", "")),
        (b"\xed\xa0\x80", ("not-utf8", "")),
        (b"\xff\xd8\xff\xe0", ("not-utf8", "")),
        (b"a" * 301, ("too-long", "301")),
        (b"a" * 100_000, ("too-long", "100000")),
        ("ä".encode() * 5_000_000, ("too-long", "5000000")),
    ],
)
def test_unreadable(value: bytes, why: tuple[str, str]) -> None:
    with pytest.raises(Unreadable) as refused:
        clean(value)
    assert (refused.value.code, refused.value.detail) == why


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("uid=alice,ou=People,dc=x", "UID = Alice , OU=people,DC=X"),
        (r"cn=Liddell\2C Alice,dc=x", r"cn=Liddell\, Alice,dc=x"),
        (r"cn=J\C3\B6rg,dc=x", "cn=Jörg,dc=x"),
        (r"cn=\41lice,dc=x", "cn=alice,dc=x"),
        (r"cn=Dre\c3\9fler,dc=x", "cn=DRESSLER,dc=x"),
        (r"cn=a\5cb,dc=x", r"cn=a\\b,dc=x"),
        ("cn=a+uid=b,dc=x", "cn=a + uid=b,dc=x"),
    ],
)
def test_the_same_dn_written_in_two_ways(one: str, other: str) -> None:
    assert comparable_dn(one) == comparable_dn(other)
    assert dn_key(one) == dn_key(other) == key_of(one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("uid=alice,dc=x", "uid=bob,dc=x"),
        (r"cn=a\,cn=b,dc=x", "cn=a,cn=b,dc=x"),
        (r"cn=a\2cdc=x", "cn=a,dc=x"),
        (r"cn=\\41,dc=x", "cn=A,dc=x"),
        (r"cn=a\20,dc=x", "cn=a,dc=x"),
    ],
)
def test_two_dns(one: str, other: str) -> None:
    assert comparable_dn(one) != comparable_dn(other)
    assert dn_key(one) != dn_key(other)


def test_the_key_fits_a_column_of_64_bits_and_never_changes() -> None:
    assert dn_key("uid=alice,ou=people,dc=northwind,dc=example") == 5171301661444094500
    keys = [key_of(f"uid={n},dc=x") for n in range(1000)]
    assert len(set(keys)) == 1000
    assert min(keys) < 0 < max(keys)
    assert all(-(2**63) <= key < 2**63 for key in keys)
    assert key_of("cn=\udcff,dc=x") != key_of("cn=\udcfe,dc=x")


def test_bytes_that_are_no_text_still_compare() -> None:
    assert comparable_dn(r"cn=\ff\fe,dc=x") == comparable_dn(r"cn=\FF\FE,dc=x")


def test_values_are_found_in_any_case() -> None:
    entry = Entry("uid=alice,dc=x", {"mail": [b"alice@northwind.example"]})
    assert entry.values("MAIL") == entry.values("mail") == [b"alice@northwind.example"]
    assert entry.values("title") == []
