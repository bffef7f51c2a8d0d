"""The endpoint back end against a server with faults: what is tried again, what fails alone, and when to stop."""

import logging
import socket
import time
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fashion_assets.errors import ModelError
from fashion_assets.extraction.backends.endpoint.connection import REST_SECONDS, Endpoint, RequestFailed
from fashion_assets.extraction.backends.endpoint.model import EndpointModel, _read
from fashion_assets.extraction.backends.endpoint.requests import LONGEST_WAIT_SECONDS, _retry_after
from fashion_assets.extraction.extract import extract_batch
from fashion_assets.extraction.journal import Journal
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
    assert server.stats()["faults"][fault] == (4 if fault in ("cut", "broken_json", "500") else 2)
    assert len([record for record in caplog.records if record.name.startswith("fashion_assets")]) == 1


def test_any_text_is_an_answer_which_the_parser_judges(server, material):
    server.plan(faults={"garbage": 1})
    model = server.model()
    (answer,) = model.answer(photos(model, 1), material)
    assert (answer.text, answer.failure, answer.probabilities) == ("I like this shirt.", None, {})


@pytest.mark.parametrize("fault", ["refusal", "filtered", "cut_off"])
def test_what_a_model_will_not_say_is_an_empty_answer_which_is_paid_once(
    server, material, store, tmp_path, caplog, fault
):
    server.plan(blue=fault)
    colours = [RED, BLUE, (0, 0, 199)]
    frame = products(*(photographed(index, tmp_path, colour) for index, colour in enumerate(colours)))
    for requests in (3, 0):
        batch = extract_batch(frame, tmp_path, [material], server.model(concurrency=1), Journal(store))
        unparseable = [f"answer_unparseable:{material.id}"]
        assert batch.rows["extraction_errors"].to_list() == [[], unparseable, unparseable]
        assert batch.rows["extraction_success"].to_list() == [True, False, False]
        assert server.stats()["requests"] == requests
        assert batch.usage.answer_tokens == 5 * requests
        server.plan()
    journal = store.read(RESPONSE_JOURNAL)
    assert sorted(bool(text) for text in journal["answer_text"]) == [False, False, True]
    assert journal["prompt_tokens"].to_list() == [10, 10, 10]
    assert len([record for record in caplog.records if record.name.startswith("fashion_assets")]) == 1
    longer = replace(material, max_new_tokens=2 * material.max_new_tokens)
    batch = extract_batch(frame, tmp_path, [longer], server.model(), Journal(store))
    assert batch.rows["extraction_success"].all()


def test_an_answer_that_is_whole_counts_though_the_tokens_ran_out(questions):
    message = {"content": '{"material": "denim"}'}
    answer = _read({"choices": [{"message": message, "finish_reason": "length"}]}, 1.0, questions[0])
    assert answer.text == message["content"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("\ud800"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["content", "token", "logprob", "text", "finish_reason"]), inner)
    ),
    max_leaves=8,
)


@pytest.mark.long_form
@settings(max_examples=settings().max_examples // 2)
@given(
    content=JSON,
    refusal=JSON,
    ending=JSON | st.sampled_from(["stop", "length", "content_filter"]),
    logprobs=JSON,
    usage=JSON,
)
def test_whatever_a_chat_completion_holds_is_an_answer_or_a_failure(
    questions, content, refusal, ending, logprobs, usage
):
    message = {"content": content, "refusal": refusal}
    choice = {"message": message, "finish_reason": ending, "logprobs": logprobs}
    try:
        answer = _read({"choices": [choice], "usage": usage}, 1.0, questions[0])
    except RequestFailed:
        return
    assert answer.text.encode() is not None
    assert isinstance(answer.prompt_tokens, int)
    assert all(0 <= probability <= 1 for probability in answer.probabilities.values())


def test_retry_after_is_honoured(server, material):
    server.plan(faults={"rate_limit": 1}, retry_after="1")
    model = server.model(tries=2)
    assert failures(model.answer(photos(model, 1), material)) == ["endpoint_error"]
    first, second = server.stats()["times"]
    assert 1 <= second - first < 2


def test_a_wait_that_is_too_long_is_not_waited(server, material):
    server.plan(faults={"rate_limit": 1}, retry_after=str(int(LONGEST_WAIT_SECONDS) + 1))
    model = server.model()
    assert failures(model.answer(photos(model, 2), material)) == ["endpoint_error"] * 2
    assert server.stats()["requests"] == 2


def test_retry_after_is_seconds_or_a_date():
    in_a_minute = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    assert 58 <= _retry_after({"retry-after": in_a_minute}) <= 60
    said = ["2.5", "-1", "nan", "soon", "", "Thu, 01 Jan 1970 00:00:00 GMT"]
    assert [_retry_after({"retry-after": text}) for text in said] == [2.5, 0, 0, 0, 0, 0]


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


def test_who_waits_for_the_next_try_is_woken_when_the_endpoint_is_given_up(server, material):
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
        for one in waiting:  # more are not even refused
            one.setblocking(False)
            one.connect_ex(busy.getsockname())
        url = f"http://127.0.0.1:{busy.getsockname()[1]}/v1"
        model = EndpointModel(Endpoint(url, "vlm", None, timeout_seconds=0.3, first_wait_seconds=0.01))
        with pytest.raises(ModelError, match=r"did not answer its first 8 requests \(no connection within 0.3 s\)"):
            model.answer(photos(model, 20), material)
