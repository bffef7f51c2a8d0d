"""Where an endpoint's chat completions are, from the address as people copy it: with or without /v1, with a slash at
the end, or with the whole path of a request."""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit, urlunsplit

_CHAT = re.compile(r"/chat/completions$")
_OTHER_REQUESTS = re.compile(r"/(?:completions|responses|embeddings|models)$")
_INVOCATIONS = re.compile(r"(/serving-endpoints)/[^/]+/invocations$")
"""Databricks shows this address of a model; its chat completions take the model's name as a parameter."""


def base_addresses(url: str) -> tuple[str, ...]:
    """The addresses that may be followed by /chat/completions, the likeliest first; without the parameters of `url`."""
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    whole = _CHAT.sub("", path)
    path = _INVOCATIONS.sub(r"\1", _OTHER_REQUESTS.sub("", whole))
    if whole != parts.path.rstrip("/") or re.search(r"/v\d", path):
        paths = (path,)
    elif not path:
        paths = ("/v1", "")
    else:
        paths = (path, f"{path}/v1")
    return tuple(urlunsplit((parts.scheme, parts.netloc, each, "", "")) for each in paths)


def parameters_of(url: str) -> Mapping[str, object]:
    """The parameters of `url`, which are sent with each request: `api-version=...`, for example."""
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
