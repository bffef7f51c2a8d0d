"""Fetching from a server on loopback, which has every fault that its address names."""

import hashlib
import threading
import time

import pytest

from fashion_assets.catalog.fetching.cache import PhotoCache
from fashion_assets.errors import PhotoCacheBusy, StorageError
from fashion_assets_tests.fakes.photo_server import PhotoServer, photo, serving

GOOD = ("photo", "modified", "plain", "chunked", "until_close", "gzip", "redirect", "slow")
PASSING = ("error", "reset", "cut", "cut_until_close", "busy", "unavailable")
FAILING = {
    "400": "400 Bad Request",
    "401": "401 Unauthorized",
    "403": "403 Forbidden",
    "404": "404 Not Found",
    "410": "410 Gone",
    "304": "304 Not Modified",
    "299": "299",
    "nothing": "204 No Content",
    "html": "not a photo (image/jpeg)",
    "empty": "an empty file",
    "brotli": "compressed in a way that was not asked for",
    "endless": "more than 1 MB",
    "too_long": "more than 1 MB",
    "bomb": "more than 1 MB",
    "loop": "more than 5 redirects",
    "to_nowhere": "a redirect to nowhere",
    "to_nonsense": "redirected: not a web address",
    "to_file": "redirected: not an http or https address",
    "to_private": "an address of a private network",
    "to_metadata": "an address of a private network",
}
FAILING_NOW = {
    "408": "408 Request Timeout",
    "500": "500 Internal Server Error",
    "503": "503 Service Unavailable",
    "599": "599",
    "reset": "the connection broke",
    "cut": "the connection broke",
    "cut_until_close": "the answer was cut short",
    "cut_gzip": "the answer was cut short",
    "gibberish": "the connection broke",
    "length_of_thousands_of_digits": "the connection broke",
    "busy": "429 Too Many Requests",
}


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    """A server, its requests by path, and the states of all its kinds of addresses after a fetch."""
    from fashion_assets.catalog.fetching.fetch import fetch_photos
    from fashion_assets.catalog.fetching.limits import FetchLimits

    kinds = [*GOOD, *(f"once_{kind}" for kind in PASSING), *FAILING, *FAILING_NOW]
    limits = FetchLimits(
        largest_bytes=1_000_000,
        first_wait_seconds=0.01,
        failures_in_a_row=1000,
        private_hosts=frozenset({"127.0.0.1"}),
    )
    cache = PhotoCache(tmp_path_factory.mktemp("cache"))
    with serving(PhotoServer()) as server:
        addresses = {kind: server.address(kind, number) for number, kind in enumerate(kinds, 1)}
        report = fetch_photos(addresses.values(), cache, limits)
    rows = cache.look_up(addresses.values()).to_dicts()
    return server, report, dict(zip(kinds, rows, strict=True)), cache


@pytest.mark.parametrize("kind", [*GOOD, *(f"once_{kind}" for kind in PASSING)])
def test_a_photo_is_had_however_it_is_sent(everything, kind):
    _, _, rows, cache = everything
    number = int(rows[kind]["address"].rpartition("/")[2])
    assert rows[kind]["problem"] is None
    assert cache.file(rows[kind]["sha256"]).read_bytes() == photo(number)
    assert rows[kind]["fetched_at"] == rows[kind]["checked_at"]


@pytest.mark.parametrize("kind", FAILING)
def test_what_is_no_photo_is_asked_for_once_and_says_why(everything, kind):
    server, _, rows, _ = everything
    assert (rows[kind]["sha256"], rows[kind]["problem"]) == (None, FAILING[kind])
    path = rows[kind]["address"].partition(server.host)[2]
    assert server.paths().count(path) == (6 if kind == "loop" else 1)


@pytest.mark.parametrize("kind", FAILING_NOW)
def test_what_may_pass_is_asked_for_several_times(everything, kind):
    server, _, rows, _ = everything
    assert (rows[kind]["sha256"], rows[kind]["problem"]) == (None, FAILING_NOW[kind])
    path = rows[kind]["address"].partition(server.host)[2]
    assert server.paths().count(path) == (6 if kind == "busy" else 3)


def test_no_photo_is_lost_in_the_report(everything):
    _, report, rows, _ = everything
    assert report.wanted == len(rows) == report.fetched + report.without_photo
    assert {problem.reason for problem in report.failed} == {*FAILING.values(), *FAILING_NOW.values()}
    assert not report.is_offline
    assert report.given_up == {}


def test_no_half_file_is_left(everything):
    *_, cache = everything
    files = [file for file in cache.folder.rglob("*") if file.is_file() and len(file.name) == 64]
    assert len(files) == len(GOOD) + len(PASSING)
    assert all(hashlib.sha256(file.read_bytes()).hexdigest() == file.name for file in files)
    assert list((cache.folder / "partial").iterdir()) == []
    assert cache.size() == sum(file.stat().st_size for file in files)


def test_a_request_says_who_asks_and_what_for(everything):
    server, *_ = everything
    headers = server.requests[0].headers
    assert headers["User-Agent"].startswith("fashion-assets/0.")
    assert headers["Accept"] == "image/*"
    assert headers["Host"] == server.host
    assert not set(headers) & {"Cookie", "Authorization", "Referer"}


@pytest.mark.parametrize(("hops", "is_had"), [(5, True), (6, False)])
def test_redirects_are_followed_up_to_a_limit(server, shop, hops, is_had):
    address = server.address("hops", hops)
    shop.fetch([address])
    assert (shop.content(address) == photo(0)) == is_had


@pytest.mark.parametrize("kind", ["drip", "drip_of_headers"])
def test_a_photo_has_a_time_to_be_complete(server, shop, kind):
    started = time.monotonic()
    report = shop.fetch([server.address(kind)], seconds_per_photo=0.3)
    assert time.monotonic() - started < 5
    assert [problem.reason for problem in report.failed] == ["not complete within 0.3 s"]
    assert len(server.requests) == 1


def test_a_silent_host_is_asked_again_and_may_answer(server, shop):
    silent, again = server.address("silence"), server.address("once_silence", 5)
    shop.fetch([silent, again], silent_seconds=0.3)
    assert shop.problem(silent) == "silent for 0.3 s"
    assert shop.content(again) == photo(5)


def test_the_same_address_is_asked_for_once(server, shop):
    address = server.address("photo", 3)
    report = shop.fetch([address, f"{address}#front", f" {address} ", address.replace("http:", "HTTP:")])
    assert (report.wanted, report.fetched) == (1, 1)
    assert len(server.requests) == 1


def test_the_same_photo_is_kept_once(server, shop):
    shop.fetch([server.address("photo", 3), server.address("plain", 3)])
    assert shop.cache.size() == len(photo(3))


def test_a_host_gets_few_requests_at_once(shop):
    with serving(PhotoServer(seconds=0.02)) as server:
        shop.fetch([server.address("photo", number) for number in range(30)], per_host=3)
    assert server.most_in_flight <= 3


def test_progress_counts_the_photos_that_are_due(server, shop):
    steps = []
    addresses = [server.address("photo", number) for number in range(5)]
    shop.fetch(addresses[:2])
    shop.fetch([*addresses, "no address"], progress=lambda done, in_all: steps.append((done, in_all)))
    assert steps[0] == (0, 3)
    assert steps[-1] == (3, 3)
    assert steps == sorted(steps)


# a second time


def test_a_photo_is_not_asked_for_again_within_the_hour(server, shop):
    addresses = [server.address("photo", number) for number in range(3)]
    shop.fetch(addresses)
    server.requests.clear()
    report = shop.fetch(addresses, hours_later=0.9)
    assert (report.fresh, server.requests) == (3, [])
    assert shop.fetch(addresses, hours_later=0.2).revalidated == 3
    assert len(server.requests) == 3
    assert shop.fetch(addresses, force=True).revalidated == 3


def test_a_clock_that_was_wrong_keeps_nothing_from_being_checked(server, shop):
    shop.fetch([server.address("photo")])
    assert shop.fetch([server.address("photo")], hours_later=-1000).revalidated == 1


@pytest.mark.parametrize("kind", ["photo", "modified", "plain"])
def test_a_second_run_makes_only_conditional_requests(server, shop, kind):
    address = server.address(kind, 3)
    shop.fetch([address])
    server.requests.clear()
    report = shop.fetch([address], hours_later=2)
    assert (report.revalidated, report.fetched, report.received_bytes) == (
        1,
        0,
        len(photo(3)) if kind == "plain" else 0,
    )
    assert [request.is_conditional for request in server.requests] == [True]
    checked = shop.cache.look_up([address]).row(0, named=True)
    assert (checked["checked_at"] - checked["fetched_at"]).total_seconds() in (0, 7200)
    assert shop.content(address) == photo(3)


def test_the_condition_is_for_the_address_that_a_redirect_leads_to(server, shop):
    shop.fetch([server.address("redirect", 3)])
    server.requests.clear()
    assert shop.fetch([server.address("redirect", 3)], hours_later=2).revalidated == 1
    assert [request.is_conditional for request in server.requests] == [False, True]


def test_a_changed_photo_replaces_the_earlier_one(server, shop):
    address = server.address("photo", 3)
    shop.fetch([address])
    server.version = 1
    assert shop.fetch([address]).fetched == 0
    report = shop.fetch([address], hours_later=2)
    assert (report.fetched, report.revalidated) == (1, 0)
    assert shop.content(address) == photo(3, 1)


def test_a_file_that_was_lost_is_fetched_again(server, shop):
    addresses = [server.address("photo", number) for number in range(2)]
    shop.fetch(addresses)
    shop.cache.file(hashlib.sha256(photo(1)).hexdigest()).unlink()
    server.requests.clear()
    assert shop.fetch(addresses).fetched == 1
    assert [(request.path, request.is_conditional) for request in server.requests] == [("/photo/1", False)]
    assert shop.content(addresses[1]) == photo(1)


def test_a_run_without_network_changes_nothing_and_is_one_note(shop):
    with serving(PhotoServer()) as server:
        addresses = [server.address("photo", number) for number in range(60)]
        shop.fetch(addresses)
    before = shop.cache.look_up(addresses)
    report = shop.fetch([*addresses, server.address("photo", 60)], hours_later=2)
    assert shop.cache.look_up(addresses).equals(before)
    assert (report.with_earlier_photo, report.without_photo, report.is_offline) == (60, 1, True)
    assert report.lines() == [
        "61 photos by address: 60 kept from before, 1 without a photo",
        "No host could be reached (no connection (Connection refused)): earlier photos stay in use,"
        " the next run asks again",
    ]


def test_a_host_that_is_down_costs_others_nothing_and_is_said(server, shop):
    with serving(PhotoServer()) as down:
        pass
    gone = [down.address("photo", number) for number in range(200)]
    there = [server.address("photo", number) for number in range(20)]
    report = shop.fetch([*gone, *there])
    assert (report.fetched, report.without_photo) == (20, 200)
    assert report.given_up == {down.host: "no connection (Connection refused)"}
    assert f"{down.host} was given up for this run: no connection (Connection refused)" in report.lines()
    assert not report.is_offline
    assert {shop.problem(address) for address in gone} == {
        "no connection (Connection refused)",
        "its host was given up: no connection (Connection refused)",
    }


def test_what_a_killed_process_left_is_removed(server, shop):
    shop.fetch([server.address("photo", 1)])
    left = shop.cache.folder / "partial" / "half"
    left.write_bytes(photo(2)[:20])
    shop.fetch([server.address("photo", 2)])
    assert not left.exists()
    assert shop.cache.size() == len(photo(1)) + len(photo(2))


def test_an_interruption_leaves_no_thread_waiting(server, shop):
    def interrupt(done: int, in_all: int) -> None:
        if done == 3:
            deadline = time.monotonic() + 60
            while "/silence/0" not in server.paths() and time.monotonic() < deadline:
                time.sleep(0.01)
            raise KeyboardInterrupt

    addresses = [server.address("photo", number) for number in range(3)]
    with pytest.raises(KeyboardInterrupt):
        shop.fetch([*addresses, server.address("silence")], progress=interrupt)
    assert [thread.name for thread in threading.enumerate() if thread.name == "photos"] == []
    assert shop.cache.look_up(addresses)["sha256"].count() == 3
    assert shop.problem(server.address("silence")) is None


# failures are remembered, each as long as it may last


@pytest.mark.parametrize("kind", ["404", "403", "html", "to_private"])
def test_a_failure_that_lasts_is_asked_for_again_after_a_day_or_when_forced(server, shop, kind):
    address = server.address(kind)

    def is_asked(**when) -> bool:
        before = len(server.requests)
        shop.fetch([address], **when)
        return len(server.requests) > before

    assert is_asked()
    assert not is_asked(hours_later=23)
    assert is_asked(hours_later=2)
    assert is_asked(force=True)
    (problem,) = shop.fetch([address]).failed
    assert (problem.photos, problem.examples, problem.is_earlier) == (1, (address,), True)


def test_a_failure_that_may_pass_is_asked_for_in_the_next_run(server, shop):
    shop.fetch([server.address("once_error", 2)], tries=1)
    assert shop.fetch([server.address("once_error", 2)]).fetched == 1


@pytest.mark.parametrize(
    ("kind", "limits"),
    [("bomb", {"largest_bytes": 10_000_000}), ("photo", {"private_hosts": frozenset({"127.0.0.1"})})],
)
def test_other_limits_are_asked_about_at_once(server, shop, kind, limits):
    before = {name: frozenset() if name == "private_hosts" else 1_000_000 for name in limits}
    assert shop.fetch([server.address(kind)], **before).without_photo == 1
    assert shop.fetch([server.address(kind)], **before).failed[0].is_earlier
    assert shop.fetch([server.address(kind)], **limits).fetched == 1


@pytest.mark.parametrize("path", ["500", "reset", "403", "html", "bomb"])
def test_an_earlier_photo_stays_in_use_when_it_cannot_be_checked(server, shop, path):
    address = had_before(server, shop)
    for _ in range(3):
        server.override = path
        report = shop.fetch([address], hours_later=30)
        assert (report.with_earlier_photo, report.without_photo) == (1, 0)
        assert shop.content(address) == photo(3)
    server.override = None
    assert shop.fetch([address], hours_later=30).revalidated == 1
    assert shop.problem(address) is None


def test_a_missing_photo_stays_in_use_until_that_is_said_again_a_day_later(server, shop):
    address = had_before(server, shop)
    server.override = "404"
    for hours in (2, 10):
        report = shop.fetch([address], hours_later=hours)
        assert [str(problem) for problem in report.kept] == [f"404 Not Found (1): {address}"]
        assert shop.content(address) == photo(3)
        assert shop.problem(address) == "404 Not Found"
    report = shop.fetch([address], hours_later=15)
    assert [str(problem) for problem in report.failed] == [f"404 Not Found (1): {address}"]
    assert shop.content(address) is None
    server.override = None
    assert shop.fetch([address], hours_later=25).fetched == 1


def test_a_photo_that_is_there_again_was_never_missing(server, shop):
    address = had_before(server, shop)
    for status in ("404", None, "404"):
        server.override = status
        shop.fetch([address], hours_later=30)
    assert shop.content(address) == photo(3)


def test_a_photo_that_the_shop_took_away_leaves_at_once(server, shop):
    address = had_before(server, shop)
    server.override = "410"
    assert shop.fetch([address], hours_later=2).without_photo == 1
    assert shop.content(address) is None


def had_before(server: PhotoServer, shop) -> str:
    """The address of a photo that was fetched."""
    shop.fetch([server.address("photo", 3)])
    return server.address("photo", 3)


# what cannot be asked, and who may write


def test_addresses_that_cannot_be_asked_are_in_the_report_without_their_passwords(shop):
    report = shop.fetch(["", "images/1.jpg", "https://me:secret@shop.example/1.jpg"])
    assert (report.wanted, report.without_photo, report.is_offline) == (3, 3, False)
    assert report.lines() == [
        "3 photos by address: 3 without a photo",
        "No photo: not an http or https address (2): '', images/1.jpg",
        "No photo: an address with a user or a password (1): https://***@shop.example/1.jpg",
    ]
    assert shop.problem("images/1.jpg") == "not an http or https address"


def test_nothing_to_fetch_is_no_trouble(shop):
    assert shop.fetch([]).lines() == ["0 photos by address: nothing to do"]
    assert shop.cache.look_up([]).is_empty()


def test_a_cache_that_is_not_there_knows_nothing(cache):
    row = cache.look_up(["https://shop.example/1.jpg"]).row(0)
    assert row == ("https://shop.example/1.jpg", None, None, None, None)
    assert not cache.folder.exists()


def test_only_one_may_write_the_cache_and_others_may_read_it(server, shop):
    shop.fetch([server.address("photo", 3)])
    with PhotoCache(shop.cache.folder).writing():
        with pytest.raises(PhotoCacheBusy, match=r"Another process is fetching photos into .*, but only one may"):
            shop.fetch([server.address("photo", 4)])
        assert shop.content(server.address("photo", 3)) == photo(3)
    assert shop.fetch([server.address("photo", 4)]).fetched == 1


def test_a_state_that_cannot_be_read_is_said_in_a_sentence(shop):
    shop.cache.folder.mkdir(parents=True)
    (shop.cache.folder / "addresses.sqlite").write_bytes(b"no database, whatever its name says" * 100)
    with pytest.raises(StorageError, match=r"addresses\.sqlite' cannot be read .*; remove it"):
        shop.fetch(["https://shop.example/1.jpg"])


def test_a_cache_of_a_later_version_is_left_alone(server, shop):
    with shop.cache.writing() as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StorageError, match="written by a later version"):
        shop.fetch([server.address("photo")])


def test_a_cache_that_cannot_be_written_ends_the_fetch_with_a_sentence(server, shop):
    shop.cache.folder.mkdir(parents=True)
    (shop.cache.folder / "partial").write_text("in the way of a folder")
    with pytest.raises(StorageError, match=r"The photo cache .* cannot be written"):
        shop.fetch([server.address("photo", number) for number in range(30)])
