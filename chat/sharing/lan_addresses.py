"""The LAN addresses of this computer."""

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
"""Adapters of containers, virtual machines and VPNs, which are not reachable from the local network."""

CARRIER_GRADE_NAT = IPv4Network('100.64.0.0/10')
"""Addresses of carrier-grade NAT and of Tailscale, never of a local network."""

PROBE_ADDRESSES = {socket.AF_INET: '192.0.2.1', socket.AF_INET6: '2001:db8::1'}
"""Documentation addresses: no computer has them, but the default route leads there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LanAddress:
    """One address of this computer."""

    ip: str
    adapter: str
    """The system's name of the adapter, shown to the person who chooses."""


def lan_addresses() -> list[LanAddress]:
    """Return the addresses to share on; the one of the default route comes first."""
    found = [
        LanAddress(ip=address.ip if isinstance(address.ip, str) else address.ip[0], adapter=adapter.nice_name)
        for adapter in ifaddr.get_adapters()
        for address in adapter.ips
    ]
    return sorted_addresses(
        found, [source for family in PROBE_ADDRESSES if (source := _outgoing_address(family))]
    )


def sorted_addresses(found: Iterable[LanAddress], sources: Iterable[str]) -> list[LanAddress]:
    """Sort and filter the LAN addresses: those of the default route first, and IPv4 before IPv6."""
    preferred = set(sources)
    usable = [address for address in found if is_lan_address(address)]
    return sorted(usable, key=lambda address: (address.ip not in preferred, ':' in address.ip))


def is_lan_address(address: LanAddress) -> bool:
    """Return whether an address is reachable from the local network, and not from the internet."""
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
    """Return the source address of the default route; nothing is sent."""
    with socket.socket(family, socket.SOCK_DGRAM) as connected:
        try:
            connected.connect((PROBE_ADDRESSES[family], 9))
        except OSError:
            return None
        return connected.getsockname()[0]
