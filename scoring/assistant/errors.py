"""What can go wrong with a question to the LLM, each with the sentence its row is told. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Usage:
    """Tokens that a server counted."""

    tokens_in: int = 0
    tokens_out: int = 0

    @property
    def total(self) -> int:
        return self.tokens_in + self.tokens_out

    def __add__(self, other: Usage) -> Usage:
        return Usage(self.tokens_in + other.tokens_in, self.tokens_out + other.tokens_out)


NOTHING = Usage()


class LlmError(Exception):
    """No usable answer; the message says why, for the person who reads the row.

    ``spent``: the tokens it cost all the same, None where nobody can know (a time-out).
    """

    def __init__(self, message: str, *, spent: Usage | None = NOTHING) -> None:
        super().__init__(message)
        self.spent = spent


class ServerError(LlmError):
    """The server's trouble, not the row's: the next row may well meet it again."""


class BusyError(ServerError):
    """Asked to come back later, in ``wait`` seconds."""

    def __init__(self, message: str, wait: float) -> None:
        super().__init__(message)
        self.wait = wait


class NoSchemasError(LlmError):
    """The server doesn't take a JSON schema for its answer."""


class BadAnswerError(LlmError):
    """An answer (``text``) that isn't what was asked for; asking once more may repair it."""

    def __init__(self, message: str, text: str, *, spent: Usage | None = NOTHING) -> None:
        super().__init__(message, spent=spent)
        self.text = text


class StoppedError(Exception):
    """The question was called off from outside."""


class OutOfCallsError(Exception):
    """The run has made all the calls it may."""
