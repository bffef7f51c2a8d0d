"""The address of an endpoint as people copy it."""

import pytest

from fashion_assets.extraction.backends.endpoint.addresses import base_addresses, parameters_of

HOST = "https://vlm.example:8443"


@pytest.mark.parametrize(
    ("paths", "bases"),
    [
        (["", "/"], ["/v1", ""]),
        (["/v1", "/v1/", "/v1/chat/completions", "/v1/chat/completions/", "/v1/completions"], ["/v1"]),
        (["/chat/completions"], [""]),
        (["/api", "/api/"], ["/api", "/api/v1"]),
        (["/v1beta/openai/", "/v1beta/openai/chat/completions"], ["/v1beta/openai"]),
        (["/api/paas/v4/"], ["/api/paas/v4"]),
        (["/serving-endpoints/my-vlm/invocations"], ["/serving-endpoints", "/serving-endpoints/v1"]),
        (
            ["/openai/deployments/vlm/chat/completions?api-version=2026-01-01"],
            ["/openai/deployments/vlm"],
        ),
    ],
)
def test_base_addresses(paths, bases):
    for path in paths:
        assert base_addresses(HOST + path) == tuple(HOST + base for base in bases)


def test_parameters():
    assert parameters_of(f"{HOST}/v1?api-version=1&empty=") == {"api-version": "1", "empty": ""}
    assert parameters_of(f"{HOST}/v1") == {}
