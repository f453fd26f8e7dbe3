"""What the LLM can be asked: of which rows, with what, and what becomes of the answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.utils import timezone

from initiatives.models import Initiative
from metrics.columns import target_metrics
from portfolio.actions.models import ActionRow
from portfolio.tabs.actor import Actor
from scoring.assistant.checks import spelled
from scoring.assistant.records import Suggestion
from scoring.assistant.records import Task as Kind
from scoring.models import MathModel, Param

if TYPE_CHECKING:
    from scoring.assistant.asking import Asker, Question

LONGEST_LABEL = ActionRow._meta.get_field("key").max_length or 200
NO_TARGETS = "There is no active north star or strategic KPI yet. Add one on Metrics Config."
#: One of these is enough for the LLM to know what an initiative is about.
TELLING = ("problem_statement", "hypothesis", "llm_summary")


@dataclass(frozen=True)
class Target:
    """One row as it is now.

    ``refresh``: somebody ticked that a new draft is wanted. ``last``: when it was last answered. Of a model's
    ``params``, ``recent`` are the names asked about a while ago, and ``only`` those that count (none: all).
    """

    label: str
    initiative: Initiative
    model: MathModel | None = None
    params: tuple[Param, ...] = ()
    only: frozenset[int] = frozenset()
    recent: frozenset[str] = frozenset()
    refresh: bool = False
    last: datetime | None = None

    @property
    def math_model(self) -> MathModel:
        assert self.model is not None
        return self.model


@dataclass(frozen=True)
class Found:
    """The targets of a scope, and what became of keys that lead to none: ``{key: (status, message)}``."""

    targets: list[Target]
    others: dict[str, tuple[str, str]]


class Task:
    """Subclasses say how; ``scoring.assistant.run`` goes through the targets.

    ``usual_calls``: per row, where nothing has to be repaired.
    """

    kind: ClassVar[Kind]
    usual_calls: ClassVar[int] = 1
    done: ClassVar[str]  #: what became of a row: "drafted"

    def find(self, keys: list[str] | None) -> Found:
        raise NotImplementedError

    def again(self, target: Target) -> Target | None:
        """The target as it is now; None where it is gone."""
        raise NotImplementedError

    def why_skip(self, target: Target, regenerate: bool) -> str:
        """'' for a row that needs the LLM, else why it doesn't, or what it lacks."""
        raise NotImplementedError

    def question(self, target: Target, regenerate: bool) -> Question[Any]:
        raise NotImplementedError

    def as_stored(self, target: Target, answer: dict[str, Any]) -> dict[str, Any]:
        """The fields of the Suggestion that keeps the answer."""
        return {"answer": answer}

    def second_look(self, asker: Asker, target: Target, suggestion: Suggestion) -> str:
        """A second call about an answer that is stored already; what to tell of it."""
        return ""

    def land(self, target: Target, suggestion: Suggestion, regenerate: bool, actor: Actor) -> str:
        """Put the answer where it belongs; what to tell. Raises LandingError."""
        raise NotImplementedError


def label(text: str) -> str:
    return text[:LONGEST_LABEL]


def too_soon(target: Target) -> str:
    """Why a row that was answered a moment ago isn't asked about again."""
    hours = settings.LLM_DEBOUNCE_HOURS
    if target.last is None or timezone.now() - target.last >= timedelta(hours=hours):
        return ""
    return f"Answered {ago(target.last)}, within LLM_DEBOUNCE_HOURS ({hours}). Regenerate to ask again."


def ago(when: datetime) -> str:
    minutes = int((timezone.now() - when).total_seconds() // 60)
    if minutes < 1:
        return "just now"
    return f"{minutes} min ago" if minutes < 60 else f"{minutes // 60} h ago"


def lacks_context(row: Initiative, *more: str) -> str:
    """What to write so that the LLM has something to go by. ``more``: other texts that would do."""
    missing = [] if row.title else ["a title"]
    if not any(getattr(row, name) for name in TELLING) and not any(more):
        described = " or a model description" if more else ""
        missing.append(f"a problem statement or a hypothesis{described}")
    return f"Too little to go by. Write {' and '.join(missing)} first." if missing else ""


def target_keys() -> list[str]:
    return [metric.kpi_key for metric in target_metrics()]


def chain_text(chain: list[str]) -> str:
    """With arrows, and the KPIs that count spelled as they are declared."""
    known = target_keys()
    return " → ".join(spelled(link, known) or link for link in chain)


def in_sentence(kept: list[str]) -> str:
    return f" Left as people have it: {', '.join(kept)}." if kept else ""
