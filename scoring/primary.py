"""Exactly one primary model per initiative; the first one is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db.models import BooleanField, Count, ExpressionWrapper

from portfolio.tabs import registry
from portfolio.tabs.changes import Surface
from portfolio.tabs.memo import memo
from portfolio.tabs.models import CellChange
from portfolio.tabs.tab import Violation
from portfolio.tabs.writing import RowState, Writing
from scoring.models import UNFILLED, MathModel

USE = "use_math_model"
BLAMED = ("is_primary",)
FILES = (Surface.IMPORT, Surface.SHEET)
CREATE = CellChange.Kind.CREATE


@dataclass
class Siblings:
    """The models of one initiative: the batch's rows, and the names of the others and of their primaries.

    ``unfilled``: its primary is the empty first model, which gives way to any model a person brings.
    """

    staged: list[RowState] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    unfilled: bool = False

    @property
    def standing(self) -> list[RowState]:
        return [state for state in self.staged if state.alive]

    @property
    def primaries(self) -> list[RowState]:
        return [state for state in self.standing if state["is_primary"]]


def first_is_primary(writing: Writing, created: list[RowState]) -> None:
    """Where an initiative has no model yet, the first new one is primary unless the batch names another."""
    if not created:
        return
    for family in _families(writing, created).values():
        new = [state for state in family.standing if state.created]
        if new and not family.others and not family.primaries and len(new) == len(family.standing):
            new[0].derive("is_primary", True)


def exactly_one(writing: Writing) -> Iterator[Violation]:
    """Every initiative this batch touches keeps exactly one primary model, if it has any."""
    touched = [state for state in writing.states if state.effective and _matters(state)]
    for family in _families(writing, touched).values():
        count = len(family.primaries) + len(family.elsewhere)
        if count > 1:
            yield from _too_many(family)
        elif not count and not family.unfilled and (family.standing or family.others):
            yield from _none_left(family)


def _matters(state: RowState) -> bool:
    return state.created or state.deleted or state.restored or "is_primary" in state.changed


def _too_many(family: Siblings) -> Iterator[Violation]:
    rival = family.elsewhere[0] if family.elsewhere else family.primaries[0]["model_name"]
    claims = [state for state in family.primaries if _matters(state)]
    message = f"{rival} is the primary model. There is exactly one: untick it in the same change."
    for state in claims[0 if family.elsewhere or len(claims) < len(family.primaries) else 1 :]:
        yield Violation(state, BLAMED, message)


def _none_left(family: Siblings) -> Iterator[Violation]:
    for state in family.staged:
        if state.deleted:
            yield Violation(state, BLAMED, "This is the primary model. Make another one primary first.")
        elif state.alive and "is_primary" in state.changed:
            yield Violation(state, BLAMED, "One model must be primary. Tick another one in the same change.")


def _families(writing: Writing, states: list[RowState]) -> dict[int, Siblings]:
    wanted = {state.row.initiative_id for state in states}
    families: dict[int, Siblings] = defaultdict(Siblings)
    staged = set()
    for state in writing.states:
        if (state.row.initiative_id in wanted and not state.refused) or state in states:
            families[state.row.initiative_id].staged.append(state)
            staged.add(state.row.pk)
    for pk, initiative, name, primary, unfilled in _stored(wanted):
        if pk in staged or initiative not in wanted:
            continue
        family = families[initiative]
        if unfilled:
            family.unfilled = family.unfilled or primary
        else:
            family.others.append(name)
            family.elsewhere += [name] * primary
    return families


def _stored(initiatives: set[int]) -> list[tuple[int, int, str, bool, bool]]:
    def found() -> list[tuple[int, int, str, bool, bool]]:
        rows = MathModel.objects.order_by("pk").annotate(
            unfilled=ExpressionWrapper(UNFILLED, output_field=BooleanField())
        )
        rows = rows.filter(initiative_id__in=initiatives) if len(initiatives) < 500 else rows
        return list(rows.values_list("pk", "initiative_id", "model_name", "is_primary", "unfilled"))

    return memo(("stored models", frozenset(initiatives)), found)


def others_give_way(writing: Writing) -> None:
    """Whoever makes a model primary unticks the one that was, unless the same batch says otherwise.

    A file states all its ticks itself, so there only the empty first model gives way.
    """
    claimed = {s.row.initiative_id for s in writing.standing if _matters(s) and s["is_primary"]}
    if not claimed:
        return
    rivals = writing.tab.queryset().filter(is_primary=True, initiative_id__in=claimed)
    staged = {state.row.pk: state for state in writing.states}
    for rival in rivals.filter(UNFILLED) if writing.surface in FILES else rivals:
        state = staged.get(rival.pk) or writing.join(rival)
        if state.alive and "is_primary" not in state.stated and not state.restored:
            state.derive("is_primary", False)


def announce(writing: Writing) -> None:
    """Name the models that are no longer primary though nobody unticked them."""
    for state in writing.effective:
        if "is_primary" in state.derived and not state["is_primary"]:
            name = writing.tab.label_of(state.row)
            writing.outcome.announced.append(f"{name} is no longer the primary model.")


def make_first_models(writing: Writing) -> None:
    """Saying yes to a math model makes a first one where an initiative has none."""
    wanted = {s.row.pk: s.row for s in writing.effective if s.changed & {USE} and s[USE]}
    if not wanted:
        return
    have = MathModel.objects.filter(initiative_id__in=wanted).values_list("initiative_id", flat=True)
    made = [MathModel.first_of(wanted[pk]) for pk in sorted(wanted.keys() - set(have))]
    for model in made:
        writing.stamp(model)
    MathModel.objects.bulk_create(made, batch_size=500)
    for model in made:
        writing.record(registry.tab("math_models"), model, kind=CREATE, derived=True)
    if made:
        writing.touch(MathModel)


def drop_first_models(writing: Writing) -> None:
    """Taking that yes back takes the first model along, where it stands alone and nobody has touched it."""
    back = {s.row.pk for s in writing.effective if s.before.get(USE) and not s[USE]}
    if not back:
        return
    alone = MathModel.objects.filter(initiative_id__in=back).values("initiative").annotate(of=Count("pk"))
    only = {row["initiative"] for row in alone if row["of"] == 1}
    tab = registry.tab("math_models")
    for model in MathModel.objects.filter(UNFILLED, initiative_id__in=only):
        if not CellChange.objects.filter(tab=tab.name, row=model.pk).exclude(kind=CREATE).exists():
            model.deleted_at = writing.now
            writing.stamp(model)
            model.save(update_fields=["deleted_at", "updated_at", "updated_by", "updated_source"])
            writing.record(tab, model, kind=CellChange.Kind.DELETE, derived=True)
            writing.touch(MathModel)
