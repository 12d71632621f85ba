"""Addresses that a server wants opened: which part of each is the host."""

import pytest

from chat.ui.chat.elicitation_view import parts_of


@pytest.mark.parametrize(
    ('url', 'parts'),
    [
        ('https://example.com/sign?in=1', ('https://', 'example.com', '/sign?in=1')),
        ('https://bank.com@evil.example:8443/', ('https://bank.com@', 'evil.example', ':8443/')),
        ('https://bank.com/@evil.example', ('https://', 'bank.com', '/@evil.example')),
        ('HTTPS://EXAMPLE.com', ('HTTPS://', 'example.com', '')),
        ('https://bаnk.com/', ('https://', 'xn--bnk-6cd.com', '/')),  # noqa: RUF001  # with a Cyrillic letter
        ('http://[::1]:80/x', ('http://[', '::1', ']:80/x')),
        ('javascript:alert(1)', ('javascript:alert(1)', '', '')),
        ('file:///etc/passwd', ('file:///etc/passwd', '', '')),
        ('https://', ('https://', '', '')),
        ('https://[', ('https://[', '', '')),
    ],
)
def test_the_host_of_an_address(url: str, parts: tuple[str, str, str]) -> None:
    assert parts_of(url) == parts
