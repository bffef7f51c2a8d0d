"""What the endpoint back end asks, and what it makes of the answers of a real server process on loopback."""

import base64
import io
import json
import math
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

from fashion_assets.errors import ModelError, SettingsError
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


# Addresses


@pytest.mark.parametrize(
    ("served", "paths"),
    [
        ("/v1/chat/completions", ["", "/", "/v1", "/v1/", "/v1/chat/completions", "/v1/models"]),
        ("/chat/completions", ["", "/", "/chat/completions"]),
        ("/api/v1/chat/completions", ["/api", "/api/", "/api/v1"]),
        ("/api/chat/completions", ["/api", "/api/chat/completions/"]),
        ("/v1beta/openai/chat/completions", ["/v1beta/openai/"]),
        ("/serving-endpoints/chat/completions", ["/serving-endpoints", "/serving-endpoints/vlm/invocations"]),
    ],
)
def test_the_address_is_taken_as_people_copy_it(server, material, served, paths):
    for path in paths:
        server.plan(serves=served)
        model = server.model(path=path, concurrency=1)
        assert failures(model.answer(photos(model, 3), material)) == [None] * 3
        assert server.stats()["requests"] - 3 in (0, 1)
        assert model.identity.model_id == f"vlm@127.0.0.1:{server.port}"


def test_an_address_without_chat_completions_is_one_sentence(server, material):
    server.plan(serves="/elsewhere")
    model = server.model(path="/api", concurrency=1)
    with pytest.raises(ModelError, match=r"HTTP 404: not found: /api/chat.*FASHION_ENDPOINT to an address"):
        model.answer(photos(model, 3), material)
    assert server.stats()["requests"] == 2


def test_parameters_of_the_address_are_sent_with_each_request(server, material):
    model = server.model(path="/v1/?api-version=2026-01-01&a=b")
    assert failures(model.answer(photos(model, 1), material)) == [None]
    assert server.stats()["last"]["path"] == "/v1/chat/completions?api-version=2026-01-01&a=b"


# Parameters that an endpoint refuses


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


@pytest.mark.parametrize("status", [400, 403, 404, 422])
def test_a_parameter_is_renamed_once_for_all_questions_and_threads(server, questions, status):
    message = "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead."
    server.plan(refuses_as={"max_tokens": [status, {"error": {"message": message, "param": "max_tokens"}}]})
    model = server.model()
    with ThreadPoolExecutor() as threads:
        calls = threads.map(lambda question: model.answer(photos(model, 5), question), questions)
        assert [failures(answers) for answers in calls] == [[None] * 5] * 3
    stats = server.stats()
    assert 15 < stats["requests"] <= 15 + CONCURRENCY
    assert "max_tokens" not in stats["last"]
    assert stats["last"]["max_completion_tokens"] in {2 * question.max_new_tokens for question in questions}


def test_what_is_refused_for_another_reason_changes_no_parameter(server, material):
    server.plan(scripted=[[400, {"error": {"message": "Could not decode the image"}}]])
    model = server.model(concurrency=1)
    assert failures(model.answer(photos(model, 2), material)) == ["endpoint_error", None]
    assert {"logprobs", "max_tokens", "temperature", "response_format"} <= set(server.stats()["last"])


def test_an_answer_without_an_object_is_quoted_once(server, material, caplog):
    server.plan(faults={"garbage": 1})
    model = server.model()
    assert failures(model.answer(photos(model, 3), material)) == [None] * 3
    assert [record.message for record in caplog.records if record.name.startswith("fashion_assets")] == [
        f"An answer from {model.identity.model_id} has no JSON object with a wanted key: I like this shirt."
    ]


def test_reasons_that_differ_for_each_photo_do_not_flood_the_log(server, material, caplog):
    bodies = [{"choices": [{"message": {"content": f"shirt {number}"}}]} for number in range(40)]
    server.plan(scripted=[[200, body] for body in bodies])
    model = server.model()
    assert failures(model.answer(photos(model, 40), material)) == [None] * 40
    assert len([record for record in caplog.records if record.name.startswith("fashion_assets")]) == 20
