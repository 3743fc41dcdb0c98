"""What a repository's address says, and which texts are none."""

import pytest

from trace_app.domain.repository_address import (
    RepositoryAddress,
    RepositoryAddressError,
    repository_address,
)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://github.com/acme/shop.git", RepositoryAddress("https", "github.com", 443)),
        (
            "https://Git.Acme.example:8443/shop",
            RepositoryAddress("https", "git.acme.example", 8443),
        ),
        ("http://localhost:3000/shop", RepositoryAddress("http", "localhost", 3000)),
        (
            "ssh://git@git.acme.example:2222/shop",
            RepositoryAddress("ssh", "git.acme.example", 2222),
        ),
        ("https://[2001:db8::1]/shop", RepositoryAddress("https", "2001:db8::1", 443)),
        ("git@github.com:acme/shop.git", RepositoryAddress("ssh", "github.com", 22)),
    ],
)
def test_what_an_address_names(url: str, expected: RepositoryAddress) -> None:
    assert repository_address(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "https://ghp_token@github.com/acme/shop.git",
        "https://u:secret@github.com/acme/shop.git",
        "https://:secret@github.com/acme/shop.git",
        "https://@10.0.0.5/shop.git",
        "ssh://git:secret@github.com/acme/shop.git",
    ],
)
def test_no_name_and_no_token_stands_before_the_host(url: str) -> None:
    with pytest.raises(RepositoryAddressError, match="out of the address") as caught:
        repository_address(url)
    assert "secret" not in str(caught.value)
    assert "ghp_token" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "/srv/git/shop.git",
        "../shop.git",
        "ext::sh -c id",
        "file:///srv/git/shop.git",
        "git://github.com/acme/shop.git",
        "https:///shop.git",
        "https://host:99999/shop.git",
        "https://[::1/shop.git",
        "https://github.com\\.10.0.0.5/shop.git",
        "https://github.com/a shop.git",
        "https://github.com/shop.git\nx",
        "ssh://10%2e0.0.5/shop.git",
        "ssh://-oProxyCommand=id/shop",
        "git@-oProxyCommand:shop.git",
    ],
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(RepositoryAddressError, match="Give an address like"):
        repository_address(url)
