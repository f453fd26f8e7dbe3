"""One question to an OpenAI-compatible server, one answer: validated, counted, in bounded time. Pure."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from scoring.assistant.errors import (
    BusyError,
    LlmError,
    NoSchemasError,
    OutOfCallsError,
    ServerError,
    StoppedError,
    Usage,
)

if TYPE_CHECKING:
    from pydantic import BaseModel

T = TypeVar("T", bound="BaseModel")
Message = dict[str, str]

WAITS = 2  #: so often a busy server is asked again
LONGEST_WAIT = 30.0  #: seconds; who asks for more is not waited for
PLAIN = "Answer with one JSON object and nothing else. It must follow this JSON schema:\n{schema}"


@dataclass(frozen=True)
class Access:
    """How the LLM is reached. ``seconds`` is the total time of one call, however the answer trickles in."""

    model: str
    api_key: str = ""
    base_url: str = ""
    seconds: float = 120.0


@dataclass(frozen=True)
class Answer(Generic[T]):
    value: T
    usage: Usage | None


class Client:
    """Asks up to ``most`` calls. ``stop()``, from another thread, ends the question it is at."""

    def __init__(self, access: Access, most: int) -> None:
        self.access = access
        self.most = most
        self.calls = 0
        self._plain = False
        self._stopped = threading.Event()
        self._outcomes: queue.SimpleQueue[Any] = queue.SimpleQueue()

    @property
    def calls_left(self) -> int:
        return max(self.most - self.calls, 0)

    def stop(self) -> None:
        self._stopped.set()
        self._outcomes.put(StoppedError())

    def ask(self, messages: list[Message], schema: type[T], max_tokens: int) -> Answer[T]:
        """Raises LlmError, StoppedError, OutOfCallsError."""
        waited = 0
        while True:
            try:
                return self._once(messages, schema, max_tokens)
            except NoSchemasError:
                self._plain = True  # for the rest of the run
            except BusyError as busy:
                waited += 1
                if waited > WAITS or busy.wait > LONGEST_WAIT or not self.calls_left:
                    raise
                if self._stopped.wait(busy.wait):
                    raise StoppedError from None

    def _once(self, messages: list[Message], schema: type[T], max_tokens: int) -> Answer[T]:
        from scoring.assistant import transport  # the SDK takes half a second to load

        if not self.calls_left:
            raise OutOfCallsError
        self.calls += 1
        asked = transport.Question(messages, None if self._plain else schema, max_tokens)
        if self._plain:
            asked.messages = [*messages, {"role": "system", "content": _in_words(schema)}]
        with transport.Line(self.access) as line:
            reply = self._within_time(lambda: line.send(asked))
        return Answer(transport.read(reply, schema), reply.usage)

    def _within_time(self, call: Callable[[], Any]) -> Any:
        """What ``call`` returns or raises, unless its time is over or it is called off.

        The SDK's time-outs are per read, so a server that drips would hold a row for ever. A thread that is
        left behind ends with its connection.
        """
        outcomes: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._outcomes = outcomes
        if self._stopped.is_set():
            raise StoppedError
        threading.Thread(target=_into, args=[outcomes, call], daemon=True).start()
        try:
            outcome = outcomes.get(timeout=self.access.seconds)
        except queue.Empty:
            message = f"There was no complete answer within {self.access.seconds:g} s. Try again later."
            raise ServerError(message, spent=None) from None
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome


def _into(outcomes: queue.SimpleQueue[Any], call: Callable[[], Any]) -> None:
    try:
        outcomes.put(call())
    except LlmError as error:
        outcomes.put(error)
    except Exception as error:  # whatever a server makes the SDK raise, it is this row's failure only
        outcomes.put(ServerError(f"The LLM's answer could not be read ({type(error).__name__}).", spent=None))


def _in_words(schema: type[BaseModel]) -> str:
    return PLAIN.format(schema=json.dumps(schema.model_json_schema()))
