"""Which actions there are. An app declares its own in ``<app>/actions.py``:

@action("pm.score_selected", title="Score initiatives", roles=("PM", "Admin"))
def score_selected(job: Job) -> dict:
    ...
    return {"run_id": 7}  # joins the counted {rows, changed, skipped, failed}
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied

from portfolio.tabs.actor import Actor

if TYPE_CHECKING:
    from portfolio.actions.job import Job

USUAL_DEADLINE = 1800  # seconds

Work = Callable[["Job"], "dict[str, Any] | None"]


class RefusedError(Exception):
    """What was asked for makes no sense; the message says what would."""


class ActionError(Exception):
    """Raised by a job that cannot go on; the message is the sentence its person reads.

    ``returned`` joins the counts in the result, as the dict of a job that succeeds does.
    """

    def __init__(self, message: str, **returned: Any) -> None:
        super().__init__(message)
        self.returned = returned


@dataclass(frozen=True)
class Action:
    """A long job people may ask for. ``allowed``: how long it may run in all, lost attempts included."""

    name: str
    title: str
    roles: tuple[str, ...]
    allowed: timedelta
    work: Work

    def refuse_unless_allowed(self, actor: Actor) -> None:
        if not actor.has(*self.roles):
            raise PermissionDenied(
                f"{self.title} is for {' and '.join(self.roles)}; {actor.name} has none of these roles."
            )


actions: dict[str, Action] = {}


def action(
    name: str, *, title: str, roles: tuple[str, ...], deadline: int = USUAL_DEADLINE
) -> Callable[[Work], Work]:
    """Registers the decorated function under ``name``; ``deadline`` in seconds.

    Raises ValueError for a name already taken.
    """

    def register(work: Work) -> Work:
        if name in actions:
            raise ValueError(f"The action {name} is declared twice.")
        actions[name] = Action(name, title, roles, timedelta(seconds=deadline), work)
        return work

    return register


def named(name: Any) -> Action:
    """Raises RefusedError with the nearest names when there is no such action."""
    if name in actions:
        return actions[name]
    near = get_close_matches(str(name), actions, n=3) or sorted(actions)
    raise RefusedError(f"There is no action {name!r}. There is: {', '.join(near)}.")


def allowed(name: str) -> timedelta:
    """How long ``name`` may run; the usual time for an action that is gone since it was asked for."""
    return actions[name].allowed if name in actions else timedelta(seconds=USUAL_DEADLINE)


def checked_scope(scope: Any) -> dict[str, Any]:
    """``{"type": "all"}`` or ``{"type": "keys", "keys": [...]}``; nothing given means all."""
    match scope:
        case None | {} if not scope:
            return {"type": "all"}
        case {"type": "all"}:
            return {"type": "all"}
        case {"type": "keys", "keys": [_, *_] as keys} if all(isinstance(key, str) and key for key in keys):
            return {"type": "keys", "keys": list(dict.fromkeys(keys))}
    raise RefusedError(
        'The scope must be {"type": "all"} or {"type": "keys", "keys": ["INIT-000001", ...]} '
        "with at least one key."
    )
