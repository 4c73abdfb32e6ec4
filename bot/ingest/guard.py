"""The address guard: no connection to a private network, whatever a feed, a redirect or a name server says.

A name is resolved once, every address it has must be public, and the connection goes to one of those very
addresses: between look-up and connect nothing can be swapped. The host name still names the TLS certificate.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

import httpcore
import httpx

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
    """All addresses of a host, by the system's own resolver. Raises `OSError`."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Opens TCP connections to public addresses only."""

    def __init__(self, inner: httpcore.AsyncNetworkBackend, resolver: Resolve = resolve) -> None:
        self._inner = inner
        self._resolve = resolver

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  the signature is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to a checked address of the host. Raises `RefusedAddressError`, `httpcore.ConnectError`."""
        try:
            addresses = await self._resolve(host, port)
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        except UnicodeError as error:
            raise httpcore.ConnectError("not a host name") from error
        if not addresses:
            raise httpcore.ConnectError("the name has no address")
        if not all(is_public(address) for address in addresses):
            raise RefusedAddressError(f"{host} leads to a private address")
        for last, address in enumerate(addresses, start=1 - len(addresses)):
            try:
                return await self._inner.connect_tcp(
                    address,
                    port,
                    timeout=timeout / len(addresses) if timeout else timeout,
                    local_address=local_address,
                    socket_options=socket_options,
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if last == 0:
                    raise
        raise AssertionError("unreachable: the last address returns or raises")

    async def connect_unix_socket(self, *args: Any, **kwargs: Any) -> httpcore.AsyncNetworkStream:
        """Never: no source lives in a socket file."""
        raise RefusedAddressError("socket files are refused")

    async def sleep(self, seconds: float) -> None:
        """Wait; httpcore asks for it between its own retries."""
        await self._inner.sleep(seconds)


def guarded_transport(*, limits: httpx.Limits, resolver: Resolve = resolve) -> httpx.AsyncHTTPTransport:
    """An httpx transport that connects through the guard. Raises `RuntimeError` rather than go without one."""
    transport = httpx.AsyncHTTPTransport(trust_env=False, limits=limits)
    # httpx offers no public way to hand in a backend. Should a later one keep it elsewhere, nothing is fetched.
    inner = getattr(transport._pool, "_network_backend", None)
    if not isinstance(inner, httpcore.AsyncNetworkBackend):
        raise RuntimeError("this httpx keeps its network backend elsewhere: the address guard can not be set")
    transport._pool._network_backend = GuardedBackend(inner, resolver)
    return transport
