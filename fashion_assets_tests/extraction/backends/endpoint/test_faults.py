"""The endpoint back end against a server with faults: what is tried again, what fails alone, and when to stop."""

import logging
import socket
import time
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from fashion_assets.errors import ModelError
from fashion_assets.extraction.backends.endpoint.circuit import REST_SECONDS
from fashion_assets.extraction.backends.endpoint.connection import Endpoint
from fashion_assets.extraction.backends.endpoint.model import EndpointModel
from fashion_assets.extraction.backends.endpoint.requests import LONGEST_WAIT_SECONDS, _retry_after
from fashion_assets.extraction.extract import extract_batch
from fashion_assets.extraction.journal import Journal, journal_rows
from fashion_assets.extraction.model import Answer
from fashion_assets.extraction.tables import RESPONSE_JOURNAL
from fashion_assets_tests.factories import BLUE, RED, photographed, products
from fashion_assets_tests.fakes.endpoint_client import CONCURRENCY, KEY, failures, photos

# Faults that may pass


@pytest.mark.parametrize("fault", ["rate_limit", "server_error", "cut", "broken_json", "no_choices", "408", "503"])
def test_a_fault_that_passes_is_tried_again(server, material, fault):
    server.plan(faults={fault: 0.4})
    model = server.model(tries=10)
    assert failures(model.answer(photos(model, 12), material)) == [None] * 12
    stats = server.stats()
    assert stats["requests"] == 12 + stats["faults"][fault] > 12


def test_a_connection_that_was_closed_after_an_answer_costs_no_product(server, material):
    server.plan(hangs_up=True)
    model = server.model()
    for _ in range(3):
        assert failures(model.answer(photos(model, 8), material)) == [None] * 8


def test_a_silent_endpoint_is_a_timeout_of_that_photo_alone(server, material):
    server.plan(blue="slow")
    model = server.model(timeout_seconds=0.3, tries=2)
    answers = model.answer([*photos(model, 2), *photos(model, 1, BLUE)], material)
    assert failures(answers) == [None, None, "timeout"]
    assert answers[2].text == ""
    assert server.stats()["faults"] == {"slow": 2}


@pytest.mark.parametrize("fault", ["cut", "broken_json", "500", "no_content", "400", "413", "422"])
def test_a_photo_without_an_answer_fails_alone(server, material, fault, caplog):
    server.plan(blue=fault)
    model = server.model(tries=2, concurrency=1)
    answers = model.answer([*photos(model, 2), *photos(model, 2, BLUE), *photos(model, 2)], material)
    assert failures(answers) == [None, None, "endpoint_error", "endpoint_error", None, None]
    assert server.stats()["faults"][fault] == (2 if fault in ("400", "413", "422") else 4)
    assert len([record for record in caplog.records if record.name.startswith("fashion_assets")]) == 1


def test_any_text_is_an_answer_which_the_parser_judges(server, material):
    server.plan(faults={"garbage": 1})
    model = server.model()
    (answer,) = model.answer(photos(model, 1), material)
    assert (answer.text, answer.failure, answer.probabilities) == ("I like this shirt.", None, {})


@pytest.mark.parametrize(
    ("fault", "code", "requests"),
    [
        ("refusal", "answer_refused", 2),
        ("filtered", "answer_refused", 2),
        ("cut_off", "answer_cut_off", 6),
        ("no_content", "endpoint_error", 6),
        ("provider_error", "endpoint_error", 6),
        ("no_choices", "endpoint_error", 6),
    ],
)
def test_what_is_no_answer_is_coded_and_asked_again_later(
    server, material, store, tmp_path, caplog, fault, code, requests
):
    server.plan(blue=fault)
    colours = [RED, BLUE, (0, 0, 199)]
    frame = products(*(photographed(index, tmp_path, colour) for index, colour in enumerate(colours)))
    batch = extract_batch(frame, tmp_path, [material], server.model(concurrency=1), Journal(store))
    assert batch.rows["extraction_errors"].to_list() == [[], [f"{code}:{material.id}"], [f"{code}:{material.id}"]]
    assert batch.rows["extraction_success"].to_list() == [True, False, False]
    assert server.stats()["faults"] == {fault: requests}
    assert len(store.read(RESPONSE_JOURNAL)) == 1
    assert len([record for record in caplog.records if record.name.startswith("fashion_assets")]) == 1

    server.plan()
    batch = extract_batch(frame, tmp_path, [material], server.model(concurrency=1), Journal(store))
    assert batch.rows["extraction_success"].all()
    assert server.stats()["requests"] == 2
    assert len(store.read(RESPONSE_JOURNAL)) == 3


def test_an_empty_text_in_the_journal_is_no_answer(server, material, store, tmp_path):
    """Earlier versions stored what a fault of the server had left of an answer."""
    frame = products(photographed(0, tmp_path, RED))
    model, journal = server.model(), Journal(store)
    photo = frame["photo_sha256"].item()
    journal.append(journal_rows(material, model.identity, [photo], [Answer("\n")], datetime(2026, 1, 1, tzinfo=UTC)))
    for requests in (1, 1):
        batch = extract_batch(frame, tmp_path, [material], model, journal)
        assert batch.rows["extraction_success"].all()
        assert server.stats()["requests"] == requests


def test_an_answer_that_needs_more_tokens_gets_them_and_so_do_later_ones(server, material):
    first = 2 * material.max_new_tokens
    server.plan(needs_tokens=first + 1)
    model = server.model(concurrency=1)
    assert failures(model.answer(photos(model, 3), material)) == [None] * 3
    assert server.stats()["requests"] == 1 + 3
    assert server.stats()["last"]["max_tokens"] == 4 * first
    assert failures(model.answer(photos(model, 1), replace(material, id="another"))) == [None]
    assert server.stats()["requests"] == 4 + 2


def test_a_refusal_to_send_what_was_cut_off_is_a_need_of_more_tokens(server, material):
    message = (
        "Could not finish the message because max_tokens or model output limit was reached. Use higher max_tokens."
    )
    server.plan(scripted=[[400, {"error": {"message": message, "param": "max_tokens"}}]] * 2)
    model = server.model(concurrency=1)
    assert failures(model.answer(photos(model, 1), material)) == [None]
    assert server.stats()["requests"] == 3
    assert server.stats()["last"]["max_tokens"] == 16 * 2 * material.max_new_tokens


def test_more_tokens_than_the_server_allows_leave_the_answer_cut_off(server, material):
    first = 2 * material.max_new_tokens
    server.plan(needs_tokens=10**6, most_tokens=first)
    model = server.model(concurrency=1)
    assert failures(model.answer(photos(model, 1), material)) == ["answer_cut_off"]
    assert server.stats()["requests"] == 2
    server.plan()
    assert failures(model.answer(photos(model, 1), material)) == [None]
    assert server.stats()["last"]["max_tokens"] == first


def test_a_server_that_loads_its_model_is_waited_for_beyond_the_tries(server, material, caplog):
    message = {"error": {"message": "Loading model", "type": "unavailable_error", "code": 503}}
    server.plan(scripted=[[503, message]] * 6)
    model = server.model(tries=2, concurrency=1)
    assert failures(model.answer(photos(model, 2), material)) == [None] * 2
    assert server.stats()["requests"] == 8
    assert [record.message for record in caplog.records if "loading its model" in record.message] == [
        f"The endpoint {server.endpoint().address} is loading its model; this can take minutes."
    ]


def test_retry_after_is_honoured(server, material):
    server.plan(faults={"rate_limit": 1}, retry_after="1")
    model = server.model(tries=2)
    assert failures(model.answer(photos(model, 1), material)) == ["endpoint_error"]
    first, second = server.stats()["times"]
    assert 1 <= second - first < 2


def test_a_request_with_too_long_a_wait_is_not_retried(server, material):
    server.plan(faults={"rate_limit": 1}, retry_after=str(int(LONGEST_WAIT_SECONDS) + 1))
    model = server.model()
    assert failures(model.answer(photos(model, 2), material)) == ["endpoint_error"] * 2
    assert server.stats()["requests"] == 2


def test_retry_after_is_milliseconds_seconds_or_a_date():
    in_a_minute = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    assert 58 <= _retry_after({"retry-after": in_a_minute}) <= 60
    assert _retry_after({"retry-after-ms": "1500", "retry-after": "9"}) == 1.5
    headers = ["2.5", "-1", "nan", "soon", "", "Thu, 01 Jan 1970 00:00:00 GMT"]
    assert [_retry_after({"retry-after": text}) for text in headers] == [2.5, 0, 0, 0, 0, 0]


# When to stop


def test_a_refused_key_stops_at_once_and_is_never_shown(server, material, caplog):
    caplog.set_level(logging.DEBUG)
    server.plan(key="another")
    model = server.model(concurrency=1)
    with pytest.raises(ModelError, match="FASHION_ENDPOINT_KEY") as refusal:
        model.answer(photos(model, 20), material)
    assert server.stats()["requests"] == 1
    assert "HTTP 401: Incorrect API key provided: ***" in str(refusal.value)
    assert "\n" not in str(refusal.value)
    for text in (str(refusal.value), repr(refusal.value), caplog.text, repr(server.endpoint()), repr(vars(model))):
        assert KEY not in text


@pytest.mark.parametrize(("status", "setting"), [("403", "FASHION_ENDPOINT_KEY"), ("404", "FASHION_VLM")])
def test_what_no_other_try_changes_is_not_tried_again(server, material, status, setting):
    server.plan(faults={status: 1})
    model = server.model(concurrency=1)
    with pytest.raises(ModelError, match=rf"http://127.0.0.1:\d+/v1 .*HTTP {status}: Status {status}.*{setting}"):
        model.answer(photos(model, 20), material)
    assert server.stats()["requests"] == 1


REFUSALS = [
    (401, {"error": {"message": "Invalid API key"}}, "refuses the key .* FASHION_ENDPOINT_KEY"),
    (400, {"error": {"code": 400, "message": "API key not valid. Please pass a valid API key."}}, "refuses the key"),
    (402, {"error": {"message": "This request requires more credits, or fewer max_tokens."}}, "top it up"),
    (429, {"error": {"message": "You exceeded your quota", "code": "insufficient_quota"}}, "top it up"),
    (200, {"error": {"message": "Insufficient credits", "code": 402}}, "top it up"),
    (404, {"error": {"message": 'model "vlm" not found, try pulling it first'}}, "does not serve the model 'vlm'"),
    (400, {"error": {"message": "vlm is not a valid model ID", "code": 400}}, "does not serve the model 'vlm'"),
    (404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "The given endpoint does not exist"}, "FASHION_VLM"),
    (400, {"object": "error", "message": "At most 0 image(s) may be provided."}, "takes no photos"),
    (400, {"detail": [{"loc": ["body", "messages"], "msg": "content must be a string"}]}, "takes no photos"),
    (500, {"error": {"message": "image input is not supported - hint: provide the mmproj"}}, "takes no photos"),
    (404, {"error": {"message": "No endpoints found that support image input"}}, "takes no photos"),
    (405, "<html><title>Method Not Allowed</title></html>", "must be the address of an OpenAI-compatible endpoint"),
    (200, "<html><body>Please log in</body></html>", "must be the address of an OpenAI-compatible endpoint"),
    (200, {"error": "Unexpected endpoint or method. (POST /chat/completions)"}, "must be the address"),
]


@pytest.mark.parametrize(("status", "body", "sentence"), REFUSALS)
def test_what_no_photo_changes_stops_at_once_in_one_sentence(server, material, status, body, sentence):
    server.plan(scripted=[[status, body]] * 4)
    model = server.model(concurrency=1, tries=4)
    with pytest.raises(ModelError, match=sentence) as refusal:
        model.answer(photos(model, 20), material)
    assert server.stats()["requests"] == 1
    assert str(refusal.value).endswith(".")
    assert "\n" not in str(refusal.value)


def test_too_long_a_context_names_what_makes_it_longer(server, material):
    message = "This model's maximum context length is 1024 tokens. However, you requested 2000 tokens."
    server.plan(scripted=[[400, {"error": {"message": message}}]] * 9)
    model = server.model(concurrency=1)
    with pytest.raises(ModelError, match=r"refused the first 4 requests .*maximum context.*--max-model-len"):
        model.answer(photos(model, 20), material)
    assert server.stats()["requests"] == 4


def test_a_filtered_prompt_is_a_refusal_of_that_photo_alone(server, material):
    body = {"error": {"message": "The response was filtered by content management policy", "code": "content_filter"}}
    server.plan(scripted=[[400, body]] * 6)
    model = server.model(concurrency=1)
    answers = model.answer(photos(model, 8), material)
    assert failures(answers) == ["answer_refused"] * 6 + [None] * 2


def test_a_redirected_request_names_the_new_address(server, material):
    server.plan(scripted=[[301, "", {"Location": "/v2/chat/completions?secret=1"}]])
    model = server.model(concurrency=1)
    with pytest.raises(
        ModelError, match=r"was redirected to http://127.0.0.1:\d+/v2/chat/completions\), but"
    ) as refusal:
        model.answer(photos(model, 1), material)
    assert "secret" not in str(refusal.value)


def test_a_first_answer_that_is_always_a_refusal_quotes_the_server(server, material):
    server.plan(faults={"400": 1})
    model = server.model(concurrency=1)
    with pytest.raises(
        ModelError, match=r"refused the first 4 requests \(HTTP 400: Status 400\), but FASHION_VLM \('vlm'\)"
    ):
        model.answer(photos(model, 20), material)
    assert server.stats()["requests"] == 4


def test_an_endpoint_that_is_not_there_is_one_sentence(server, material):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    model = EndpointModel(Endpoint(f"http://127.0.0.1:{port}/v1", "vlm", KEY, tries=3, first_wait_seconds=0.01))
    with pytest.raises(
        ModelError, match=r"cannot be reached \(Connection refused\), .*; start it, or correct FASHION_E"
    ):
        model.answer(photos(model, 64), material)


def test_an_endpoint_that_goes_down_is_left_alone_and_what_it_answered_is_kept(
    server, questions, material, monkeypatch
):
    server.plan(down_after=10)
    model = server.model(tries=2)
    answers = model.answer(photos(model, 64), material)
    assert failures(answers).count(None) == 10
    assert set(failures(answers)) == {None, "endpoint_error", "endpoint_down"}
    asked = server.stats()["requests"]
    assert asked <= 10 + (8 + CONCURRENCY) * 2  # the limit of 8 in a row, and what was in flight then
    with pytest.raises(
        ModelError, match=r"has not answered 8 requests in a row \(last: HTTP 500: Out of order\), but it must answer"
    ):
        model.answer(photos(model, 64), questions[1])
    assert server.stats()["requests"] == asked

    server.plan()
    later = time.monotonic() + REST_SECONDS + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert failures(model.answer(photos(model, 2), material)) == [None, None]


@pytest.mark.parametrize("fault", ["500", "422"])
def test_failures_with_answers_between_stop_nothing(server, material, fault):
    server.plan(blue=fault)
    model = server.model(concurrency=1, tries=1)
    mixed = [photo for pair in zip(photos(model, 12), photos(model, 12, BLUE), strict=True) for photo in pair]
    assert failures(model.answer(mixed, material)) == [None, "endpoint_error"] * 12


def test_a_wait_for_the_next_try_ends_when_the_endpoint_is_given_up(server, material):
    server.plan(blue="rate_limit", faults={"404": 1}, retry_after="60")
    model = server.model(concurrency=2)
    started = time.monotonic()
    with pytest.raises(ModelError, match="HTTP 404"):
        model.answer([*photos(model, 1, BLUE), *photos(model, 9)], material)
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(("concurrency", "limit"), [(1, 4), (4, 4), (6, 6)])
def test_an_endpoint_that_is_silent_from_the_start_is_left_alone_after_a_few_tries(
    server, material, concurrency, limit
):
    server.plan(faults={"slow": 1})
    model = server.model(timeout_seconds=0.3, tries=5, concurrency=concurrency)
    with pytest.raises(
        ModelError,
        match=rf"did not answer its first {limit} requests \(no answer within 0.3 s\), .*FASHION_ENDPOINT_TIMEOUT",
    ):
        model.answer(photos(model, 20), material)
    assert limit <= server.stats()["requests"] <= limit + concurrency


def test_an_endpoint_that_accepts_no_connection_is_reported(server, material):
    with ExitStack() as opened:
        busy, *waiting = [opened.enter_context(socket.socket()) for _ in range(6)]
        busy.bind(("127.0.0.1", 0))
        busy.listen(0)
        for connection in waiting:  # more are not even refused
            connection.setblocking(False)
            connection.connect_ex(busy.getsockname())
        url = f"http://127.0.0.1:{busy.getsockname()[1]}/v1"
        model = EndpointModel(Endpoint(url, "vlm", None, timeout_seconds=0.3, first_wait_seconds=0.01))
        with pytest.raises(ModelError, match=r"did not answer its first 8 requests \(no connection within 0.3 s\)"):
            model.answer(photos(model, 20), material)
