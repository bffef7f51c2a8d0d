"""Environment variables that hold secrets, by name or by value."""

import pytest

from fashion_assets.compute.cluster_settings import settings_of_cluster
from fashion_assets.compute.secret_variables import is_secret_name, is_secret_value
from fashion_assets.errors import SettingsError
from fashion_assets.settings import load_settings


@pytest.mark.parametrize(
    "name",
    [
        *("MY_PAT", "GITHUB_PAT", "DB_PASSWD", "DB_PASS", "PGPASSWORD", "MYSQL_PWD", "STORAGE_KEY", "apiKey"),
        *("AWS_SECRET_ACCESS_KEY", "HF_TOKEN", "GOOGLE_APPLICATION_CREDENTIALS", "AZURE_CREDENTIAL", "BLOB_SAS"),
        *("SAS", "DB_CONNECTION_STRING", "ConnectionString", "CONN_STR", "SENTRY_DSN", "BASIC_AUTH", "SSL_CERT"),
        *("SLACK_WEBHOOK", "my_pat", "serviceAccountKey", "PrivateKey", "SESSION_COOKIE", "JWT", "ID_TOKENS"),
    ],
)
def test_names_of_secrets(name):
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name", ["PATH", "PYTHONPATH", "AWS_REGION", "COMPASS", "PATTERN", "SASH", "AUTHOR", "HTTP_PROXY", "PINS", "LANG"]
)
def test_names_of_other_things(name):
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    "value",
    [
        "dapi0123456789abcdef0123456789abcdef",
        "hf_abcdefghijklmnopqrstuvwxyz",
        "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
        "sk-proj-abcdefghijklmnop",
        "AKIAIOSFODNN7EXAMPLE",
        "postgresql://shop:hunter2@db/shop",
        "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=bc==",
        "https://a.blob.core.windows.net/b?sv=1&sig=abc",
        "Server=db;Password=x",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc",
        "-----BEGIN PRIVATE KEY-----",
    ],
)
def test_values_that_look_like_secrets(value):
    assert is_secret_value(value)


@pytest.mark.parametrize("value", ["eu-west-1", "https://proxy:8080", "/Volumes/a/b", "1", "a@b", "key", "s3://b/c"])
def test_values_that_do_not(value):
    assert not is_secret_value(value)


@pytest.mark.parametrize(
    "given",
    [
        '{"HF_TOKEN": "dapiS3CRET"',
        '{"HF_TOKEN": dapiS3CRET}',
        '["dapiS3CRET"]',
        '{"A": ["dapiS3CRET"]}',
        '{"A": {"B": "dapiS3CRET"}}',
        '"dapiS3CRET"',
        "dapiS3CRET",
        "[" * 100_000 + "dapiS3CRET",
    ],
)
def test_a_setting_with_secrets_is_never_quoted(given, monkeypatch):
    monkeypatch.setenv("FASHION_DATABRICKS_ENVIRONMENT", given)
    with pytest.raises(SettingsError, match="FASHION_DATABRICKS_ENVIRONMENT cannot be used, but ") as refused:
        load_settings()
    error: BaseException | None = refused.value
    while error is not None:
        assert "S3CRET" not in f"{error} {error!r}"
        error = error.__cause__


def test_a_variable_with_a_secret_is_refused_by_name(monkeypatch):
    for name, value in (("MY_PAT", "S3CRET"), ("URL", "https://a:S3CRET@b")):
        settings = load_settings(databricks_environment={name: value}, source="a.csv", profile="databricks")
        with pytest.raises(SettingsError, match=f"gives the value of {name}, but") as refused:
            settings_of_cluster(settings)
        assert "S3CRET" not in str(refused.value)


@pytest.mark.parametrize("setting", ["tables", "index"])
@pytest.mark.parametrize("user", ["key:S3CRET", "S3CRET", "key:S3/CRE+T", "AKIA:S3CRET@x"])
def test_credentials_in_an_address_are_refused_and_not_shown(setting, user):
    with pytest.raises(SettingsError, match=r"is 's3://\*\*\*@bucket/a', but it must have no key") as refused:
        load_settings(**{setting: f"s3://{user}@bucket/a"})
    assert "S3" not in str(refused.value).replace("s3", "")
    assert load_settings(**{setting: "s3://bucket/folder@home"}).__getattribute__(setting) == "s3://bucket/folder@home"
