"""Parameters that servers refuse, in their words: what is changed, and that nothing else is."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from fashion_assets.extraction.backends.endpoint.error_bodies import ErrorBody, read_error
from fashion_assets.extraction.backends.endpoint.parameters import Parameters, adapted, refused_parameter

SCHEMA = {"type": "object", "properties": {"tags": {"type": "array", "maxItems": 3}}}
REQUEST = {
    "model": "m",
    "messages": [{"role": "user", "content": "What is max_tokens?"}],
    "temperature": 0,
    "max_tokens": 96,
    "logprobs": True,
    "top_logprobs": 3,
    "top_p": 1.0,
    "seed": 1,
    "stop": ["}"],
    "chat_template_kwargs": {"enable_thinking": False},
    "guided_json": {},
    "response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": SCHEMA, "strict": True}},
}


def openai(message: str, param: str | None = None) -> dict:
    return {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": None}}


REFUSALS = [
    (
        openai("Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead."),
        "max_tokens",
    ),
    (openai("Use another", "max_tokens"), "max_tokens"),
    (openai("Unsupported value: 'temperature' does not support 0 with this model."), "temperature"),
    (openai("Invalid parameter: 'response_format' of type 'json_schema' is not supported"), "response_format"),
    (openai("'messages' must have 'json' to use 'response_format'.", "messages"), "response_format"),
    (openai("Unrecognized request arguments supplied: seed, logprobs"), "seed"),
    (openai("Unknown parameter: 'stop'."), "stop"),
    (openai("Unsupported parameter(s): `top_logprobs`"), "top_logprobs"),
    (openai("`temperature` and `top_p` cannot both be specified for this model."), "temperature"),
    ({"error": {"message": "Logprobs is not enabled for this model", "status": "INVALID_ARGUMENT"}}, "logprobs"),
    ({"error": {"message": 'Unknown name "responseLogprobs" at generation_config'}}, "logprobs"),
    ({"error": {"message": "JSON mode is not enabled for this model"}}, "response_format"),
    ({"error": {"message": "This response_format type is unavailable now"}}, "response_format"),
    ({"error": "'response_format.type' must be 'json_schema' or 'text'"}, "response_format"),
    ({"error_code": "BAD_REQUEST", "message": 'Bad request: json: unknown field "logprobs"\n'}, "logprobs"),
    ({"error": "Input validation error: `temperature` must be strictly positive"}, "temperature"),
    ({"object": "error", "message": "[{'loc': ('body', 'guided_json'), 'msg': 'extra'}]"}, "guided_json"),
    ({"detail": [{"loc": ["body", "logprobs"], "msg": "extra fields not permitted"}]}, "logprobs"),
    ({"detail": [{"loc": ["body", "chat_template_kwargs"], "msg": "Extra inputs"}]}, "chat_template_kwargs"),
    ({"detail": [{"loc": ["body", "seed"], "msg": "Extra inputs are not permitted"}]}, "seed"),
    ({"message": "litellm.UnsupportedParamsError: x does not support parameters: ['logprobs']"}, "logprobs"),
    ({"error": {"message": "Provider returned error", "metadata": {"raw": '{"error": {"param": "top_p"}}'}}}, "top_p"),
    ("You are not allowed to request logprobs from this model", "logprobs"),
    ("max_output_tokens is not a parameter", "max_tokens"),
    (openai("Could not process image"), None),
    (openai("please stop sending requests of this user"), None),
    (openai("max_tokens is too large: 9000. This model supports at most 4096 completion tokens"), None),
    ({"detail": [{"loc": ["body", "prompt"], "msg": "Field required", "input": REQUEST}]}, None),
    (openai("Invalid 'messages[0].content'", "messages[0].content"), None),
]


@pytest.mark.parametrize(("body", "parameter"), REFUSALS)
def test_the_parameter_that_is_named_is_the_refused_one(body, parameter):
    assert refused_parameter(REQUEST, REQUEST, read_error(body)) == parameter


def refuse(*messages: str, request=REQUEST) -> dict:
    """What is sent in place of `request` after these refusals, each of which must lead to another try."""
    parameters = Parameters()
    for message in messages:
        assert parameters.may_be_sent_again(request, parameters.steps(), ErrorBody(message))
    return adapted(request, parameters.steps())


def changes(*messages: str) -> dict:
    sent = refuse(*messages)
    return {key: sent.get(key) for key in REQUEST | sent if sent.get(key) != REQUEST.get(key)}


def test_max_tokens_is_renamed_and_then_left_out():
    renamed = {"max_tokens": None, "max_completion_tokens": 96}
    assert changes("unknown: max_tokens") == renamed
    assert changes("unknown: max_tokens", "unknown: max_completion_tokens") == {"max_tokens": None}


def test_temperature_is_left_out_or_made_positive():
    assert changes("'temperature' does not support 0") == {"temperature": None}
    assert changes("temperature must be strictly positive") == {"temperature": 0.01}
    assert changes("temperature must be > 0", "temperature is deprecated") == {"temperature": None}


def test_the_schema_loses_what_is_named_then_its_keywords_and_then_goes():
    strict = "response_format.json_schema.strict: extra inputs are not permitted"
    limits = "Invalid schema for response_format 'a': 'maxItems' is not permitted"
    no_schema = "response_format json_schema is not supported"
    plain_schema = {"type": "object", "properties": {"tags": {"type": "array"}}}

    def sent(*messages):
        return refuse(*messages).get("response_format")

    assert sent(strict)["json_schema"] == {"name": "a", "schema": SCHEMA}
    assert sent(limits)["json_schema"] == {"name": "a", "schema": plain_schema, "strict": True}
    assert sent(limits, strict)["json_schema"] == {"name": "a", "schema": plain_schema}
    assert sent(no_schema) == {"type": "json_object"}
    assert sent(no_schema, "json_object is unknown") is None
    assert REQUEST["response_format"]["json_schema"]["schema"] == SCHEMA


@pytest.mark.parametrize("name", ["logprobs", "top_p", "seed", "stop", "chat_template_kwargs", "guided_json"])
def test_other_parameters_are_left_out(name):
    assert changes(f"Unsupported parameter: '{name}'") == {name: None}


def test_several_refusals_change_each_what_they_name():
    assert changes("logprobs?", "temperature?", "max_tokens?") == {
        "logprobs": None,
        "temperature": None,
        "max_tokens": None,
        "max_completion_tokens": 96,
    }


def test_a_refusal_of_what_is_not_sent_leads_to_no_other_try():
    parameters = Parameters()
    assert parameters.may_be_sent_again(REQUEST, {}, ErrorBody("logprobs"))
    assert not parameters.may_be_sent_again(REQUEST, parameters.steps(), ErrorBody("logprobs again"))
    assert not parameters.may_be_sent_again(REQUEST, parameters.steps(), ErrorBody("it is the photo"))


def test_threads_that_are_refused_together_change_a_parameter_by_one_step():
    parameters = Parameters()
    sent_with = parameters.steps()
    with ThreadPoolExecutor(8) as threads:
        tries = threads.map(
            lambda _: parameters.may_be_sent_again(REQUEST, sent_with, ErrorBody("max_tokens")), range(40)
        )
        assert all(tries)
    assert parameters.steps() == {"max_tokens": 1}
