"""What servers say, read from every form in which they say it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fashion_assets.extraction.backends.endpoint.error_bodies import read_error
from fashion_assets.extraction.backends.endpoint.parameters import refused_parameter
from fashion_assets.extraction.backends.endpoint.reasons import reason_of

REQUEST = {"model": "m", "messages": [], "temperature": 0, "max_tokens": 96, "logprobs": True, "response_format": {}}


@pytest.mark.parametrize(
    ("body", "message", "named"),
    [
        ({"error": {"message": "bad", "param": "max_tokens", "code": "x"}}, "bad", ("max_tokens",)),
        ({"error": {"message": "bad", "param": None}}, "bad", ()),
        ([{"error": {"code": 400, "message": "bad", "status": "INVALID_ARGUMENT"}}], "bad", ()),
        ({"error": "bad"}, "bad", ()),
        ({"message": "bad"}, "bad", ()),
        ({"object": "error", "message": "bad", "type": "BadRequestError", "code": 400}, "bad", ()),
        ({"error_code": "BAD_REQUEST", "message": "bad"}, "bad", ()),
        ({"detail": "bad"}, "bad", ()),
        (
            {"detail": [{"loc": ["body", "logprobs"], "msg": "not permitted", "input": {"temperature": 0}}]},
            "not permitted",
            ("logprobs",),
        ),
        (
            {"error": {"message": "bad\n  line", "details": [{"fieldViolations": [{"field": "a.b"}]}]}},
            "bad line",
            ("a.b",),
        ),
        (
            {"error": {"message": "Provider error", "metadata": {"raw": json.dumps({"error": {"message": "bad"}})}}},
            "Provider error: bad",
            (),
        ),
        ("bad request", "bad request", ()),
        ("", "", ()),
        ({}, "", ()),
    ],
)
def test_forms_of_errors(body, message, named):
    for content in (body, json.dumps(body)) if not isinstance(body, str) else (body,):
        error = read_error(content)
        assert (error.message, error.named) == (message, named)


def test_a_web_page_is_not_quoted():
    error = read_error("\n<!doctype html><html><body>secret login</body></html>")
    assert error.is_web_page
    assert error.message == "a web page instead of JSON"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just("\ud800"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["error", "message", "detail", "loc", "param", "code", "raw", "msg"]), inner)
    ),
    max_leaves=8,
)


@given(JSON | JSON.map(json.dumps), st.sampled_from([None, 200, 400, 403, 404, 422, 429, 500, 503]))
def test_any_content_can_be_read(content, status):
    error = read_error(content)
    reason_of(error, status)
    assert refused_parameter(REQUEST, REQUEST, error) in {None, *REQUEST}
    assert len(error.message) <= 2_000
