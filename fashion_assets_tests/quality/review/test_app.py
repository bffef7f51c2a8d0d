"""The page over HTTP: good requests, bad ones, and those that another web site had sent."""

import io

import pytest
from PIL import Image
from starlette.testclient import TestClient

from fashion_assets.quality.review.app import LARGEST_BODY, PHOTO_PIXELS, build_app
from fashion_assets.quality.tables import AUDIT_LABELS, CORRECTIONS
from fashion_assets_tests.factories.reviewed_products import AUTHOR, FAILED, SHIRT, SOUND, WATCH

HERE = "http://127.0.0.1:3100"


@pytest.fixture
def client(session) -> TestClient:
    return TestClient(build_app(session), base_url=HERE)


def test_the_page_comes_with_its_files_and_its_reviewer(client):
    page = client.get("/")
    assert page.status_code == 200 and f"<strong>{AUTHOR}</strong>" in page.text
    for name in ("main.js", "view.js", "api.js", "answers.js", "keys.js", "review.css", "icon.svg"):
        assert client.get(f"/static/{name}").status_code == 200, name


def test_a_hostile_reviewers_name_is_text(session):
    session.author = "<script>alert(1)</script>"
    assert "&lt;script&gt;" in TestClient(build_app(session), base_url=HERE).get("/").text


def test_no_script_but_the_pages_own_may_run(client):
    policy = client.get("/").headers["content-security-policy"]
    assert "default-src 'none'" in policy and "script-src 'self'" in policy and "unsafe" not in policy
    assert "<script>" not in client.get("/").text and "style=" not in client.get("/").text


def test_a_product_is_reviewed(client, session):
    assert client.get("/api/disagreements").json() == {"ids": [FAILED, WATCH, SHIRT]}
    assert client.get(f"/api/products/{WATCH}").json()["name"] == "Brand Shirt 1"
    saved = client.post(f"/api/products/{WATCH}/review", json={"corrections": {"material": "metal"}})
    assert saved.json() == {"new": 1, "before": {"material": None}}
    undone = client.post(
        f"/api/products/{WATCH}/review", json={"corrections": {"material": None}, "is_reviewed": False}
    )
    assert undone.status_code == 200 and WATCH in session.disagreements()["ids"]


def test_the_audit_is_answered(client, catalog):
    assert SHIRT in client.get("/api/audit").json()["ids"]
    assert client.get("/api/audit?draws=2").json()["draws"] == 2
    assert "model" not in client.get(f"/api/audit/{SHIRT}").text
    answered = client.post(f"/api/audit/{SHIRT}", json={"labels": {"material": "denim", "pattern": None}})
    assert answered.json()["answers"]["material"] == {"model": "woven fabric", "label": "denim", "agrees": False}
    assert catalog.read(AUDIT_LABELS)["author"].unique().to_list() == [AUTHOR]


def test_a_photo_is_shown_small(client, tmp_path):
    Image.new("RGB", (3000, 2000)).save(tmp_path / "photos" / f"{SHIRT}.png")
    answer = client.get(f"/photos/{SHIRT}?photo=abc")
    assert answer.headers["content-type"] == "image/jpeg"
    assert Image.open(io.BytesIO(answer.content)).size == (PHOTO_PIXELS, 533)


def test_a_photo_that_cannot_be_shown_is_not_found(client, tmp_path):
    (tmp_path / "photos" / f"{SOUND}.png").write_text("no image")
    for number, message in ((FAILED, f"no file '{FAILED}.png'"), (SOUND, "not an image"), (99, "no extracted product")):
        answer = client.get(f"/photos/{number}")
        assert answer.status_code == 404 and message in answer.json()["error"]
        assert str(tmp_path) not in answer.text


@pytest.mark.parametrize(
    "address, body, status, message",
    [
        ("/api/products/2/review", {"corrections": {"material": "cheese"}}, 422, "one of: leather, denim"),
        ("/api/products/99/review", {"corrections": {}}, 404, "There is no extracted product '99'"),
        ("/api/products/x/review", {"corrections": {}}, 404, "There is no extracted product 'x'"),
        ("/api/products/2/review", {"corrections": {"material": 5}}, 422, "corrections.material cannot be used"),
        (
            "/api/products/2/review",
            {"corrections": {"material": ["metal"]}},
            422,
            "corrections.material cannot be used",
        ),
        ("/api/products/2/review", {"author": "someone else"}, 422, "send corrections, is_reviewed as JSON"),
        ("/api/products/2/review", [], 422, "The body cannot be used"),
        (
            "/api/audit/2",
            {},
            422,
            "labels cannot be used (Field required), but it must have the form that the page sends; "
            "send labels as JSON",
        ),
        ("/api/audit/2", {"labels": {"material": "cheese"}}, 422, "one of: leather, denim"),
        ("/api/products/2", {}, 405, "Method Not Allowed"),
    ],
)
def test_bad_input_is_one_sentence(client, catalog, address, body, status, message):
    answer = client.post(address, json=body)
    assert (answer.status_code, message in answer.json()["error"]) == (status, True), answer.text
    assert len(catalog.read(CORRECTIONS)) + len(catalog.read(AUDIT_LABELS)) == 0


@pytest.mark.parametrize("draws", ["0", "-1", "many", "99999999"])
def test_a_bad_number_of_draws_is_refused(client, draws):
    answer = client.get(f"/api/audit?draws={draws}")
    assert answer.status_code == 422 and f"draws is '{draws}'" in answer.json()["error"]


def test_what_is_no_json_is_refused(client):
    address = f"/api/products/{WATCH}/review"
    assert client.post(address, content="corrections=", headers={"Content-Type": "text/plain"}).status_code == 415
    assert client.post(address, content="{", headers={"Content-Type": "application/json"}).status_code == 422
    long = '{"corrections": {"material": "' + "x" * LARGEST_BODY + '"}}'
    answer = client.post(address, content=long, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413 and "more than 65,536 bytes" in answer.json()["error"]


@pytest.mark.parametrize(
    "host", ["attacker.example", "attacker.example:3100", "127.0.0.1.attacker.example", "0.0.0.0:3100"]
)
def test_another_hosts_name_is_refused(client, host):
    assert client.get("/", headers={"Host": host}).status_code == 400
    answer = client.post("/api/products/2/review", json={}, headers={"Host": host, "Origin": f"http://{host}"})
    assert answer.status_code == 400


@pytest.mark.parametrize("host", ["127.0.0.1:3100", "localhost:3100", "localhost:8022"])
def test_this_machines_names_are_served(client, host):
    answer = client.post("/api/products/2/review", json={}, headers={"Host": host, "Origin": f"http://{host}"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "origin", ["http://attacker.example", "null", "http://127.0.0.1:8080", "https://127.0.0.1:3100"]
)
def test_a_foreign_page_is_refused(client, catalog, origin):
    body = {"corrections": {"material": "metal"}}
    answer = client.post("/api/products/2/review", json=body, headers={"Origin": origin})
    assert answer.status_code == 403 and f"A page of '{origin}' may not use" in answer.json()["error"]
    assert len(catalog.read(CORRECTIONS)) == 0


def test_files_beside_the_pages_are_not_served(client):
    for path in ("/static/../index.html", "/static/%2e%2e/index.html", "/static/../../app.py", "/photos/../app.py"):
        assert client.get(path).status_code == 404, path
