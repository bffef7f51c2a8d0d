"""Hostile prompts, settings and answers of endpoints; photos and tables are in `factories`. A new one is a line."""

import gzip
import json
import zlib

_FRONT = b"---\nid: a\nversion: 1\napplies-to: {}\nmax-new-tokens: 20\nkeys: [material]\n---\n"
_OK = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"
_MESSAGE = {"content": '{"material": "denim", "pattern": "striped", "confidence": "high"}'}


def _completion(**changes: object) -> bytes:
    return json.dumps({"choices": [{"message": _MESSAGE, "finish_reason": "stop"}], **changes}).encode()


def _answer(body: bytes, *headers: bytes) -> bytes:
    return _OK + b"".join(header + b"\r\n" for header in headers) + b"Content-Length: %d\r\n\r\n" % len(body) + body


PROMPTS = {
    "a good one": _FRONT + b"One of {{ material }}.",
    "a loop": _FRONT + b"{% for v in material.split(', ') %}- {{ v|upper }}\n{% endfor %}",
    "code": _FRONT + b"{{ cycler.__init__.__globals__.os.popen('id > /tmp/stolen').read() }}",
    "code by a filter": _FRONT + b"{{ ''|attr('__class__')|attr('__mro__') }}",
    "a long loop": _FRONT + b"{% for a in range(10**9) %}{% for b in range(10**9) %}x{% endfor %}{% endfor %}",
    "a long text": _FRONT + b"{{ 'x' * 10**10 }}{{ 'x'|center(10000000000) }}{{ '%9999999999d' % 1 }}",
    "a file": _FRONT + b"{% include '/etc/passwd' %}{% import 'os' as os %}",
    "an object": b"---\nid: !!python/object/apply:os.system [id]\n---\nx",
    "aliases": b"---\na: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a]\nkeys: [*b,*b,*b,*b,*b]\n---\nx",
    "depth": _FRONT + b"{{ " + b"(" * 5000 + b" }}",
}
SHOP_FILES = {
    "a good one": b"""[source]
table = "export.csv"
encoding = "cp1252"

[columns]
product_display_name = "Name"
price = ["Preis", "price.amount"]

[ids]
product = "SKU"

[price]
decimal = ","
currency = "EUR"

[photos]
folder = "photos"

[categories]
"Kleider" = "Dress"

[language]
descriptions = "German"
""",
    "a language of its own": b'[language]\ndescriptions = "language.toml"\n',
    "a language that never ends": b'[language]\ndescriptions = "/dev/zero/../zero.toml"\n',
    "depth": b"a = " + b"[" * 100_000,
    "deep tables": b"[a" + b".a" * 50_000 + b"]",
    "many digits": b"[price]\nstep = " + b"9" * 10_000,
    "many mistakes": b"[price]\n" + b"".join(b"k%d = 1\n" % number for number in range(20_000)),
    "many spaces": b"[" + b" " * 100_000 + b"price]\nx = 1\n",
    "a long key": b'"' + b"x" * 100_000 + b'" = 1\n',
    "addresses": b'[source]\ntable = "http://192.0.2.1/a.csv"\n[photos]\nfolder = "//192.0.2.1/a"\n',
}
SETTINGS = {
    "good ones": b'{"FASHION_HOME": "h", "FASHION_TABLES": "s3://bucket/tables", "FASHION_VLM": "demo"}',
    "a secret's name": b'{"FASHION_DATABRICKS_ENVIRONMENT": "{\\"MY_PAT\\": \\"S3CRET\\"}"}',
    "a token": b'{"FASHION_DATABRICKS_ENVIRONMENT": "{\\"HF_TOKEN\\": \\"S3CRET\\""}',
    "a password": b'{"FASHION_TABLES": "s3://key:S3CRET@bucket", "FASHION_INDEX": "gs://S3CRET@bucket"}',
    "a key": b'{"FASHION_ENDPOINT": "http://user:S3CRET@host/v1", "FASHION_ENDPOINT_KEY": "S3CRET \\n"}',
    "numbers": b'{"FASHION_MICRO_BATCH": "1e99", "FASHION_MEMORY_SHARE": "NaN", "FASHION_DEMO_PRODUCTS": "-1"}',
    "depth": json.dumps({"FASHION_COLUMNS": "[" * 100_000}).encode(),
    "files": (
        b'{"FASHION_PROFILE": "local", "FASHION_HOME": "/dev/null/x", "FASHION_SOURCE": "/proc/self/mem", '
        b'"FASHION_PHOTOS": "//"}'
    ),
    "addresses": b'{"FASHION_TABLES": "file://elsewhere/x", "FASHION_ENDPOINT": "gopher://[", "FASHION_UI_URL": "x:1"}',
}
ANSWERS = {
    "a good one": _answer(_completion()),
    "a stream": _answer(b'data: {"choices": [{"delta": {"content": "{}"}}]}\n\ndata: [DONE]\n'),
    "a gzip bomb": _answer(gzip.compress(bytes(10**8), 1), b"Content-Encoding: gzip"),
    "a bomb in a bomb": _answer(zlib.compress(zlib.compress(bytes(10**8))), b"Content-Encoding: deflate, deflate"),
    "many tokens": _answer(_completion(usage={"prompt_tokens": 10**30, "completion_tokens": -1})),
    "depth": _answer(b"[" * 100_000 + b"]" * 100_000),
    "a depth that can be read": _answer(b'{"choices": [{"message": ' + b"[" * 900 + b"]" * 900 + b"}]}"),
    "elsewhere": b"HTTP/1.1 307 Moved\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n",
    "an error": b"HTTP/1.1 500 Broken\r\nContent-Length: 9\r\n\r\n\x1b[2J oops",
    "a key that is sent back": b"HTTP/1.1 401 No\r\nContent-Length: 12\r\n\r\nS3CRET wrong",
    "a wait": b"HTTP/1.1 429 Slow\r\nRetry-After: 99999999999999999999\r\nContent-Length: 0\r\n\r\n",
    "probabilities": _answer(
        _completion(choices=[{"message": _MESSAGE, "logprobs": {"content": [{"token": "{", "logprob": 1e999}]}}])
    ),
}
