"""Why servers do not answer, in their words."""

import pytest

from fashion_assets.extraction.backends.endpoint.error_bodies import ErrorBody
from fashion_assets.extraction.backends.endpoint.reasons import (
    CONTENT_FILTER,
    CONTEXT,
    CREDIT,
    KEY,
    LOADING,
    NO_PHOTOS,
    UNKNOWN_MODEL,
    WRONG_ADDRESS,
    reason_of,
)

WORDS = [
    (
        400,
        "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
        CONTENT_FILTER,
    ),
    (400, "Your request was rejected as a result of our safety system.", CONTENT_FILTER),
    (403, "Your input was flagged by moderation.", CONTENT_FILTER),
    (400, "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens.", CONTEXT),
    (422, "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 4000 and 200", CONTEXT),
    (400, "the request exceeds the available context size. try increasing the context size", CONTEXT),
    (400, "prompt is too long: 210000 tokens > 200000 maximum", CONTEXT),
    (400, "The input token count (5000) exceeds the maximum number of tokens allowed (4096).", CONTEXT),
    (402, "Payment needed", CREDIT),
    (400, "Your credit balance is too low to access the API.", CREDIT),
    (401, "Unauthorized", KEY),
    (403, "Forbidden", KEY),
    (400, "API key not valid. Please pass a valid API key.", KEY),
    (400, "Missing Authentication header: no api key", KEY),
    (404, "The model `vlm` does not exist.", UNKNOWN_MODEL),
    (404, "model 'vlm' not found, try pulling it first", UNKNOWN_MODEL),
    (400, "vlm is not a valid model ID", UNKNOWN_MODEL),
    (400, "Invalid model: vlm", UNKNOWN_MODEL),
    (404, "The API deployment for this resource does not exist.", UNKNOWN_MODEL),
    (400, "No models loaded. Please load a model in the developer page.", UNKNOWN_MODEL),
    (400, "At most 0 image(s) may be provided in one request.", NO_PHOTOS),
    (400, "vlm is not a multimodal model", NO_PHOTOS),
    (404, "No endpoints found that support image input", NO_PHOTOS),
    (400, "Invalid content type. image_url is only supported by certain models.", NO_PHOTOS),
    (400, "Model does not support images. Please use a model that does.", NO_PHOTOS),
    (400, "Failed to deserialize: messages[0]: unknown variant `image_url`, expected `text`", NO_PHOTOS),
    (500, "image input is not supported - hint: you may need to provide the mmproj", NO_PHOTOS),
    (500, "this model is missing data required for image input", NO_PHOTOS),
    (404, "Invalid URL (POST /chat/completions)", WRONG_ADDRESS),
    (503, "Loading model", LOADING),
    (503, "Model vlm is currently loading", LOADING),
    (503, "The endpoint is scaling from zero", LOADING),
    (400, "Could not process image", None),
    (400, "Unsupported image format: this server does not support image type webp", None),
    (400, "messages.0.content.0: image exceeds 5 MB maximum", None),
    (400, "Unsupported parameter: 'max_tokens' is not supported with this model.", None),
    (400, "Model is loading", None),
    (404, "Not Found", None),
    (429, "You exceeded your current quota, please check your plan and billing details.", None),
    (500, "Authentication of the upstream failed: invalid api key", None),
    (502, "Bad gateway", None),
]


@pytest.mark.parametrize(("status", "message", "reason"), WORDS)
def test_the_reason_is_told_by_words_or_status(status, message, reason):
    assert reason_of(ErrorBody(message), status) is reason


def test_codes_tell_the_reason_too():
    assert reason_of(ErrorBody("no", codes=("insufficient_quota",)), 429) is CREDIT
    assert reason_of(ErrorBody("no", codes=("model_not_found",)), 400) is UNKNOWN_MODEL
    assert reason_of(ErrorBody("no", codes=("content_filter",)), 400) is CONTENT_FILTER


def test_a_web_page_is_a_wrong_address_where_an_answer_was_due():
    page = ErrorBody("a web page instead of JSON", is_web_page=True)
    assert [reason_of(page, status) for status in (None, 404, 502)] == [WRONG_ADDRESS, WRONG_ADDRESS, None]


def test_a_reason_that_stops_a_run_has_a_sentence():
    for reason in (CREDIT, KEY, NO_PHOTOS, UNKNOWN_MODEL, WRONG_ADDRESS):
        names = {"endpoint": "E", "key": "K", "model": "M"}
        parts = [text.format(**names) for text in (reason.value, reason.rule, reason.remedy)]
        assert all(parts)
        assert not any(part.endswith(".") for part in parts)
