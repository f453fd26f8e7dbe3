"""Look-ups that hold for one batch or one request, and no longer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")

_kept: ContextVar[dict[Any, Any] | None] = ContextVar("kept", default=None)


@contextmanager
def remembering() -> Iterator[None]:
    """Within this block ``memo`` answers from what it already looked up."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def memo(key: Any, look_up: Callable[[], T]) -> T:
    kept = _kept.get()
    if kept is None:
        return look_up()
    if key not in kept:
        kept[key] = look_up()
    return kept[key]


def forget() -> None:
    """Drop what was looked up: something it was read from has changed."""
    kept = _kept.get()
    if kept is not None:
        kept.clear()
