"""How a submission becomes an initiative, and how its later edits flow on until a PM takes over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import Max

from initiatives.models import Initiative, KeySequence, Lifecycle, Submission
from portfolio.tabs import registry
from portfolio.tabs.columns import Column
from portfolio.tabs.memo import memo
from portfolio.tabs.models import CellChange
from portfolio.tabs.tab import Note, Tab
from portfolio.tabs.writing import RowState, Writing

#: What an initiative takes over from its submission; entered on Intake first, on the backlog afterwards.
SHARED = (
    "title",
    "requesting_team",
    "requester_name",
    "requester_email",
    "department",
    "country",
    "product_area",
    "problem_statement",
    "hypothesis",
    "deadline_date",
    "effort_tshirt_size",
)

#: What ``key`` takes, as a query finds it.
KNOWN_BY = ("initiative__initiative_key", "sheet", "title", "requester_email")


def _wanted() -> list[Column]:
    return [column for column in registry.tab("intake").columns if column.wanted]


def missing(submission: Submission) -> list[str]:
    """The labels of the required fields that are blank."""
    return [column.label for column in _wanted() if column.read(submission) is None]


def missing_fields(pks: list[int]) -> dict[int, str]:
    wanted = _wanted()
    rows = Submission.objects.filter(pk__in=pks).values_list("pk", *(column.lookup for column in wanted))
    told = {
        pk: [column.label for column, value in zip(wanted, values, strict=True) if value in (None, "")]
        for pk, *values in rows
    }
    return {pk: ", ".join(labels) for pk, labels in told.items() if labels}


def standing(pks: list[int]) -> dict[int, str]:
    """Where each submission's initiative stands; one without an initiative needs information."""
    found = Submission.objects.filter(pk__in=pks).values_list("pk", "initiative__lifecycle_status")
    return {pk: status or Lifecycle.NEEDS_INFO.value for pk, status in found}


def key(initiative_key: str | None, *handed_in: str | None) -> tuple[str, ...]:
    """How a submission is known: by its initiative, else by sheet, title and requester."""
    return Tab.match_key(["key", initiative_key] if initiative_key else ["new", *handed_in])


def key_of(row: Submission) -> tuple[str, ...]:
    initiative_key = row.initiative.initiative_key if row.initiative else None
    return key(initiative_key, row.sheet, row.title, row.requester_email)


def become_initiatives(writing: Writing) -> None:
    """Make the initiative of every submission that has become complete."""
    ready = [s.row for s in writing.effective if s.alive and not s.row.initiative_id and not missing(s.row)]
    keys = KeySequence.take(len(ready)) if ready else []
    made = [_initiative_of(submission, key) for submission, key in zip(ready, keys, strict=True)]
    for initiative in made:
        writing.stamp(initiative)
    Initiative.objects.bulk_create(made, batch_size=500)
    for submission, initiative in zip(ready, made, strict=True):
        submission.initiative = initiative
        submission.save(update_fields=["initiative"])
        writing.record(registry.tab("backlog"), initiative, kind=CellChange.Kind.CREATE, derived=True)
    if made:
        writing.touch(Initiative)


def _initiative_of(submission: Submission, key: str) -> Initiative:
    shared = {name: getattr(submission, name) for name in SHARED}
    return Initiative(initiative_key=key, lifecycle_status=Lifecycle.NEW, **shared)


def flow_edits(writing: Writing) -> None:
    """Carry intake edits on to the backlog where nobody has overridden the value there."""
    for state in writing.effective:
        if state.alive and not state.created and state.row.initiative_id:
            _flow(writing, state)


def _flow(writing: Writing, state: RowState) -> None:
    initiative, backlog = state.row.initiative, registry.tab("backlog")
    fields = []
    for name, was in state.before.items():
        if name not in SHARED:
            continue
        # Taken over or not: the backlog has something to show, the new value or the conflict.
        writing.touched_tabs.add(backlog.name)
        column = backlog.column(name)
        here, new = column.read(initiative), state[name]
        # Still what the submission said before: nobody took it over.
        if column.same(column.show(here), column.show(was)) and here != new:
            column.write(initiative, new)
            writing.record(backlog, initiative, name, column.show(here), column.show(new), derived=True)
            fields.append(name)
    if fields:
        writing.stamp(initiative)
        initiative.save(update_fields=[*fields, "updated_at", "updated_by", "updated_source"])
        writing.touch(Initiative)


def notes(pks: list[int] | None) -> dict[int, list[Note]]:
    """Where the backlog says something else than the submission, and titles that exist already."""
    rows = Submission.objects.select_related("initiative")
    rows = rows if pks is None else rows.filter(pk__in=pks)
    found: dict[int, list[Note]] = defaultdict(list)
    titles = memo("titles", _titles)
    for row, name in conflicts(rows):
        theirs = getattr(row.initiative, name) or "blank"
        message = f"The backlog says “{theirs}” here; the PM's value counts."
        found[row.pk].append(Note(name, message, "conflict"))
    for row in rows:
        found[row.pk] += _same_title(row.initiative_id, titles.get((row.title or "").casefold(), []))
    return {pk: said for pk, said in found.items() if said}


def conflicts(rows: Iterable[Any]) -> list[tuple[Any, str]]:
    """The cells where intake was edited after a PM had overridden the value on the backlog."""
    differing = [(row, name) for row in rows if row.initiative for name in SHARED if _differ(row, name)]
    asked = _last_edits("intake", {row.pk for row, _ in differing})
    decided = _last_edits("backlog", {row.initiative_id for row, _ in differing})
    return [
        (row, name)
        for row, name in differing
        if asked.get((row.pk, name), 0) > decided.get((row.initiative_id, name), 0)
    ]


def _differ(row: Submission, name: str) -> bool:
    column = registry.tab("backlog").column(name)
    return not column.same(column.show(getattr(row, name)), column.show(getattr(row.initiative, name)))


def _last_edits(tab: str, pks: set[int]) -> dict[tuple[int, str], int]:
    """When each cell of these rows was last edited, as a number that grows."""
    edits = CellChange.objects.filter(tab=tab, kind=CellChange.Kind.SET, row__in=pks)
    found = edits.values_list("row", "column").annotate(last=Max("pk"))
    return {(row, column): last for row, column, last in found}


def _titles() -> dict[str, list[tuple[int, str]]]:
    known: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for pk, key, title in Initiative.objects.values_list("pk", "initiative_key", "title"):
        known[title.casefold()].append((pk, key))
    return known


def _same_title(own: int | None, alike: list[tuple[int, str]]) -> list[Note]:
    others = [key for pk, key in alike[:4] if pk != own]
    if not others:
        return []
    have = "has" if len(others) == 1 else "have"
    return [Note("title", f"{', '.join(others[:3])} {have} the same title. Is this the same initiative?")]


def backlog_notes(pks: list[int] | None) -> dict[int, list[Note]]:
    """On the backlog: where a later intake edit was not taken over, and titles that exist twice."""
    rows: Any = Submission.objects.exclude(initiative=None).select_related("initiative")
    rows = rows if pks is None else rows.filter(initiative_id__in=pks)
    found: dict[int, list[Note]] = defaultdict(list)
    for row, name in conflicts(rows):
        mine = getattr(row, name) or "blank"
        found[row.initiative_id].append(Note(name, f"Intake says “{mine}” here.", "info"))
    asked = None if pks is None else set(pks)
    for alike in memo("titles", _titles).values():
        for pk, _ in alike if len(alike) > 1 else ():
            if asked is None or pk in asked:
                found[pk] += _same_title(pk, alike)
    return dict(found)
