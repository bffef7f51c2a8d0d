"""Where the answer is in a response, and what a response without one says."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fashion_assets.extraction.backends.endpoint.connection import RequestFailed
from fashion_assets.extraction.backends.endpoint.replies import Reply, read_reply

TEXT = '{"material": "denim", "pattern": "striped", "confidence": "high"}'
DRAFT = '{"material": "leather"}'


def body(ending: object = "stop", **message) -> str:
    return json.dumps({"choices": [{"message": message, "finish_reason": ending}], "usage": {"completion_tokens": 5}})


def call(arguments: object) -> dict:
    return {"type": "function", "function": {"name": "answer", "arguments": arguments}}


def events(*chunks: dict) -> str:
    lines = [": keep-alive", *(f"data: {json.dumps(chunk)}" for chunk in chunks), "data: [DONE]"]
    return "\n\n".join(lines) + "\n\n"


ANSWERED = [
    (body(content=TEXT), "content"),
    (body(content=f"\n {TEXT}\n"), "content"),
    (body(content=TEXT, reasoning_content=DRAFT, tool_calls=[]), "content"),
    (body(content=[{"type": "text", "text": TEXT[:9]}, {"type": "text", "text": TEXT[9:]}]), "content"),
    (body(content=[{"type": "reasoning", "text": DRAFT}, {"type": "text", "text": TEXT}]), "content"),
    (body(content=[{"type": "thinking", "thinking": [{"type": "text", "text": DRAFT}]}, TEXT]), "content"),
    (body(content=json.loads(TEXT)), "content"),
    (body("tool_calls", content=None, tool_calls=[call(TEXT)]), "tool_calls"),
    (body("tool_calls", content="I call a tool.", tool_calls=[call(json.loads(TEXT))]), "tool_calls"),
    (body(content="", function_call={"name": "answer", "arguments": TEXT}), "tool_calls"),
    (body(content=None, reasoning_content=TEXT), "reasoning_content"),
    (body(content="", reasoning=TEXT), "reasoning"),
    (body(content="", reasoning_details=[{"type": "reasoning.text", "text": TEXT}]), "reasoning_details"),
    (json.dumps({"choices": [{"text": TEXT, "finish_reason": "stop"}]}), "content"),
    (json.dumps([{"choices": [{"message": {"content": TEXT}}]}]), "content"),
    ("\n\n  " + body(content=TEXT), "content"),
    (
        events(
            {"choices": [{"delta": {"role": "assistant", "content": TEXT[:7]}}]},
            {"choices": [{"delta": {"content": TEXT[7:]}, "finish_reason": "stop"}], "usage": {"completion_tokens": 5}},
            {"choices": []},
        ),
        "content",
    ),
]


@pytest.mark.parametrize(("content", "place"), ANSWERED)
def test_the_answer_is_found_wherever_it_is(content, place):
    reply = read_reply(content)
    assert json.loads(reply.text) == json.loads(TEXT)
    assert (reply.place, reply.is_cut_off) == (place, False)


def test_content_without_an_object_is_left_to_the_parser():
    assert read_reply(body(content="I like this shirt.", reasoning=DRAFT)).text == "I like this shirt."


def error(code: object = None, message: str = "Upstream provider error") -> dict:
    return {"message": message, "code": code}


PASSING = [
    ("{", "no chat completion: {"),
    ('"text"', "no chat completion"),
    (json.dumps({"choices": []}), "the response has no choices"),
    (json.dumps({"choices": None, "object": "x"}), "the response has no choices"),
    (json.dumps({"choices": [{"index": 0}]}), "the response has no message"),
    (json.dumps({"choices": [], "error": error(429)}), "HTTP 429: Upstream provider error"),
    (json.dumps({"error": error()}), "error in the response: Upstream provider error"),
    (json.dumps({"choices": [{"message": {"content": ""}, "error": error(502)}]}), "HTTP 502: Upstream"),
    (body("error", content=TEXT), "the model's server failed (finish_reason is 'error')"),
    (body("abort", content=""), "the model's server failed"),
    (body(content=""), "the answer is empty (finish_reason is 'stop')"),
    (body(content=" \n"), "the answer is empty"),
    (body(content=None), "the answer is empty"),
    (body(None, content=[]), "the answer is empty (finish_reason is 'None')"),
    (
        body(content=None, reasoning_content="a denim shirt"),
        "the text in 'reasoning_content' has no JSON object: a den",
    ),
]


@pytest.mark.parametrize(("content", "text"), PASSING)
def test_what_may_pass_is_no_answer_and_says_what_was_wrong(content, text):
    with pytest.raises(RequestFailed) as failure:
        read_reply(content)
    assert str(failure.value).startswith(text) or text in str(failure.value)
    assert (failure.value.may_pass, failure.value.code) == (True, "endpoint_error")


@pytest.mark.parametrize(
    "content",
    [
        body(content=None, refusal="I cannot help with that."),
        body(content=[{"type": "refusal", "refusal": "I cannot help with that."}]),
        body("content_filter", content='{"mat'),
        body("SAFETY", content=None),
    ],
)
def test_a_refusal_has_a_code_of_its_own(content):
    with pytest.raises(RequestFailed, match="the model refused to answer") as failure:
        read_reply(content)
    assert (failure.value.may_pass, failure.value.code) == (False, "answer_refused")


@pytest.mark.parametrize("ending", ["length", "max_tokens", "MAX_TOKENS"])
@pytest.mark.parametrize("message", [{"content": TEXT[:9]}, {"content": None}, {"content": "", "reasoning": "a shirt"}])
def test_a_reply_without_an_end_says_so(ending, message):
    assert read_reply(body(ending, **message)).is_cut_off


def test_an_error_with_a_permanent_status_does_not_pass():
    with pytest.raises(RequestFailed, match="HTTP 402: Insufficient credits") as failure:
        read_reply(json.dumps({"error": error(402, "Insufficient credits")}))
    assert not failure.value.may_pass


def test_what_is_quoted_hides_the_key():
    with pytest.raises(RequestFailed, match=r"\*\*\*"):
        read_reply(json.dumps({"error": error(401, "bad key sk-1")}), lambda text: str(text).replace("sk-1", "***"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("\ud800") | st.just(TEXT),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["content", "token", "logprob", "text", "type", "thinking", "function", "arguments"]), inner
        )
    ),
    max_leaves=8,
)
FIELDS = ("content", "refusal", "reasoning", "reasoning_content", "tool_calls", "function_call")


@pytest.mark.long_form
@given(
    message=st.dictionaries(st.sampled_from(FIELDS), JSON) | JSON,
    ending=JSON | st.sampled_from(["stop", "length", "content_filter", "error"]),
    further=st.dictionaries(st.sampled_from(["error", "usage", "choices"]), JSON, max_size=1),
    logprobs=JSON,
)
def test_whatever_a_response_holds_is_a_reply_or_a_failure(message, ending, further, logprobs):
    choice = {"message": message, "finish_reason": ending, "logprobs": logprobs}
    for content in ({"choices": [choice]} | further, choice, message):
        try:
            reply = read_reply(json.dumps(content))
        except RequestFailed as failure:
            assert str(failure)
            continue
        assert isinstance(reply, Reply)
        assert reply.text.strip() == reply.text
        assert reply.text or reply.is_cut_off
        assert reply.text.encode() is not None
        assert isinstance(reply.answer_tokens, int)


@given(st.text(max_size=80))
def test_any_text_is_a_reply_or_a_failure(text):
    for content in (text, f"data: {text}", f"<{text}", f"[{text}]"):
        with pytest.raises(RequestFailed):
            read_reply(content)
