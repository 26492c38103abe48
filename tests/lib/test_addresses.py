"""Addresses as proxies write them."""

import pytest

from tinhso.lib.addresses import clean_address, network_of


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        (" 192.0.2.1\t", "192.0.2.1"),
        ("192.0.2.1:443", "192.0.2.1"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:65535", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("[::ffff:c000:201]:80", "192.0.2.1"),
        ("fe80::1%" + "x" * 5000, "fe80::1"),
        ("::1", "::1"),
    ],
)
def test_an_address_has_one_spelling(written: str, address: str) -> None:
    assert clean_address(written) == address
    assert clean_address(address) == address


@pytest.mark.parametrize(
    "written",
    [
        "", " ", "unknown", "_hidden", "192.0.2", "192.0.2.256", "192.0.2.01", "1", "0x7f.1", "192.0.2.1/24", "١٩٢.0.2.1",
        "192.0.2.1:99:1", "[192.0.2.1", "[::1]x", "[]", "[]:80", ":80", "::1::", "for=192.0.2.1", "192.0.2.1\n192.0.2.2",
        "localhost", "\x00", "\udc80", "9" * 5000, "[" * 5000, "a.b:1", "<b>", "2001:db8::1%",
    ],
)  # fmt: skip
def test_what_is_no_address_is_none(written: str) -> None:
    assert clean_address(written) == ""


def test_a_line_of_ipv6_counts_as_one() -> None:
    assert {network_of(f"2001:db8:1:2:{end}") for end in ("0:0:0:1", "ffff:1:2:3")} == {"2001:db8:1:2::/64"}
    assert network_of("2001:db8:1:3::1") != network_of("2001:db8:1:2::1")
    assert [network_of(kept) for kept in ("192.0.2.1", "17", "", "a:b")] == ["192.0.2.1", "17", "", "a:b"]
