"""On which addresses of a computer it can be shared."""

import pytest

from chat.sharing.lan_addresses import LanAddress, is_lan_address, sorted_addresses
from chat.sharing.qr_code import qr_svg, qr_text

ROOM = [('eth0', '192.168.1.5'), ('wlp3s0', '10.0.0.7'), ('en0', '172.20.10.2'), ('Wi-Fi', 'fd12::5')]
ELSEWHERE = [
    ('lo', '127.0.0.1'),
    ('docker0', '172.17.0.1'),
    ('br-1a2b3c', '172.18.0.1'),
    ('virbr0', '192.168.122.1'),
    ('tun0', '10.8.0.2'),
    ('wg0', '10.9.0.2'),
    ('tailscale0', '100.101.102.103'),
    ('utun3', 'fd7a::1'),
    ('eth0', '169.254.3.4'),
    ('eth0', 'fe80::1'),
    ('vEthernet (WSL)', '172.30.0.1'),
    ('VMware Network Adapter VMnet8', '192.168.56.1'),
]


@pytest.mark.parametrize(('adapter', 'ip'), ROOM)
def test_what_others_in_the_room_can_reach_is_offered(adapter: str, ip: str) -> None:
    assert is_lan_address(LanAddress(ip=ip, adapter=adapter))


@pytest.mark.parametrize(('adapter', 'ip'), ELSEWHERE)
def test_what_leads_elsewhere_is_not(adapter: str, ip: str) -> None:
    assert not is_lan_address(LanAddress(ip=ip, adapter=adapter))


def test_the_way_out_comes_first_and_ipv4_before_ipv6() -> None:
    found = [LanAddress(ip=ip, adapter=adapter) for adapter, ip in (*ELSEWHERE, *reversed(ROOM))]
    ordered = sorted_addresses(found, ['192.168.1.5', 'fd12::5'])
    assert [address.ip for address in ordered] == ['192.168.1.5', 'fd12::5', '172.20.10.2', '10.0.0.7']


def test_a_qr_code_is_square_and_has_a_quiet_border() -> None:
    link = 'http://192.168.1.5:8080/join/' + 'x' * 43
    lines = qr_text(link).splitlines()
    assert {len(line) for line in lines} == {43}
    assert set(lines[0]) == {'█'}
    assert 'viewBox="0 0 43 43"' in qr_svg(link)
