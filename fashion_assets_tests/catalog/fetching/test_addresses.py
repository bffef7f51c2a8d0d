import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fashion_assets.catalog.fetching.addresses import read_address, read_host


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://shop.example/a.jpg", "https://shop.example/a.jpg"),
        ("  https://shop.example/a.jpg\n", "https://shop.example/a.jpg"),
        ("//cdn.shop.example/a.jpg?v=1", "https://cdn.shop.example/a.jpg?v=1"),
        ("HTTP://Shop.Example:80/A.JPG", "http://shop.example/A.JPG"),
        ("https://shop.example:443/a.jpg", "https://shop.example/a.jpg"),
        ("https://shop.example:8443/a.jpg", "https://shop.example:8443/a.jpg"),
        ("https://shop.example./a.jpg", "https://shop.example/a.jpg"),
        ("https://shop.example", "https://shop.example/"),
        ("https://shop.example/a b/Mütze.jpg", "https://shop.example/a%20b/M%C3%BCtze.jpg"),
        ("https://shop.example/a%20b/M%C3%BCtze.jpg", "https://shop.example/a%20b/M%C3%BCtze.jpg"),
        ("https://shop.example/100%wool.jpg", "https://shop.example/100%25wool.jpg"),
        (
            "https://shop.example/a.jpg?größe=ü ü&w=%20#top",
            "https://shop.example/a.jpg?gr%C3%B6%C3%9Fe=%C3%BC%20%C3%BC&w=%20",
        ),
        ("https://shop.example/a|b[1].jpg", "https://shop.example/a%7Cb%5B1%5D.jpg"),
        ("https://shop.example\\img\\a.jpg", "https://shop.example/img/a.jpg"),
        ("https://shop.example/a.jpg?path=c:\\a", "https://shop.example/a.jpg?path=c:%5Ca"),
        ("https://mützen.example/a.jpg", "https://xn--mtzen-kva.example/a.jpg"),
        ("https://MÜTZEN.example/a.jpg", "https://xn--mtzen-kva.example/a.jpg"),
        ("https://img_1.shop.example/a.jpg", "https://img_1.shop.example/a.jpg"),
        ("http://93.184.216.34/a.jpg", "http://93.184.216.34/a.jpg"),
        ("http://[2606:4700:0::1111]:8080/a.jpg", "http://[2606:4700::1111]:8080/a.jpg"),
        # two readings, as a browser's: the host is before the backslash
        ("https://shop.example\\@127.0.0.1/a.jpg", "https://shop.example/@127.0.0.1/a.jpg"),
    ],
)
def test_an_address_is_asked_for_in_one_form(text, expected):
    address = read_address(text)
    assert (address.text, address.problem) == (expected, None)
    assert read_address(expected) == address


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("https://Shop.Example:443/a", "shop.example"),
        ("http://shop.example:443/a", "shop.example:443"),
        ("http://[::1]:80/a", "[::1]"),
        ("http://[::1]:81/a", "[::1]:81"),
    ],
)
def test_a_host_has_the_port_that_is_not_its_schemes(text, host):
    assert read_address(text).host == host


@pytest.mark.parametrize(
    "text",
    [
        "",
        "images/1.jpg",
        "shop.example/a.jpg",
        "C:\\photos\\a.jpg",
        "ftp://shop.example/a.jpg",
        "file:///etc/passwd",
        "data:image/png;base64,iVBORw0KGgo=",
        "javascript:alert(1)",
        "gopher://shop.example/",
    ],
)
def test_only_http_and_https_are_asked(text):
    assert read_address(text) == (text, "", "not an http or https address")


@pytest.mark.parametrize(
    "text",
    [
        "http://",
        "https:///a.jpg",
        "https:/shop.example/a.jpg",
        "http://shop.example:99999/a.jpg",
        "http://shop.example:0/a.jpg",
        "http://shop.example:x/a.jpg",
        "http://[::1/a.jpg",
        "http://[shop.example]/a.jpg",
        "http://[fe80::1%25eth0]/a.jpg",
        "http://a b/a.jpg",
        "http://a..b/a.jpg",
        "http://-.example:/" + "\ud800",
        "http://" + "a" * 64 + ".example/a.jpg",
        # numbers that some programs read as 127.0.0.1
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.0.0.1/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://127.0.1/",
        "http://127.0.0.01/",
        "http://shop.0x7f/",
        "http://127%2e0.0.1/",
    ],
)
def test_what_has_no_host_is_no_address(text):
    assert read_address(text) == (text, "", "not a web address")


def test_digits_and_points_of_other_scripts_are_the_number_that_they_mean():
    assert read_address("http://１２７。0。0。1/").host == "127.0.0.1"


@pytest.mark.parametrize("text", ["https://me:secret@shop.example/a.jpg", "https://secret@shop.example", "//secret@x/"])
def test_a_password_is_neither_sent_nor_shown(text):
    address = read_address(text)
    assert address.problem == "an address with a user or a password"
    assert "secret" not in address.text


def test_an_endless_address_is_refused_and_not_repeated():
    address = read_address("https://shop.example/" + "a" * 10_000)
    assert address.problem == "an address that is too long"
    assert len(address.text) < 200


@given(st.text(st.characters(codec="utf-8"), max_size=30), st.text(st.characters(codec="utf-8"), max_size=30))
@example("%", "%zz#?")
def test_any_path_becomes_plain_and_stays_as_it_is(path, query):
    address = read_address(f"https://shop.example/{path}?{query}")
    assert address.problem is None
    assert set(address.text) <= set(string.ascii_letters + string.digits + "-._~:/?@!$&'()*+,;=%")
    assert read_address(address.text) == address


@given(st.text(max_size=40))
def test_any_text_is_an_address_or_has_a_problem(text):
    address = read_address(text)
    assert (address.problem is None) == bool(address.host)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cdn.Shop.example", "cdn.shop.example"),
        ("cdn.shop.example:443", "cdn.shop.example:443"),
        ("mützen.example", "xn--mtzen-kva.example"),
        ("[::1]:80", "[::1]:80"),
        ("https://cdn.shop.example", None),
        ("cdn.shop.example/photos", None),
        ("me@cdn.shop.example", None),
        ("*.shop.example", None),
        ("127.1", None),
        ("", None),
    ],
)
def test_a_host_is_read_as_that_of_an_address(text, expected):
    assert read_host(text) == expected
