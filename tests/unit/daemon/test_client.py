"""Who a client is, and what it may hold at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iop.daemon.http.client import MAX_HOPS, Clients, find_key
from iop.daemon.http.quota import Quota
from iop.errors import UsageError

PROXIES = ("10.0.0.0/8", "192.0.2.1", "2001:db8::/32", "unix")


def find(host, forwarded=None, trusted=PROXIES):
    headers = {} if forwarded is None else {b"x-forwarded-for": forwarded.encode()}
    return Clients(trusted).find(host, headers)


@pytest.mark.parametrize(
    ("host", "client"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2a00:1:2:3:4:5:6:7", "2a00:1:2:3::/64"),
        ("2a00:1:2:3::", "2a00:1:2:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_key_of_an_address(host, client):
    assert find_key(host) == client


@pytest.mark.parametrize(
    ("host", "forwarded", "client"),
    [
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),  # no proxy of ours: its word does not count
        ("10.1.1.1", None, "10.1.1.1"),
        ("10.1.1.1", "198.51.100.1", "198.51.100.1"),
        ("10.1.1.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        ("10.1.1.1", "198.51.100.1, 10.2.2.2,192.0.2.1", "198.51.100.1"),
        ("10.1.1.1", "10.2.2.2, 10.3.3.3", "10.2.2.2"),
        ("10.1.1.1", "198.51.100.1:4711", "198.51.100.1"),
        ("10.1.1.1", "[2a00:1:2:3::9]:4711", "2a00:1:2:3::/64"),
        ("10.1.1.1", "2a00:1:2:3::9", "2a00:1:2:3::/64"),
        ("10.1.1.1", "198.51.100.1, unknown", "10.1.1.1"),
        ("10.1.1.1", "198.51.100.1, nonsense, 10.2.2.2", "10.2.2.2"),
        ("10.1.1.1", "", "10.1.1.1"),
        ("2001:db8::1", "198.51.100.1", "198.51.100.1"),
        ("::ffff:10.1.1.1", "198.51.100.1", "198.51.100.1"),
        ("", "198.51.100.1", "198.51.100.1"),
    ],
)
def test_client_behind_a_proxy(host, forwarded, client):
    assert find(host, forwarded) == client


def test_a_socket_file_is_trusted_only_when_named():
    assert find("", "198.51.100.1", trusted=("10.0.0.0/8",)) == ""


def test_a_long_list_is_read_from_its_end():
    assert find("10.1.1.1", "198.51.100.1," + "10.1.1.1," * MAX_HOPS + "10.1.1.2") == "10.1.1.1"


@pytest.mark.parametrize("text", ["", "nonsense", "10.0.0.1/8", "10.0.0.0/33", "localhost"])
def test_what_is_no_network(text):
    with pytest.raises(UsageError):
        Clients((text,))


@given(st.binary(max_size=80))
def test_any_header_gives_a_client(forwarded):
    assert Clients(PROXIES).find("10.1.1.1", {b"x-forwarded-for": forwarded})


def test_quota():
    quota = Quota(2)
    assert [quota.take("a") for _ in range(3)] == [True, True, False]
    assert quota.take("b")
    quota.give_back("a")
    assert quota.take("a")
    for client in "aab":
        quota.give_back(client)
    assert quota._held == {}


def test_quota_of_any_number_still_counts():
    quota = Quota(0)
    assert all(quota.take("a") for _ in range(100))
    quota.most = 5
    assert not quota.take("a")
