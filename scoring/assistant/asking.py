"""Asking within limits: calls are reserved before and settled after, and one bad answer may be repaired."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.conf import settings

from scoring.assistant import prompts
from scoring.assistant.client import Access, Client, Message
from scoring.assistant.errors import NOTHING, BadAnswerError, LlmError, OutOfCallsError, Usage
from scoring.assistant.records import TokenDay

if TYPE_CHECKING:
    from pydantic import BaseModel

T = TypeVar("T", bound="BaseModel")

OVERHEAD = 200  #: tokens around the messages


class OutOfTokensError(Exception):
    """The day's cap leaves no room for this call; the message says so."""


@dataclass
class Question(Generic[T]):
    """``problems`` is our own gate: what is wrong with an answer that the schema allows."""

    prompt: str
    data: dict[str, Any]
    schema: type[T]
    max_tokens: int
    problems: Callable[[T], list[str]] = field(default=lambda _: [])

    @property
    def messages(self) -> list[Message]:
        return prompts.messages(self.prompt, self.data)

    @property
    def most_tokens(self) -> int:
        """What one call takes at most."""
        return most_tokens(self.messages, self.schema, self.max_tokens)


def most_tokens(messages: list[Message], schema: type[BaseModel], max_tokens: int) -> int:
    """An upper bound in practice: no common text has more than one token per two bytes."""
    sent = sum(len(message["content"].encode()) for message in messages)
    return (sent + len(json.dumps(schema.model_json_schema()))) // 2 + OVERHEAD + max_tokens


class Asker:
    """One run's questions. ``spent`` is what the row at hand has cost since ``begin()``."""

    def __init__(self, access: Access) -> None:
        self.client = Client(access, settings.LLM_MAX_CALLS_PER_RUN)
        self.spent = NOTHING

    def begin(self) -> None:
        self.spent = NOTHING

    def ask(self, question: Question[T]) -> T:
        """Raises LlmError, OutOfTokensError, OutOfCallsError, StoppedError."""
        messages = question.messages
        try:
            return self._checked(question, messages)
        except BadAnswerError as bad:
            if not self.client.calls_left:
                raise
            return self._checked(question, prompts.repair(messages, bad.text, str(bad)))

    def _checked(self, question: Question[T], messages: list[Message]) -> T:
        answer = self._paid(question, messages)
        if problems := question.problems(answer):
            raise BadAnswerError(" ".join(problems), answer.model_dump_json())
        return answer

    def _paid(self, question: Question[T], messages: list[Message]) -> T:
        most = most_tokens(messages, question.schema, question.max_tokens)
        if not self.client.calls_left:
            raise OutOfCallsError
        day = TokenDay.today()
        if not day.reserve(most):
            raise OutOfTokensError(no_room())
        used: Usage | None = None
        try:
            answer = self.client.ask(messages, question.schema, question.max_tokens)
            used = answer.usage
            return answer.value
        except LlmError as error:
            used = error.spent
            raise
        except OutOfCallsError:
            used = NOTHING
            raise
        finally:
            self._settle(day, most, used)

    def _settle(self, day: TokenDay, reserved: int, used: Usage | None) -> None:
        """Where nobody told what a call cost, all that was set aside for it counts as used."""
        day.settle(reserved, reserved if used is None else used.total)
        self.spent += used or NOTHING


def no_room() -> str:
    day = TokenDay.today()
    return (
        f"LLM_DAILY_TOKEN_CAP leaves too little for today: of {settings.LLM_DAILY_TOKEN_CAP:,} tokens "
        f"{day.used:,} are used and {day.reserved:,} set aside. It starts anew at midnight UTC."
    )
