"""Who owns an address."""

import pytest

from bot.address import registrable


@pytest.mark.parametrize(
    ("url", "owner"),
    [
        ("https://news.un.org/feed", "un.org"),
        ("https://un.org", "un.org"),
        ("https://a.b.co.uk/rss", "b.co.uk"),
        ("https://www.mofcom.gov.cn/", "mofcom.gov.cn"),
        ("http://127.0.0.1:8000/x", "127.0.0.1"),
        ("https://localhost/", "localhost"),
        ("not an address", ""),
        ("https://[bad", ""),
    ],
)
def test_the_registered_part_of_a_host_names_its_owner(url: str, owner: str) -> None:
    """Sites below one registered name are one owner's; what has no host has no owner."""
    assert registrable(url) == owner
