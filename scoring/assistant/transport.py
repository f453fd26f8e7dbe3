"""The one place that touches the openai SDK: sends a question, says in a sentence what went wrong. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx2
import openai
from pydantic import BaseModel, ValidationError

from scoring.assistant.client import Access, Message
from scoring.assistant.errors import (
    BadAnswerError,
    BusyError,
    LlmError,
    NoSchemasError,
    ServerError,
    Usage,
)

T = TypeVar("T", bound=BaseModel)

CONNECT_SECONDS = 10.0
LARGEST = 4 * 2**20  #: bytes of an answer
MANY = 10**9  #: tokens nobody uses in one call
WAIT = 2.0  #: seconds, where a busy server doesn't say how long
HOME = "https://api.openai.com/v1"
NO_KEY = "none"  # a server of one's own may need no key; the SDK insists on one
FENCE = re.compile(r"\A\s*```(?:json)?\s*\n(.*?)\n?\s*```\s*\Z", re.DOTALL)


@dataclass
class Question:
    """``schema`` None: the messages themselves say what JSON to answer."""

    messages: list[Message]
    schema: type[BaseModel] | None
    max_tokens: int


@dataclass(frozen=True)
class Reply:
    content: str
    usage: Usage | None


class Line:
    """A connection of its own for one call: closing it ends whatever still hangs on it."""

    def __init__(self, access: Access) -> None:
        self.access = access
        timeout = httpx2.Timeout(access.seconds, connect=min(CONNECT_SECONDS, access.seconds))
        self.http = httpx2.Client(
            transport=Bounded(), timeout=timeout, follow_redirects=False, trust_env=False
        )
        self.sdk = openai.OpenAI(
            api_key=access.api_key or NO_KEY,
            base_url=access.base_url or HOME,
            http_client=self.http,
            timeout=timeout,
            max_retries=0,
        )

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def send(self, question: Question) -> Reply:
        """Raises LlmError."""
        try:
            response = self._ask(question)
        except openai.APIStatusError as error:
            raise self._refusal(error) from None
        except openai.APITimeoutError:
            late = f"There was no answer within {self.access.seconds:g} s. Try again later."
            raise ServerError(late, spent=None) from None
        except openai.APIConnectionError as error:
            raise self._broken(error) from None
        except (openai.OpenAIError, httpx2.InvalidURL):
            raise ServerError(f"LLM_BASE_URL ({self._host}) is no address to ask at.") from None
        except TooLarge:
            raise ServerError(
                f"{self._host} answered with more than {LARGEST >> 20} MB.", spent=None
            ) from None
        return self._reply(response)

    def _ask(self, question: Question) -> Any:
        asked: dict[str, Any] = {
            "model": self.access.model,
            "messages": question.messages,
            "max_completion_tokens": question.max_tokens,
        }
        raw = self.sdk.chat.completions.with_raw_response
        if question.schema is None:
            return raw.create(**asked).http_response
        return raw.parse(**asked, response_format=question.schema).http_response

    # What came back ------------------------------------------------------------------------------

    def _reply(self, response: Any) -> Reply:
        try:
            body = response.json()
        except (ValueError, RecursionError):
            kind = response.headers.get("content-type", "something unnamed").split(";")[0]
            raise ServerError(
                f"{self._host} answered with {kind}, not with JSON. Check LLM_BASE_URL; it often ends in /v1."
            ) from None
        if not isinstance(body, dict) or not _choice(body):
            said = _said(body.get("error") if isinstance(body, dict) else None)
            raise ServerError(self._hide(f"{self._host} sent no answer{said or '.'}"), spent=_usage(body))
        return self._content(_choice(body), _usage(body))

    def _content(self, choice: dict[str, Any], usage: Usage | None) -> Reply:
        told = choice["message"]
        if choice.get("finish_reason") == "length":
            raise LlmError("The answer was cut off: it was longer than it may be.", spent=usage)
        if choice.get("finish_reason") == "content_filter":
            raise LlmError(
                "The provider's content filter stopped the answer. Look at the texts of this row.",
                spent=usage,
            )
        if told.get("refusal"):
            raise LlmError(f"The LLM refused: {_short(told['refusal'])}", spent=usage)
        content = told.get("content")
        if not isinstance(content, str) or not content.strip():
            raise LlmError("The LLM gave an empty answer.", spent=usage)
        return Reply(content, usage)

    # What went wrong -----------------------------------------------------------------------------

    def _refusal(self, error: openai.APIStatusError) -> LlmError:
        status, headers = error.status_code, error.response.headers
        if 300 <= status < 400:
            where = urlsplit(headers.get("location", "")).hostname or "another address"
            return ServerError(
                f"{self._host} redirects to {where}, which is not followed. Correct LLM_BASE_URL."
            )
        if _no_quota(error):
            return ServerError("The quota at the LLM's provider is used up. Top it up there, then run again.")
        if status == 429 or (status == 503 and "retry-after" in headers):
            wait = _wait(headers)
            return BusyError(f"{self._host} is busy ({status}) and asks to wait {wait:.0f} s.", wait)
        if status in (400, 422) and _about_schemas(error):
            return NoSchemasError(f"{self._host} takes no JSON schema.")
        if status in (401, 403):
            return ServerError(f"{self._host} refuses the key ({status}). Check OPENAI_API_KEY.")
        if status == 404:
            return ServerError(
                f"{self._host} knows no model {self.access.model}, or not this address (404). "
                "Check LLM_MODEL and LLM_BASE_URL."
            )
        kind = ServerError if status >= 500 else LlmError
        return kind(self._hide(f"{self._host} answered with an error ({status}){_said(error.body) or '.'}"))

    def _broken(self, error: openai.APIConnectionError) -> ServerError:
        if isinstance(error.__cause__, httpx2.ConnectError):
            return ServerError(f"{self._host} can't be reached. Check LLM_BASE_URL.")
        return ServerError(f"{self._host} broke off in the middle of its answer.", spent=None)

    @property
    def _host(self) -> str:
        return urlsplit(self.access.base_url or HOME).hostname or "The LLM server"

    def _hide(self, text: str) -> str:
        """Servers like to repeat the key they were sent."""
        return text.replace(self.access.api_key, "…") if self.access.api_key else text


def read(reply: Reply, schema: type[T]) -> T:
    """The content as the schema has it. Raises BadAnswerError, which says what is wrong."""
    fenced = FENCE.match(reply.content)
    try:
        return schema.model_validate_json(fenced[1] if fenced else reply.content)
    except ValidationError as error:
        raise BadAnswerError(_what(error), reply.content, spent=reply.usage) from None


def _what(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False)[0]
    if first["type"] == "json_invalid":
        return "The answer was not JSON."
    where = ".".join(str(part) for part in first["loc"])
    said = first["msg"].removeprefix("Value error, ")
    return f"The answer was not as asked: {f'{where}: ' if where else ''}{said}"


def _choice(body: dict[str, Any]) -> dict[str, Any]:
    choices = body.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    return first if isinstance(first, dict) and isinstance(first.get("message"), dict) else {}


def _usage(body: Any) -> Usage | None:
    told = body.get("usage") if isinstance(body, dict) else None
    if not isinstance(told, dict):
        return None
    sent, said = told.get("prompt_tokens"), told.get("completion_tokens")
    if isinstance(sent, int) and isinstance(said, int) and 0 <= sent < MANY and 0 <= said < MANY:
        return Usage(sent, said)
    return None


def _no_quota(error: openai.APIStatusError) -> bool:
    return error.status_code in (402, 429) and (
        error.status_code == 402 or "insufficient_quota" in (error.code, error.type)
    )


def _about_schemas(error: openai.APIStatusError) -> bool:
    said = f"{error.param} {error.message}".casefold()
    return any(word in said for word in ("response_format", "json_schema", "guided", "structured output"))


def _wait(headers: Any) -> float:
    """What Retry-After says, in seconds: a number or a date."""
    said = headers.get("retry-after", "")
    try:
        return max(float(said), 0.0)
    except ValueError:
        pass
    try:
        until = parsedate_to_datetime(said)
    except ValueError:
        return WAIT
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max((until - datetime.now(UTC)).total_seconds(), 0.0)


def _said(error: Any) -> str:
    """``: its own words``, if there are any."""
    words = error.get("message") if isinstance(error, dict) else error
    return f": {_short(words)}" if isinstance(words, str) and words.strip() else ""


def _short(words: Any) -> str:
    line = " ".join(str(words).split())
    return line if len(line) <= 300 else line[:299] + "…"


# A bounded answer ----------------------------------------------------------------------------------


class TooLarge(Exception):  # noqa: N818 - a size, caught where it is thrown
    pass


class Bounded(httpx2.HTTPTransport):
    """Reads no more than LARGEST of any answer."""

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        response = super().handle_request(request)
        response.stream = _Counted(response.stream)
        return response


class _Counted(httpx2.SyncByteStream):
    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        for part in self.stream:
            size += len(part)
            if size > LARGEST:
                raise TooLarge
            yield part

    def close(self) -> None:
        self.stream.close()
