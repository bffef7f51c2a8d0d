"""Why an endpoint does not answer, by the words and codes of the servers that are in use, and what to do about it.

Which parameter a server refuses is in `parameters.py`. The words are those of OpenAI, Azure, Anthropic, Gemini,
Mistral, Databricks, OpenRouter, vLLM, TGI, llama.cpp, Ollama and LM Studio.
"""

import re
from dataclasses import dataclass

from fashion_assets.extraction.backends.endpoint.error_bodies import ErrorBody

PHOTO = r"(?:images?|image_url|vision|multimodal)\b(?! (?:format|type|mime|media|size|dimension|file|data\b))"


@dataclass(frozen=True)
class Reason:
    """A reason that `words` tell, a regular expression of lower-case text.

    `value`, `rule` and `remedy` are the parts of the error that stops the run: texts with `{endpoint}`, `{key}` and
    `{model}`; the server's words are added to the value.
    """

    words: str
    value: str = ""
    rule: str = ""
    remedy: str = ""

    def is_told_by(self, error: ErrorBody) -> bool:
        text = " ".join((error.message, *error.codes)).lower()
        return re.search(self.words, text) is not None


CONTENT_FILTER = Reason(
    r"content[ _]?(?:management )?(?:policy|filter)|responsible ?ai|safety (?:system|filter)|\bflagged\b|moderation"
    r"|inappropriate content|data_?inspection_?failed|prohibited_content"
)
"""About one photo, so the run goes on."""

CONTEXT = Reason(
    r"context[ _-]?(?:length|window|size)|max_model_len|(?:maximum|max) number of (?:input )?tokens|too many"
    r" (?:input |prompt )?tokens|(?:prompt|input|request) is too long|reduce the length|must have less than \d+ tokens"
    r"|tokens \+ |input length and .?max_tokens",
    rule="photo and question must fit the context for which the server has loaded '{model}'",
    remedy="give it a longer one (vLLM: --max-model-len, llama.cpp: -c, Ollama: num_ctx), or use another model",
)
TOO_FEW_TOKENS = Reason(r"could not finish the message|higher max_(?:completion_)?tokens|output limit was reached")
"""Some servers refuse to send an answer that was cut off."""

CREDIT = Reason(
    r"insufficient[_ ](?:quota|credits?|balance|funds)|credit balance|payment required|more credits|billing_not_active"
    r"|billing[_ ]hard[_ ]limit",
    value="{endpoint} wants to be paid first",
    rule="the account of the key must have credit, and the answers so far are kept",
    remedy="top it up and run the same command again",
)
KEY = Reason(
    r"api[ _-]?key[^.]{0,40}(?:not valid|invalid|incorrect|missing|expired)"
    r"|(?:invalid|incorrect|missing|expired|wrong|no)[^.]{0,20}[ _]api[ _-]?key|authentication[_ ](?:error|failed)"
    r"|\bunauthenticated\b|invalid (?:access|bearer|auth\w*) token",
    value="{endpoint} refuses {key}",
    rule="a key must be allowed to use '{model}'",
    remedy="set FASHION_ENDPOINT_KEY to such a key",
)
NO_PHOTOS = Reason(
    rf"{PHOTO}[^.]{{0,40}}(?:\b(?:not|only)|n't) (?:supported|allowed|accepted|enabled|permitted)"
    rf"|(?:\bnot|n't) (?:currently )?(?:support|accept|allow|take)s?\b[^.]{{0,30}}\b{PHOTO}"
    r"|not a multimodal|at most 0 image|support image input|unknown variant .?image_url|required for image input"
    r"|mmproj|content must be a string|text-only model",
    value="The model '{model}' at {endpoint} takes no photos",
    rule="FASHION_VLM must be a vision-language model",
    remedy="set it to one that sees photos",
)
UNKNOWN_MODEL = Reason(
    r"model[^.]{0,80}(?:not found|does(?: not|n't) exist|is not available|not loaded)|try pulling it"
    r"|(?:unknown|invalid|unrecognized|no such)[ _]model|not a valid model|model_?not_?found|no models? (?:\w+ )?loaded"
    r"|deployment_?not_?found|deployment[^.]{0,60}not found|(?:deployment|endpoint)[^.]{0,60}does not exist",
    value="{endpoint} does not serve the model '{model}'",
    rule="FASHION_VLM must be a name that it serves",
    remedy="set FASHION_VLM to one, and FASHION_ENDPOINT to an address like http://host:8000/v1",
)
WRONG_ADDRESS = Reason(
    r"unexpected endpoint|invalid url \(|cannot post|no (?:such )?route|unknown (?:url|path)|redirected to|a web page",
    value="{endpoint} has no chat completions",
    rule="FASHION_ENDPOINT must be the address of an OpenAI-compatible endpoint",
    remedy="correct it, as in http://host:8000/v1",
)
LOADING = Reason(
    r"loading|warming up|cold start|scal(?:ing|ed) (?:up|from|to)|starting up|not (?:yet )?ready|initiali[sz]ing"
)
"""Passes, after a longer time than other faults."""

_BY_WORDS = (CONTENT_FILTER, TOO_FEW_TOKENS, CREDIT, KEY, NO_PHOTOS, CONTEXT, UNKNOWN_MODEL, WRONG_ADDRESS)
_OF_SERVER_FAULTS = (NO_PHOTOS, CONTEXT, LOADING)
"""Other words in a fault of the server are not about the request."""
_BY_STATUS = {401: KEY, 402: CREDIT, 403: KEY}


def reason_of(error: ErrorBody, status: int | None) -> Reason | None:
    """The reason of an HTTP error, or of a response that is none (None); None if there are no telling words."""
    if error.is_web_page and status in (None, 404, 405):
        return WRONG_ADDRESS
    among = _OF_SERVER_FAULTS if status is not None and status >= 500 else _BY_WORDS
    told = next((reason for reason in among if reason.is_told_by(error)), None)
    return told or _BY_STATUS.get(status or 0)
