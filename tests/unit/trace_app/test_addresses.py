"""Which addresses the server itself may call: those of one host of the public network."""

import pytest

from trace_app.clients.addresses import (
    ForbiddenAddressError,
    UnknownHostError,
    check_host,
    is_public,
)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("64:ff9b::5db8:d822", True),
        ("2002:7f00:1::", False),
        ("2002:a00:1::1", False),
    ],
)
def test_one_host_of_the_public_network(address: str, *, public: bool) -> None:
    assert is_public(address) is public


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "0x7f.1", "2130706433", "localhost"])
def test_this_machine_under_other_names_is_not_called(host: str) -> None:
    with pytest.raises(ForbiddenAddressError, match="private network"):
        check_host(host, allowed_hosts=())


def test_a_host_that_the_settings_name_is_called_as_it_is() -> None:
    assert check_host("localhost", allowed_hosts=["localhost"]) == "localhost"
    with pytest.raises(ForbiddenAddressError, match="OUTBOUND_ALLOWED_HOSTS"):
        check_host("localhost", allowed_hosts=["localhost.example"])


@pytest.mark.parametrize("host", ["", "no such name", "a" * 300, "\udc80"])
def test_what_is_no_name_has_no_address(host: str) -> None:
    with pytest.raises(UnknownHostError):
        check_host(host, allowed_hosts=())
