"""The endpoint back end against a real server process on loopback, healthy and with faults."""

import base64
import io
import json
import logging
import math
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from fashion_assets.errors import ModelError, SettingsError
from fashion_assets.extraction.answers import parse_answer
from fashion_assets.extraction.endpoint import REST_SECONDS, Endpoint, RequestFailed
from fashion_assets.extraction.endpoint_model import LARGEST_SIDE, EndpointModel, _read, endpoint_identity
from fashion_assets.extraction.endpoint_requests import LONGEST_WAIT_SECONDS, _retry_after
from fashion_assets.extraction.endpoint_threads import STOP_SECONDS
from fashion_assets.extraction.extract import extract_batch
from fashion_assets.extraction.journal import Journal
from fashion_assets.extraction.model import FakeVisionLanguageModel
from fashion_assets.extraction.retries import failures_by_code
from fashion_assets.extraction.tables import RESPONSE_JOURNAL
from fashion_assets.storage.store import TableStore
from fashion_assets_tests.extraction.endpoint_server import TOKEN_LENGTH, TOKEN_LOGPROB
from fashion_assets_tests.factories import BLUE, GREEN, RED, photographed, products

KEY = "sk-very-secret-0123456789"
CONCURRENCY = 4


class Server:
    """A running server process, seen from outside."""

    def __init__(self, process):
        self.port = int(process.stdout.readline())

    def plan(self, **plan) -> None:
        self._call("PUT", "/plan", plan)

    def stats(self) -> dict:
        return self._call("GET", "/stats")

    def endpoint(self, **changes) -> Endpoint:
        values = {"concurrency": CONCURRENCY, "timeout_seconds": 5, "tries": 3, "first_wait_seconds": 0.01, **changes}
        return Endpoint(f"http://127.0.0.1:{self.port}/v1", "vlm", values.pop("key", KEY), **values)

    def model(self, **changes) -> EndpointModel:
        return EndpointModel(self.endpoint(**changes))

    def _call(self, method: str, path: str, content: dict | None = None) -> dict:
        data = None if content is None else json.dumps(content).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=10) as response:
            return json.load(response)


@pytest.fixture(scope="module")
def processes(repository):
    """By mode; the demo model loads while the tests of the other run."""
    started = {mode: start(repository, mode) for mode in ("canned", "demo")}
    yield started
    for process in started.values():
        stop(process)


@pytest.fixture(scope="module")
def running(processes):
    return Server(processes["canned"])


@pytest.fixture
def server(running, monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    running.plan()
    return running


@pytest.fixture
def material(questions):
    """The question about material and pattern."""
    return next(question for question in questions if "material" in question.keys)


def start(repository, mode: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "fashion_assets_tests.extraction.endpoint_server", mode]
    return subprocess.Popen(command, cwd=repository, stdout=subprocess.PIPE, text=True)


def stop(process: subprocess.Popen) -> None:
    process.kill()
    process.wait()
    for stream in (process.stdout, process.stderr):
        if stream:
            stream.close()


def photos(model: EndpointModel, count: int, colour=RED) -> list[str]:
    """Different photos of about one colour."""
    tints = [tuple(part or 2 * index for part in colour) for index in range(count)]
    return [model.prepare(Image.new("RGB", (8, 8), tint)) for tint in tints]


def failures(answers) -> list[str | None]:
    return [answer.failure for answer in answers]


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
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(SettingsError, match=r"FASHION_ENDPOINT is '.*', which is no address"):
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


@settings(max_examples=50, deadline=None, derandomize=True)
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
        ModelError, match=r"refused the first 4 requests \(HTTP 400: Status 400\); FASHION_VLM is 'vlm'"
    ):
        model.answer(photos(model, 20), material)
    assert server.stats()["requests"] == 4


def test_an_endpoint_that_is_not_there_is_one_sentence(server, material):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    model = EndpointModel(Endpoint(f"http://127.0.0.1:{port}/v1", "vlm", KEY, tries=3, first_wait_seconds=0.01))
    with pytest.raises(ModelError, match=r"cannot be reached \(Connection refused\); start it, or correct FASHION_E"):
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
        ModelError, match=r"has not answered 8 requests in a row \(last: HTTP 500: Out of order\); what"
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
        match=rf"silent to the first {limit} requests \(no answer within 0.3 s\); .*FASHION_ENDPOINT_TIMEOUT",
    ):
        model.answer(photos(model, 20), material)
    assert limit <= server.stats()["requests"] <= limit + concurrency


def test_an_endpoint_that_takes_no_connection_is_said_to_be_so(server, material):
    with ExitStack() as opened:
        busy, *waiting = [opened.enter_context(socket.socket()) for _ in range(6)]
        busy.bind(("127.0.0.1", 0))
        busy.listen(0)
        for one in waiting:  # more are not even refused
            one.setblocking(False)
            one.connect_ex(busy.getsockname())
        url = f"http://127.0.0.1:{busy.getsockname()[1]}/v1"
        model = EndpointModel(Endpoint(url, "vlm", None, timeout_seconds=0.3, first_wait_seconds=0.01))
        with pytest.raises(ModelError, match=r"silent to the first 8 requests \(no connection within 0.3 s\)"):
            model.answer(photos(model, 20), material)


# When stopped from outside


def test_a_stopped_call_gives_what_was_answered_and_the_next_one_asks(server, material):
    server.plan(blue="rate_limit", retry_after="60")
    model = server.model()
    with ThreadPoolExecutor() as threads:
        call = threads.submit(model.answer, [*photos(model, 2), *photos(model, 9, BLUE)], material)
        while server.stats()["requests"] < 2 + CONCURRENCY:
            time.sleep(0.01)
        model.stop()
        found = failures(call.result(timeout=2))
    assert found[:2] == [None] * 2
    assert set(found[2:]) <= {"endpoint_error", "endpoint_down"}
    asked = server.stats()["requests"]
    assert asked == 2 + CONCURRENCY
    assert failures(model.answer(photos(model, 9), material)) == [None] * 9


class Interrupted:
    """An extraction in a process of its own, which is interrupted as by Ctrl-C as soon as `has_come`."""

    def __init__(self, server: Server, folder, repository, colours, has_come: Callable[[dict], bool]):
        products(*(photographed(i, folder, colour) for i, colour in enumerate(colours))).write_parquet(
            folder / "products.parquet"
        )
        module = "fashion_assets_tests.extraction.interrupted"
        command = [sys.executable, "-m", module, str(folder), str(server.port), str(CONCURRENCY)]
        process = subprocess.Popen(command, cwd=repository, stderr=subprocess.PIPE, text=True)
        try:
            while not has_come(stats := server.stats()):
                assert process.poll() is None, process.stderr.read()
                time.sleep(0.01)
            self.requests_before = stats["requests"]
            process.send_signal(signal.SIGINT)
            started = time.monotonic()
            _, self.said = process.communicate(timeout=60)
            self.seconds = time.monotonic() - started
        finally:
            stop(process)
        self.requests = server.stats()["requests"]
        self.journal = TableStore(str(folder / "tables")).read(RESPONSE_JOURNAL)


def test_an_interrupted_batch_asks_no_more_and_keeps_all_answers(server, repository, tmp_path):
    server.plan(seconds=0.4)
    colours = [(200, index, 0) for index in range(100)]
    run = Interrupted(server, tmp_path, repository, colours, lambda stats: stats["requests"] >= 20)
    assert "KeyboardInterrupt" in run.said
    assert run.requests <= run.requests_before + CONCURRENCY
    assert len(run.journal) == run.requests
    assert run.seconds < 5


def test_an_interrupted_batch_does_not_wait_for_a_silent_endpoint(server, repository, tmp_path):
    server.plan(blue="slow")
    colours = [(200, index, 0) for index in range(6)] + [(0, index, 200) for index in range(50)]
    run = Interrupted(server, tmp_path, repository, colours, lambda stats: stats["faults"].get("slow") == CONCURRENCY)
    assert "KeyboardInterrupt" in run.said
    assert run.requests == run.requests_before
    assert len(run.journal) == run.requests - CONCURRENCY > 0
    assert run.seconds < STOP_SECONDS + 3


# Whole batches


def test_a_batch_with_faults_completes_with_every_product_answered_or_coded(server, questions, store, tmp_path):
    shares = {"rate_limit": 0.08, "server_error": 0.08, "cut": 0.05, "broken_json": 0.04, "slow": 0.01, "garbage": 0.04}
    assert sum(shares.values()) == pytest.approx(0.3)
    server.plan(faults=shares, seconds=0.002)
    colours = [(200, index, 0) if index % 2 else (index, 200, 0) for index in range(200)]
    frame = products(*(photographed(index, tmp_path, colour) for index, colour in enumerate(colours)))
    model = server.model(concurrency=8, timeout_seconds=0.5)
    batch = extract_batch(frame, tmp_path, questions, model, Journal(store))

    assert batch.rows["product_id"].to_list() == list(range(200))
    for row in batch.rows.iter_rows(named=True):
        assert row["extraction_success"] == (row["extraction_errors"] == [])
        if row["extraction_success"]:
            assert row["material"] == ("leather" if row["product_id"] % 2 else "denim")
    assert set(failures_by_code(batch.rows)) <= {"timeout", "endpoint_error", "answer_unparseable"}
    assert batch.rows["extraction_success"].mean() > 0.7
    stats = server.stats()
    assert 1 < stats["most_in_flight"] <= 8
    assert set(stats["faults"]) == set(shares)
    assert 0.25 < sum(stats["faults"].values()) / stats["requests"] < 0.35
    assert len(store.read(RESPONSE_JOURNAL)) == 600 - _count(batch, "timeout") - _count(batch, "endpoint_error")

    server.plan()
    again = extract_batch(frame, tmp_path, questions, server.model(), Journal(store))
    assert server.stats()["requests"] == _count(batch, "timeout") + _count(batch, "endpoint_error")
    assert set(failures_by_code(again.rows)) <= {"answer_unparseable"}


def test_a_batch_stopped_half_way_goes_on_from_there(server, material, store, tmp_path):
    frame = products(*(photographed(index, tmp_path, (200, index, 0)) for index in range(100)))
    server.plan(down_after=30)
    with pytest.raises(ModelError, match="what was answered is kept"):
        extract_batch(frame, tmp_path, [material], server.model(tries=2), Journal(store))
    assert len(store.read(RESPONSE_JOURNAL)) == 30
    server.plan()
    assert failures_by_code(extract_batch(frame, tmp_path, [material], server.model(), Journal(store)).rows) == {}
    assert server.stats()["requests"] == 70


def _count(batch, code: str) -> int:
    return failures_by_code(batch.rows).get(code, 0)


def test_the_canned_server_answers_as_the_fake(server, questions):
    model = server.model()
    for question in questions:
        (expected,) = FakeVisionLanguageModel().answer([Image.new("RGB", (8, 8), GREEN)], question)
        (answer,) = model.answer(photos(model, 1, GREEN), question)
        assert answer.text == expected.text


def test_the_demo_model_behind_an_endpoint_gives_the_taxonomy(processes, server, questions):
    from fashion_assets.demo.attributes import sample_product
    from fashion_assets.demo.render import render

    model = Server(processes["demo"]).model(timeout_seconds=60)
    photo = model.prepare(render(sample_product(1, 0, "balanced")))
    for question in questions:
        (answer,) = model.answer([photo], question)
        assert answer.failure is None
        assert parse_answer(answer.text, question).errors == []
