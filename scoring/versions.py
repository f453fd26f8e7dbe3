"""The versions of a formula, who approved which, and going back to one. Read from the history of cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from portfolio.tabs import registry
from portfolio.tabs.actor import Actor
from portfolio.tabs.changes import UNSET, Outcome, SetCell, Surface
from portfolio.tabs.gate import apply_changes
from portfolio.tabs.models import Batch, CellChange
from scoring.models import MathModel

TEXT, APPROVED, NUMBER, DRAFT = "formula_text", "formula_approved", "version", "llm_suggested_formula"
KINDS = CellChange.Kind


class UnknownVersionError(LookupError):
    """The formula has no such version; the message says so."""


@dataclass(frozen=True)
class Deed:
    """Who did something, when and from where; all blank where the history doesn't reach."""

    who: str = ""
    when: datetime | None = None
    surface: str = ""
    undoing: bool = False

    @classmethod
    def of(cls, batch: Batch) -> Deed:
        return cls(batch.who, batch.when, batch.surface, batch.undoes_id is not None)


@dataclass
class Approval:
    """Given, and perhaps taken back: because the formula changed, or by somebody who unticked it."""

    given: Deed
    taken: Deed | None = None
    by_change: bool = False


@dataclass
class Version:
    """One text the formula had. ``drafted``: by the LLM; ``same_as``: the earlier version of equal text."""

    number: int
    text: str
    written: Deed
    drafted: bool = False
    same_as: int | None = None
    approvals: list[Approval] = field(default_factory=list)

    @property
    def is_approved(self) -> bool:
        return bool(self.approvals) and self.approvals[-1].taken is None


def versions(model: MathModel) -> list[Version]:
    """Newest first; the first one is the formula as it stands. Empty where there never was a formula."""
    reading = _Reading()
    for batch, changes in _batches(model.pk):
        reading.read(batch, {change.column: change for change in changes if change.kind == KINDS.SET})
        for change in changes:
            if change.kind == KINDS.CREATE and change.new:
                reading.start(batch, change.new)
    reading.end(model)
    return reading.found[::-1]


def restore(
    model: MathModel, number: int, actor: Actor, surface: str = Surface.FORM, seen: int | None = None
) -> Outcome:
    """Make an earlier text the formula again: a new version that nobody has approved yet, one batch to undo.

    ``seen``: the version the person took for the present one; another one by now is a conflict.
    Raises UnknownVersionError.
    """
    known = {version.number: version.text for version in versions(model)}
    for wanted in (number, seen):
        if wanted is not None and wanted not in known:
            raise UnknownVersionError(f"The formula of {model.model_name} has no version {wanted}.")
    expected = UNSET if seen is None else known[seen]
    change = SetCell(model.pk, TEXT, known[number], expected)
    return apply_changes(registry.tab("math_models"), actor, surface, [change])


def _batches(model: int) -> Iterator[tuple[Batch, list[CellChange]]]:
    """What was done to this model's formula, oldest first."""
    told = CellChange.objects.filter(
        tab="math_models", row=model, column__in=["", TEXT, APPROVED, NUMBER, DRAFT]
    )
    for _, changes in groupby(
        told.select_related("batch").order_by("pk"), key=lambda change: change.batch_id
    ):
        batch = list(changes)
        yield batch[0].batch, batch


class _Reading:
    """The versions told so far, oldest first, and every draft the LLM had made by then."""

    def __init__(self) -> None:
        self.found: list[Version] = []
        self.drafts: set[str] = set()

    def start(self, batch: Batch, values: dict[str, object]) -> None:
        """The model was made with these values."""
        if text := str(values.get(TEXT) or ""):
            self._add(Version(1, text, Deed.of(batch)))
            if values.get(APPROVED):
                self._approve(Deed.of(batch))

    def read(self, batch: Batch, changes: dict[str, CellChange]) -> None:
        deed = Deed.of(batch)
        if draft := changes.get(DRAFT):
            self.drafts |= {str(text) for text in (draft.old, draft.new) if text}
        was_approved = self._is_approved
        if TEXT in changes:
            self._rewrite(deed, changes)
        if approval := changes.get(APPROVED):
            self._approve(deed) if approval.new else self._take_back(deed)
        elif TEXT in changes and was_approved:
            self._approve(deed)  # whoever changed it said again that it is approved

    def end(self, model: MathModel) -> None:
        """What stands but was never told: the history began later, or the demo was loaded around it."""
        last = self.found[-1].text if self.found else ""
        if model.formula_text != last:
            self._add(Version(model.version, model.formula_text, Deed()))
        if model.formula_approved and self.found and not self._is_approved:
            self._approve(Deed())

    @property
    def _is_approved(self) -> bool:
        return bool(self.found) and self.found[-1].is_approved

    def _rewrite(self, deed: Deed, changes: dict[str, CellChange]) -> None:
        old, new = (str(text or "") for text in (changes[TEXT].old, changes[TEXT].new))
        number = int(changes[NUMBER].new or 0) if NUMBER in changes else self._next
        if old and not self.found:
            self._add(Version(number - 1, old, Deed()))
        if self._is_approved:
            self._take_back(deed, by_change=True)
        if new or self.found:
            self._add(Version(number, new, deed))

    @property
    def _next(self) -> int:
        return self.found[-1].number + 1 if self.found else 1

    def _add(self, version: Version) -> None:
        earlier = (before.number for before in self.found if before.text == version.text and version.text)
        version.same_as = next(earlier, None)
        version.drafted = version.text in self.drafts
        self.found.append(version)

    def _approve(self, deed: Deed) -> None:
        if self.found and not self._is_approved:
            self.found[-1].approvals.append(Approval(deed))

    def _take_back(self, deed: Deed, by_change: bool = False) -> None:
        if self._is_approved:
            approval = self.found[-1].approvals[-1]
            approval.taken, approval.by_change = deed, by_change
