"""What the endpoint back end asks, and what it makes of the answers of a real server process on loopback."""

import base64
import io
import json
import math
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

from fashion_assets.errors import SettingsError
from fashion_assets.extraction.answers import parse_answer
from fashion_assets.extraction.backends.endpoint.connection import Endpoint
from fashion_assets.extraction.backends.endpoint.model import LARGEST_SIDE, endpoint_identity
from fashion_assets_tests.factories import GREEN
from fashion_assets_tests.fakes.endpoint_client import CONCURRENCY, KEY, failures, photos
from fashion_assets_tests.fakes.endpoint_server import TOKEN_LENGTH, TOKEN_LOGPROB

# What is asked, and what comes back


def test_answers_carry_text_probabilities_tokens_and_seconds(server, material):
    server.plan(seconds=0.05)
    model = server.model()
    red, green = model.answer([*photos(model, 1), *photos(model, 1, GREEN)], material)
    assert parse_answer(red.text, material).values["material"] == "leather"
    assert parse_answer(green.text, material).values["material"] == "denim"
    assert (red.prompt_tokens, red.answer_tokens, red.failure) == (10, 5, None)
    assert red.allowed_mass == {}
    assert 0.05 <= red.seconds < 2
    assert set(red.probabilities) == set(material.keys)
    first = red.text.index('"leather"')
    spelling = (first + len('"leather"') - 1) // TOKEN_LENGTH - first // TOKEN_LENGTH + 1
    assert red.probabilities["material"] == pytest.approx(math.exp(TOKEN_LOGPROB * spelling), abs=1e-5)


def test_the_request_has_schema_temperature_and_the_photo_before_the_question(server, questions):
    model = server.model()
    model.answer(photos(model, 1), questions[1])
    last = server.stats()["last"]
    assert last["path"] == "/v1/chat/completions"
    assert (last["model"], last["temperature"], last["logprobs"]) == ("vlm", 0, True)
    assert last["max_tokens"] == 2 * questions[1].max_new_tokens
    wanted = {"name": questions[1].id, "schema": questions[1].schema, "strict": True}
    assert last["response_format"] == {"type": "json_schema", "json_schema": wanted}
    assert last["text"] == questions[1].text
    assert last["headers"]["authorization"] == f"Bearer {KEY}"


def test_large_photos_are_sent_smaller_and_small_ones_as_they_are(server):
    for size, sent in (((3000, 1500), (LARGEST_SIDE, LARGEST_SIDE // 2)), ((80, 60), (80, 60))):
        head, _, data = server.model().prepare(Image.new("RGB", size)).partition(",")
        assert head == "data:image/jpeg;base64"
        assert Image.open(io.BytesIO(base64.b64decode(data))).size == sent


def test_the_identity_names_model_and_host_and_needs_no_network():
    identity = endpoint_identity(Endpoint("https://vlm.example:8443/serving/v1?a=secret", "org/vlm", None))
    assert identity.model_id == "org/vlm@vlm.example:8443"
    assert identity.decoding == "temperature=0;json_schema"
    assert "secret" not in str(identity)


def test_the_users_variables_for_another_server_change_nothing(server, material, monkeypatch):
    names = ("API_KEY", "ADMIN_KEY", "ORG_ID", "PROJECT_ID", "BASE_URL", "WEBHOOK_SECRET")
    for name in names:
        monkeypatch.setenv(f"OPENAI_{name}", "http://leak.invalid")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Leak: leak\nAuthorization: Bearer leak")
    for key, sent in ((None, "Bearer none"), (KEY, f"Bearer {KEY}")):
        model = server.model(key=key)
        assert failures(model.answer(photos(model, 1), material)) == [None]
        headers = server.stats()["last"]["headers"]
        assert headers["authorization"] == sent
        assert "leak" not in json.dumps(headers).lower()
        assert not any(name.startswith("openai-") for name in headers)


@pytest.mark.parametrize("url", ["vlm.example:8000", "ftp://vlm.example", "http://", "http://vlm.example:port"])
def test_an_invalid_address_is_refused(url):
    with pytest.raises(SettingsError, match=r"FASHION_ENDPOINT is '.*', but it must be the http or https address"):
        Endpoint(url, "vlm", None)


@pytest.mark.parametrize("password", ["hunter2", "hunter2/3", "2?hunter2", "hunter2#3", "hunter2@3", ":[hunter2"])
def test_an_address_with_a_password_is_refused_without_showing_it(password):
    for url in (f"http://user:{password}@vlm.example/v1", f"user:{password}@vlm.example/v1"):
        with pytest.raises(SettingsError, match="FASHION_ENDPOINT_KEY") as refusal:
            Endpoint(url, "vlm", None)
        assert "hunter2" not in str(refusal.value)


def test_a_key_that_no_header_can_carry_is_refused_without_showing_it():
    with pytest.raises(SettingsError, match="FASHION_ENDPOINT_KEY") as refusal:
        Endpoint("http://vlm.example/v1", "vlm", f"{KEY} ü")
    assert KEY not in str(refusal.value)


# Concurrency


def test_concurrent_calls_share_one_bound(server, questions):
    server.plan(seconds=0.02)
    model = server.model()
    with ThreadPoolExecutor() as threads:
        calls = threads.map(lambda question: model.answer(photos(model, 20), question), questions)
        assert [failures(answers) for answers in calls] == [[None] * 20] * 3
    assert server.stats()["most_in_flight"] == CONCURRENCY


def test_answers_are_in_the_order_of_the_photos(server, material):
    server.plan(faults={"server_error": 0.3})
    model = server.model(tries=8)
    mixed = [photo for pair in zip(photos(model, 10), photos(model, 10, GREEN), strict=True) for photo in pair]
    materials = [parse_answer(a.text, material).values["material"] for a in model.answer(mixed, material)]
    assert materials == ["leather", "denim"] * 10


# What an endpoint does not know


@pytest.mark.parametrize(
    ("refuses", "sent"),
    [
        (["logprobs"], {"response_format": "json_schema"}),
        (["json_schema"], {"logprobs": True, "response_format": "json_object"}),
        (["response_format"], {"logprobs": True}),
        (["logprobs", "response_format"], {}),
    ],
)
def test_a_parameter_that_is_refused_is_left_out_from_then_on(server, material, refuses, sent):
    server.plan(refuses=refuses)
    model = server.model(concurrency=1)
    assert failures(model.answer(photos(model, 3), material)) == [None] * 3
    first = server.stats()["requests"]
    assert failures(model.answer(photos(model, 3), material)) == [None] * 3
    stats = server.stats()
    assert stats["requests"] == first + 3
    last = stats["last"]
    wanted = last.get("response_format")
    got = {"logprobs": last.get("logprobs"), "response_format": wanted and wanted["type"]}
    assert {key: value for key, value in got.items() if value} == sent
