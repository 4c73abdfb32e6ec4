"""The address guard: no connection to a private network, whatever a feed, a redirect or a name server says.

A name is resolved once, every address it has must be public, and the connection goes to one of those very
addresses (wire.py): between look-up and connect nothing can be swapped. The host name still names the TLS
certificate.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv6Address, ip_address, ip_network

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

#: Ranges that `is_global` lets through although they lead, or may lead, to other addresses.
_DETOURS = tuple(
    ip_network(network)
    for network in (
        "::/96",  # IPv4-compatible
        "::ffff:0:0/96",  # IPv4-mapped
        "64:ff9b::/96",  # NAT64
        "64:ff9b:1::/48",  # local NAT64
        "2001::/32",  # Teredo
        "2002::/16",  # 6to4
        "fec0::/10",  # site-local of old
        "192.88.99.0/24",  # 6to4 relays
        "240.0.0.0/4",  # reserved
    )
)


class RefusedAddressError(Exception):
    """The guard forbids this connection; the message names host and rule, nothing secret."""


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet; False for what is no IP address."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address) and ip.scope_id:
        return False
    if not ip.is_global or ip.is_multicast:
        return False
    return not any(ip.version == network.version and ip in network for network in _DETOURS)


async def resolve(host: str, port: int) -> Sequence[str]:
    """All addresses of a host, by the system's own resolver. Raises `OSError`, `UnicodeError`."""
    if is_address(host):
        return [host]  # a thread for nothing
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_address(host: str) -> bool:
    """Whether a host is an IP address in its one proper spelling; all others are left to the system to understand."""
    try:
        return str(ip_address(host)) == host
    except ValueError:
        return False


def guarded(look_up: Resolve = resolve) -> Resolve:
    """A look-up that gives public addresses only.

    It raises `RefusedAddressError` if one of the host's addresses is not, and whatever `look_up` raises.
    """

    async def addresses(host: str, port: int) -> Sequence[str]:
        found = await look_up(host, port)
        if not all(is_public(address) for address in found):
            raise RefusedAddressError(f"{host} leads to a private address")
        return found

    return addresses
