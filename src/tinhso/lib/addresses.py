"""Network addresses as proxies write them, and the network that one household or office has at its disposal."""

import re
from ipaddress import IPv6Address, IPv6Network, ip_address

_PORTED = re.compile(r"\[(?P<six>[^\[\]]*)\](?::\d*)?|(?P<four>[0-9.]+):\d*")
_HOUSEHOLD_BITS = 64


def clean_address(text: str) -> str:
    """An address in its one spelling, without port, brackets and zone; nothing where it is none.

    IPv4 within IPv6 is IPv4: else one visitor would have two names.
    """
    typed = text.strip()
    ported = _PORTED.fullmatch(typed)
    try:
        found = ip_address((ported["six"] or ported["four"] or "") if ported else typed)
    except ValueError:
        return ""
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or IPv6Address(int(found)))
    return str(found)


def network_of(address: str) -> str:
    """What is counted against: the address itself, of IPv6 the network of its first 64 bits.

    Whoever has one line of IPv6 has all the addresses of such a network, more than any list could remember.
    """
    if ":" not in address:
        return address
    try:
        return str(IPv6Network((IPv6Address(address), _HOUSEHOLD_BITS), strict=False))
    except ValueError:
        return address
