"""From the settings to a client: credentials, one client per thread, and the test of a connection."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from portfolio.sheets import google
from portfolio.sheets.google.credentials import SCOPES, service_account
from portfolio.sheets.google.errors import NotConfigured, Unavailable
from tests.sheets_google.scripted import Reply, Scripted, drops, error, says, scripted

EMAIL = "lodestar@plan.iam.gserviceaccount.com"


@pytest.fixture
def server(settings: Any) -> Iterator[Scripted]:
    with scripted() as started:
        settings.SHEETS_API_ENDPOINT = started.url
        yield started


@pytest.fixture(scope="session")
def private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    kinds = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(*kinds).decode()


@pytest.fixture
def key_file(settings: Any, tmp_path: Path, private_key: str) -> Callable[..., Path]:
    """``key_file(token_uri=…)`` → the file the settings name, with those values in it."""

    def make(**values: Any) -> Path:
        path = tmp_path / "key.json"
        token_uri = f"{settings.SHEETS_API_ENDPOINT}/token"
        key = {"type": "service_account", "client_email": EMAIL, "private_key": private_key}
        path.write_text(json.dumps({**key, "token_uri": token_uri, **values}))
        settings.GOOGLE_SERVICE_ACCOUNT_FILE = str(path)
        return path

    return make


def token(text: str) -> Reply:
    return says(200, {"access_token": text, "expires_in": 3600, "token_type": "Bearer"})


def signed_with(server: Scripted) -> list[tuple[str, str | None]]:
    return [
        (seen.path.split("?")[0].rpartition("/")[2], seen.headers["Authorization"]) for seen in server.seen
    ]


# What the settings say --------------------------------------------------------------------------------


def test_without_settings_the_variable_to_set_is_named(settings: Any) -> None:
    assert not google.is_configured()
    assert google.service_account_email() == ""
    with pytest.raises(NotConfigured, match="Set GOOGLE_SERVICE_ACCOUNT_FILE"):
        google.client()


@pytest.mark.parametrize("endpoint", ["sheets.example.org", "ftp://example.org", "http://", "//example.org"])
def test_an_endpoint_that_is_no_address_is_shown(settings: Any, endpoint: str) -> None:
    settings.SHEETS_API_ENDPOINT = endpoint
    with pytest.raises(NotConfigured, match=f"SHEETS_API_ENDPOINT is {endpoint}; it must look like"):
        google.client()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "can't be read: No such file"),
        ("not json", "not a service account's key"),
        ("[]", "not a service account's key"),
        ('{"installed": {"client_id": "7"}}', "not a service account's key"),
        (b"\xff\xfe", "not a service account's key"),
    ],
)
def test_a_key_file_that_is_none_is_named(
    settings: Any, tmp_path: Path, content: str | bytes | None, sentence: str
) -> None:
    path = tmp_path / "key.json"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    settings.GOOGLE_SERVICE_ACCOUNT_FILE = str(path)
    with pytest.raises(NotConfigured, match=f"GOOGLE_SERVICE_ACCOUNT_FILE names {path}, which.*{sentence}"):
        google.service_account_email()


def test_a_damaged_private_key_is_a_sentence(server: Scripted, key_file: Callable[..., Path]) -> None:
    key_file(private_key="-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n")
    assert google.service_account_email() == EMAIL
    assert "private key" in google.try_connection("book").problem
    assert server.seen == []


def test_the_settings_are_read_from_the_environment(tmp_path: Path) -> None:
    script = (
        "from django.conf import settings as s;"
        "print(s.GOOGLE_SERVICE_ACCOUNT_FILE, s.SHEETS_API_ENDPOINT, s.SYNC_EVERY_MINUTES)"
    )
    given = {
        "GOOGLE_SERVICE_ACCOUNT_FILE": "/key.json",
        "SHEETS_API_ENDPOINT": "http://h",
        "SYNC_EVERY_MINUTES": "0",
    }
    place = {"DJANGO_SETTINGS_MODULE": "portfolio.settings", "DATA_DIR": str(tmp_path)}
    ran = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, **place, **given}, capture_output=True, text=True
    )
    assert ran.stdout.split() == ["/key.json", "http://h", "0"], ran.stderr


def test_nothing_of_google_is_imported_before_it_is_needed(tmp_path: Path) -> None:
    script = (
        "import sys, django; django.setup(); import portfolio.sheets.google, portfolio.sheets.google.errors;"
        "portfolio.sheets.google.is_configured();"
        "print([name for name in ('gspread', 'google.auth') if name in sys.modules])"
    )
    place = {"DJANGO_SETTINGS_MODULE": "portfolio.settings", "DATA_DIR": str(tmp_path)}
    ran = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, **place}, capture_output=True, text=True
    )
    assert ran.stdout.strip() == "[]", ran.stderr


# One client per thread --------------------------------------------------------------------------------


def test_a_thread_keeps_its_client_and_shares_it_with_no_other(server: Scripted) -> None:
    others: list[Any] = []
    thread = threading.Thread(target=lambda: others.append(google.client()))
    thread.start()
    thread.join()
    assert google.client() is google.client()
    assert others[0] is not google.client()
    assert others[0].http_client.session is not google.client().http_client.session


def test_other_settings_make_another_client(server: Scripted, key_file: Callable[..., Path]) -> None:
    unsigned = google.client()
    path = key_file()
    signed = google.client()
    assert unsigned is not signed is google.client()
    path.write_text(path.read_text().replace(EMAIL, "new@example.org"))
    os.utime(path, ns=(1, 1))
    assert google.client().http_client.email == "new@example.org"


# Signing ----------------------------------------------------------------------------------------------


def test_an_endpoint_without_a_key_is_called_unsigned(server: Scripted) -> None:
    server.answers(says(200, {"properties": {"title": "Plan"}}))
    assert google.client().open_by_key("book").id == "book"
    assert signed_with(server) == [("book", None)]


def test_with_a_key_too_every_call_is_signed_and_a_token_is_used_while_it_is_good(
    server: Scripted, key_file: Callable[..., Path]
) -> None:
    key_file()
    server.answers(token("one"))
    for _ in range(2):
        google.client().http_client.fetch_sheet_metadata("book")
    assert signed_with(server) == [("token", None), ("book", "Bearer one"), ("book", "Bearer one")]
    assert google.client().http_client.calls.total == 2


def test_threads_share_the_token(server: Scripted, key_file: Callable[..., Path]) -> None:
    key_file()
    server.answers(token("one"))

    def call() -> None:
        google.client().http_client.fetch_sheet_metadata("book")

    threads = [threading.Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [path for path, _ in signed_with(server)].count("token") == 1
    assert len(server.seen) == 5


def test_the_token_asks_for_sheets_and_for_what_people_share(
    server: Scripted, key_file: Callable[..., Path]
) -> None:
    key_file()
    server.answers(token("one"))
    google.client().http_client.fetch_sheet_metadata("book")
    claims = parse_qs(server.seen[0].body.decode())["assertion"][0].split(".")[1]
    said = json.loads(base64.urlsafe_b64decode(claims + "=="))
    assert said["iss"] == EMAIL
    assert said["scope"].split() == list(SCOPES)


def test_a_withdrawn_token_is_replaced_once_even_for_what_may_not_be_done_twice(
    server: Scripted, key_file: Callable[..., Path]
) -> None:
    key_file()
    server.answers(token("old"), error(401, "Expired"), token("new"))
    google.client().http_client.batch_update("book", {})
    assert [sign for _, sign in signed_with(server)] == [None, "Bearer old", None, "Bearer new"]
    server.answers(error(401, "No"), token("newer"), error(401, "No"))
    with pytest.raises(NotConfigured, match=f"doesn't accept the key of {EMAIL}"):
        google.client().http_client.batch_update("book", {})


def test_a_token_that_replaced_a_withdrawn_one_is_kept(
    server: Scripted, key_file: Callable[..., Path]
) -> None:
    key_file()
    server.answers(token("new"))
    for _ in range(2):
        google.client().http_client.fetch_sheet_metadata("book")
        account = service_account()
        assert account
        account.forget("old")
    assert [path for path, _ in signed_with(server)] == ["token", "book", "book"]


def test_a_key_google_does_not_know_is_a_sentence(server: Scripted, key_file: Callable[..., Path]) -> None:
    key_file()
    server.answers(says(400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}))
    problem = google.try_connection("book").problem
    assert f"doesn't sign {EMAIL} in" in problem
    assert "Invalid JWT Signature" in problem
    assert len(server.seen) == 1


def test_a_sign_in_that_fails_for_now_says_so_and_nothing_was_written(
    server: Scripted, key_file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("google.auth._exponential_backoff.time.sleep", lambda seconds: None)
    key_file()
    server.answers(*[error(503)] * 10)
    with pytest.raises(Unavailable, match="doesn't sign Lodestar in") as caught:
        google.client().http_client.batch_update("book", {})
    assert not caught.value.outcome_unknown
    assert {path for path, _ in signed_with(server)} == {"token"}


def test_a_sign_in_that_breaks_wrote_nothing_either(server: Scripted, key_file: Callable[..., Path]) -> None:
    key_file()
    server.answers(drops)
    with pytest.raises(Unavailable) as caught:
        google.client().http_client.batch_update("book", {})
    assert not caught.value.outcome_unknown


def test_a_redirected_sign_in_takes_the_key_nowhere(server: Scripted, key_file: Callable[..., Path]) -> None:
    key_file()
    with scripted() as elsewhere:
        server.answers(says(307, "", Location=elsewhere.url))
        with pytest.raises(NotConfigured, match="doesn't sign"):
            google.client().http_client.fetch_sheet_metadata("book")
        assert elsewhere.seen == []


# The test of a connection -----------------------------------------------------------------------------

TITLE = says(200, {"properties": {"title": "Portfolio 2026"}})


@pytest.mark.parametrize(
    ("replies", "sentence"),
    [
        ([error(404, "Not found")], f"Check its id, and share it with {EMAIL} as an editor."),
        ([error(403, "No")], f"Share it with {EMAIL} as an editor."),
        ([TITLE, says(200, {"capabilities": {"canEdit": False}})], f"only read.*with {EMAIL} as an editor."),
        ([error(503, Retry_After="60")], "not available at the moment"),
    ],
)
def test_one_that_does_not_says_what_to_do(
    server: Scripted, key_file: Callable[..., Path], replies: list[Reply], sentence: str
) -> None:
    key_file()
    server.answers(token("one"), *replies)
    trial = google.try_connection("book")
    assert not trial.works
    assert re.search(sentence, trial.problem), trial.problem


def test_the_account_is_read_once_while_its_file_stays(
    server: Scripted, key_file: Callable[..., Path]
) -> None:
    key_file()
    assert service_account() is service_account()
