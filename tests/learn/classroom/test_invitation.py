"""The address of a class and its QR code, read by another library."""

import socket

import cv2
import numpy as np
import psutil
import pytest

from xray.learn.classroom.invitation import is_loopback, join_url, lan_addresses, qr_code


def test_the_qr_code_is_read_by_another_library():
    url = "http://192.168.178.24:8501/learn?class=ABC234"
    picture = cv2.imdecode(np.frombuffer(qr_code(url), np.uint8), cv2.IMREAD_GRAYSCALE)
    read, _, _ = cv2.QRCodeDetector().detectAndDecode(picture)
    assert read == url
    assert (picture[:48] == 255).all(), "the quiet zone is white on a dark page"


@pytest.mark.parametrize(
    ("page", "host", "url"),
    [
        ("http://localhost:8501/learn", "192.168.1.5", "http://192.168.1.5:8501/learn?class=ABC234"),
        ("https://xray.example.org/x/learn?part=Class", "", "https://xray.example.org/x/learn?class=ABC234"),
        ("http://[::1]:8501/learn", "10.0.0.2", "http://10.0.0.2:8501/learn?class=ABC234"),
        ("https://localhost/learn", "10.0.0.2", "https://10.0.0.2/learn?class=ABC234"),
    ],
)
def test_the_address_replaces_the_host_alone(page, host, url):
    assert join_url(page, "ABC234", host) == url


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "::1", "xray.localhost"])
def test_a_loopback_host_is_reached_by_this_computer_only(host):
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["", None, "0.0.0.0", "192.168.1.5", "xray.example.org", "localhost.de"])
def test_other_hosts_are_reached_by_phones(host):
    assert not is_loopback(host)


def test_addresses_of_wireless_networks_come_before_virtual_ones(monkeypatch):
    def of(address: str, family: int = socket.AF_INET) -> list:
        return [psutil._ntuples.snicaddr(family, address, None, None, None)]

    found = {
        "lo": of("127.0.0.1"),
        "docker0": of("172.17.0.1"),
        "wlan0": of("192.168.178.24"),
        "eth0": of("10.0.0.9"),
        "usb0": of("169.254.3.4"),
        "tap6": of("fe80::1", socket.AF_INET6),
    }
    up = {name: psutil._ntuples.snicstats(name != "eth0", 0, 0, 1500, "") for name in found}
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: found)
    monkeypatch.setattr(psutil, "net_if_stats", lambda: up)
    assert lan_addresses() == ["192.168.178.24", "172.17.0.1"], "neither loopback nor what is down"
