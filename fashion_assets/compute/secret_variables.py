"""Which environment variables hold secrets, by their names and by what their values look like."""

import re

from fashion_assets.fashion_error import without_credentials

_ANYWHERE = re.compile(
    r"KEY|SECRET|TOKEN|PASSW|PASSPHRASE|CREDENTIAL|CONN(?:ECTION)?_?STR|PRIVATE|BEARER|SIGNATURE|WEBHOOK|COOKIE"
)
_AS_A_WORD = {"PAT", "PATS", "PASS", "PWD", "PW", "SAS", "AUTH", "CREDS", "CRED", "DSN", "JWT", "OAUTH", "PIN", "CERT"}
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

_VALUES = re.compile(
    r"dapi[0-9a-f]{16}|\bhf_\w{20}|\bgh[opsu]_\w{20}|github_pat_|\bglpat-|\bsk-[\w-]{16}|\bxox[abprs]-"
    r"|\bAKIA[A-Z0-9]{12}|\bAIza[\w-]{30}|\beyJ[\w-]{10,}\.|-----BEGIN |AccountKey=|SharedAccess|[?&;]sig="
    r"|\b(?:pwd|password|token|secret)\s*=",
    re.IGNORECASE,
)
"""What the keys of Databricks, Hugging Face, GitHub, GitLab, OpenAI, Slack, AWS, Google and Azure begin with or hold,
web tokens, certificates, and parts of connection strings."""


def is_secret_name(name: str) -> bool:
    """Whether a variable of this name holds a secret: MY_PAT, DB_PASSWD, STORAGE_SAS, serviceApiKey; not PATH."""
    words = {word.upper() for word in _WORDS.findall(name)}
    return bool(_ANYWHERE.search(name.upper()) or words & _AS_A_WORD)


def is_secret_value(value: str) -> bool:
    """Whether a value looks like a secret whatever it is called: a key of a known kind, an address with a password."""
    return bool(_VALUES.search(value)) or without_credentials(value) != value
