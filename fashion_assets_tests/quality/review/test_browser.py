"""The page in a real browser, by keyboard alone."""

import socket
import threading
import time
from collections.abc import Iterator

import polars as pl
import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect

from fashion_assets.quality.labels.corrections import current_corrections
from fashion_assets.quality.review.app import build_app
from fashion_assets.quality.review.queues import last_reviews
from fashion_assets.quality.review.session import ReviewSession
from fashion_assets.quality.review.tables import REVIEWED_PRODUCTS
from fashion_assets.quality.tables import AUDIT_LABELS
from fashion_assets_tests.factories import write_photo
from fashion_assets_tests.factories.reviewed_products import AUTHOR, HOSTILE, write_rows

WATCHES = range(1, 13)
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def shop(store, tmp_path):
    """Twelve watches that are not metal, with hostile names."""
    rows = []
    for number in WATCHES:
        sha256 = write_photo(tmp_path / "photos", f"{number}.png", (20 * number, 90, 60))
        photo = {"image_path": f"{number}.png", "photo_sha256": sha256, "photo_status": "ok"}
        words = {"product_display_name": f"{HOSTILE} {number}", "article_type": "Watches", "sub_category": "Watches"}
        seen = {"material": "leather", "material_probability": number / 20}
        rows.append({"product_id": number, **photo, **words, **seen, "master_category": "Accessories"})
    write_rows(store, *rows)
    return store


@pytest.fixture
def address(shop, tmp_path, questions) -> Iterator[str]:
    """The page, served as `fashion review` serves it."""
    session = ReviewSession(shop, tmp_path / "photos", questions, AUTHOR)
    server = uvicorn.Server(uvicorn.Config(build_app(session), log_level="warning"))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        server.should_exit = True
        thread.join()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """The open page; nothing may be written to the console, no script may fail, and no dialog may pop up."""
    complaints = []
    page = browser.new_page(viewport=PHONE)
    page.set_default_timeout(10_000)
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
    page.goto(address)
    yield page
    width = page.evaluate("document.documentElement.scrollWidth")
    page.close()
    assert complaints == []
    assert width <= PHONE["width"]


def press(page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def wait_for_product(page, number: int) -> None:
    page.wait_for_selector(f"article[data-product='{number}']")


def test_ten_products_are_reviewed_by_keyboard_alone(page, shop):
    for number in range(1, 11):  # least sure first
        wait_for_product(page, number)
        assert page.locator("#progress").inner_text() == f"{number} of 12"
        assert page.locator("#name").inner_text().startswith(f"{HOSTILE} {number}")
        if number % 2:
            press(page, "c")
        else:
            press(page, "6", "j", "ArrowDown", "ArrowDown", "j", "1", "3")
            expect(page.locator("[aria-expanded=true]")).to_be_focused()
            press(page, "Enter")
    wait_for_product(page, 11)

    found = current_corrections(shop)
    even = [number for number in range(1, 11) if not number % 2]
    assert found.filter(field="material").select("product_id", "value").rows() == [(one, "metal") for one in even]
    details = found.filter(field="visual_details")
    assert details.select("product_id", "value").rows() == [(one, "has pockets|has zipper") for one in even]
    assert len(found) == 10 and set(found["author"]) == {AUTHOR}
    assert sorted(last_reviews(shop.read(REVIEWED_PRODUCTS))["product_id"]) == list(range(1, 11))

    press(page, "u")
    wait_for_product(page, 10)
    assert "Undone" in page.locator("#status").inner_text()
    assert 10 not in current_corrections(shop)["product_id"]
    assert 10 not in last_reviews(shop.read(REVIEWED_PRODUCTS))["product_id"]


def test_nothing_is_saved_by_accident(page, shop):
    wait_for_product(page, 1)
    press(page, "Enter")
    assert "Nothing has changed" in page.locator("#status").inner_text()
    press(page, "6", "c")
    assert "There are unsaved values" in page.locator("#status").inner_text()
    press(page, "Backspace", "j", "j", "j", "1", "2", "3")
    assert "At most 3 style keywords" in page.locator("#status").inner_text()
    press(page, "?")
    page.wait_for_selector("dialog[open]")
    press(page, "c", "Escape", "s")
    wait_for_product(page, 2)
    assert current_corrections(shop).is_empty() and shop.read(REVIEWED_PRODUCTS).is_empty()


def test_the_audit_is_blind_until_it_is_saved(page, shop):
    wait_for_product(page, 1)
    press(page, "q")
    expect(page.locator("#progress")).to_have_text("0 of 12 done")
    audited = int(page.locator("article").get_attribute("data-product"))
    assert page.locator(".value").all_inner_texts() == ["…"] * 5
    assert page.locator("[aria-pressed=true]").all_inner_texts() == ["Random audit", "⌫ cannot tell"]
    press(page, "6", "1", "3", "4", "3")  # single values go on to the next attribute, lists stay
    assert page.locator(".value").all_inner_texts() == ["metal", "solid color", "casual", "vintage, modern", "…"]
    press(page, "Enter")
    page.wait_for_selector(".disagrees")
    assert "model: leather" in page.locator(".disagrees").first.inner_text()
    labels = shop.read(AUDIT_LABELS)
    said = dict(labels.select("field", "value").iter_rows())
    assert set(labels["product_id"]) == {audited}
    assert (said["material"], said["pattern"], said["formality"]) == ("metal", "solid color", "casual")
    assert current_corrections(shop).is_empty()

    press(page, "c")
    expect(page.locator("article")).not_to_have_attribute("data-product", str(audited))
    corrected = current_corrections(shop).filter(pl.col("field") == "material")
    assert corrected.select("product_id", "value").rows() == [(audited, "metal")]
    assert page.locator("#progress").inner_text() == "1 of 12 done"
