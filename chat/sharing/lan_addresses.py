"""The addresses of this computer at which others in the same network may find it."""

import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_address

import ifaddr

VIRTUAL_ADAPTER_PATTERN = re.compile(
    r'lo\d*$|docker|br-|veth|virbr|vmnet|vboxnet|podman|cni|flannel|lxc|lxd|tun|tap|wg|utun|ipsec|ppp|zt|tailscale'
    r'|awdl|llw|.*(hyper-v|vethernet|virtualbox|vmware|wireguard|openvpn|tap-windows|zerotier)',
    re.IGNORECASE,
)
"""Adapters that lead to containers, virtual machines or through a VPN, but not to people in the same room."""

CARRIER_GRADE_NAT = IPv4Network('100.64.0.0/10')
"""Addresses of providers and of Tailscale, never of a room."""

PROBE_ADDRESSES = {socket.AF_INET: '192.0.2.1', socket.AF_INET6: '2001:db8::1'}
"""Addresses for examples: no computer has them, but every way out of the network leads there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LanAddress:
    """One address of this computer."""

    ip: str
    adapter: str
    """What the system calls the adapter, for the person who chooses."""


def lan_addresses() -> list[LanAddress]:
    """All that may be shared on; that of the adapter that leads out of the network comes first."""
    found = [
        LanAddress(ip=address.ip if isinstance(address.ip, str) else address.ip[0], adapter=adapter.nice_name)
        for adapter in ifaddr.get_adapters()
        for address in adapter.ips
    ]
    return sorted_addresses(
        found, [source for family in PROBE_ADDRESSES if (source := _outgoing_address(family))]
    )


def sorted_addresses(found: Iterable[LanAddress], sources: Iterable[str]) -> list[LanAddress]:
    """Those on which others in the room find this computer: first the sources, and IPv4 before IPv6."""
    preferred = set(sources)
    usable = [address for address in found if is_lan_address(address)]
    return sorted(usable, key=lambda address: (address.ip not in preferred, ':' in address.ip))


def is_lan_address(address: LanAddress) -> bool:
    """Whether others in the same network can come to this address, and no one else by accident."""
    ip = ip_address(address.ip)
    if (
        VIRTUAL_ADAPTER_PATTERN.match(address.adapter)
        or ip.is_loopback
        or ip.is_link_local
        or ip.is_multicast
    ):
        return False
    match ip:
        case IPv4Address():
            return ip not in CARRIER_GRADE_NAT
        case IPv6Address():
            return ip.is_global or ip.is_private


def _outgoing_address(family: socket.AddressFamily) -> str | None:
    """The address from which something would be sent out of the network; nothing is sent."""
    with socket.socket(family, socket.SOCK_DGRAM) as connected:
        try:
            connected.connect((PROBE_ADDRESSES[family], 9))
        except OSError:
            return None
        return connected.getsockname()[0]
