"""The three-way merge of a sheet with the database: a verdict per cell, a partner per row. Pure.

Three values decide, never a clock: ``base`` is what both sides said when they last agreed, ``sheet`` what the
sheet says now, ``here`` what Lodestar says now. All are canonical JSON values; blank is None. This is the
merge of Unison and of version control (Khanna, Kunal and Pierce, "A formal investigation of diff3", 2007),
with cells for files.
"""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Key = tuple[str, ...]
LOST_SHARE = 0.3  # of the rows both sides had; a sheet that lost more was damaged, not edited
HALF = 0.5
LOST_ROWS = 2  # fewer are deletions, however short the sheet


class _Nothing(enum.Enum):
    NO_BASE = enum.auto()  #: both sides have never agreed on this cell
    UNREADABLE = enum.auto()  #: the sheet's cell holds an error or what the column can't read


NO_BASE, UNREADABLE = _Nothing.NO_BASE, _Nothing.UNREADABLE


# One cell ---------------------------------------------------------------------------------------------


class Verdict(enum.Enum):
    """What happens to a cell."""

    AGREED = "agreed"  #: both say the same, which becomes the base
    PULL = "pull"  #: the sheet was edited
    PUSH = "push"  #: Lodestar was edited
    HOLD = "hold"  #: Lodestar was edited, but a formula fills the sheet's cell
    CONFLICT = "conflict"  #: both were edited: neither is written
    KEEP = "keep"  #: the sheet's cell can't be read: nothing moves
    OVERWRITE = "overwrite"  #: the backend's own column: Lodestar's value is written


def merge_cell(base: Any, sheet: Any, here: Any, *, by_person: bool, formula: bool = False) -> Verdict:
    """The verdict on one cell; ``by_person``: people enter this column on this tab."""
    if sheet is UNREADABLE:
        return Verdict.KEEP
    if sheet == here:
        return Verdict.AGREED
    if not by_person:
        return Verdict.OVERWRITE
    return _merge_entered(base, sheet, here, Verdict.HOLD if formula else Verdict.PUSH)


def _merge_entered(base: Any, sheet: Any, here: Any, push: Verdict) -> Verdict:
    if base is NO_BASE:
        # As if the blank side were the old one; two blanks have agreed already.
        base = None
    if here == base:
        return Verdict.PULL
    if sheet == base:
        return push
    return Verdict.CONFLICT


# Rows -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SheetRow:
    """A row of the sheet: ``cells`` as read, ``key`` in the form keys are compared by."""

    number: int
    key: Key
    cells: Mapping[str, Any]
    keyed: bool = True  #: False until it carries the key that the backend gives
    hidden: Key = ()  #: the backend's own id of the row, where the tab has such columns
    partner: int | None = None  #: the row it became a moment ago


class Base(NamedTuple):
    """What both sides last agreed on for a row; not ``keyed`` until the sheet was seen to have its key."""

    key: Key
    cells: Mapping[str, Any]
    keyed: bool = True
    hidden: Key = ()


@dataclass
class Pairing:
    """Which row is which. Ids are the database's."""

    pairs: dict[int, SheetRow] = field(default_factory=dict)
    fresh: list[SheetRow] = field(default_factory=list)  #: only in the sheet
    unsent: list[int] = field(default_factory=list)  #: only in the database, never in the sheet
    repeated: dict[int, list[SheetRow]] = field(default_factory=dict)  #: several rows of one key: left alone
    gone_there: list[int] = field(default_factory=list)  #: was in both, the sheet lost it
    gone_here: dict[int, SheetRow] = field(default_factory=dict)  #: was in both, Lodestar deleted it
    forgotten: list[int] = field(default_factory=list)  #: gone from both
    known: int = 0  #: rows both sides had before

    @property
    def lost_too_many(self) -> bool:
        """Whether the sheet looks damaged rather than edited."""
        lost = len(self.gone_there)
        return lost >= LOST_ROWS and lost > LOST_SHARE * self.known


def pair_rows(
    rows: Sequence[SheetRow],
    here: Iterable[int],
    index: Mapping[Key, int],
    ids: Mapping[Key, int],
    bases: Mapping[int, Base],
    entered: Sequence[str],
    key_columns: Sequence[str] = (),
    cut_short: bool = False,
    blanks: Mapping[str, Any] | None = None,
) -> Pairing:
    """Find every row's partner by key, never by position.

    ``here`` are the live rows, ``index`` and ``ids`` find them by key and by hidden id. ``entered`` names the
    columns people enter, by whose values a row is recognised whose key was changed or wiped; ``blanks`` says
    what a blank cell stands for, where it does. ``cut_short``: the sheet goes on below what was read, so that
    nothing may be taken for missing.
    """
    live = set(here)
    pairing = Pairing(known=sum(pk in live for pk in bases))
    found: dict[int, list[SheetRow]] = defaultdict(list)
    strangers: list[SheetRow] = []
    known_as = _by_base_key(bases, live)
    # Deleted rows have their ids, too.
    ids = {base.hidden: pk for pk, base in bases.items() if any(base.hidden)} | dict(ids)
    for row in rows:
        pk = _partner(row, live, index, ids, known_as)
        if pk is None:
            strangers.append(row)
        else:
            found[pk].append(row)
    missing = [pk for pk in bases if pk not in found]
    for row, pk in _recognised(strangers, missing, bases, entered, set(key_columns), blanks or {}):
        found[pk].append(row)
    recognised = {id(row) for each in found.values() for row in each}
    pairing.fresh = [row for row in strangers if id(row) not in recognised]
    for pk, same in found.items():
        _place(pairing, pk, same, live)
    if not cut_short:
        _account_for_missing(pairing, found, live, bases)
    return pairing


def _by_base_key(bases: Mapping[int, Base], live: set[int]) -> dict[Key, int]:
    # Of two rows that went by one key over time the living one counts.
    ordered = sorted(bases, key=lambda pk: pk in live)
    return {bases[pk].key: pk for pk in ordered if any(bases[pk].key)}


def _partner(
    row: SheetRow,
    live: set[int],
    index: Mapping[Key, int],
    ids: Mapping[Key, int],
    known_as: Mapping[Key, int],
) -> int | None:
    if row.partner is not None:
        return row.partner
    if any(row.hidden) and (by_id := ids.get(row.hidden)) is not None:
        return by_id
    if not any(row.key):
        return None
    before = known_as.get(row.key)
    if before is not None and before in live:
        return before
    now = index.get(row.key)
    return before if now is None else now


def _recognised(
    strangers: Sequence[SheetRow],
    missing: Sequence[int],
    bases: Mapping[int, Base],
    entered: Sequence[str],
    key_columns: set[str],
    blanks: Mapping[str, Any],
) -> Iterator[tuple[SheetRow, int]]:
    """Rows whose key was changed, wiped or never written, by the other things they say.

    Only where that is unmistakable: all that a missing row said beside its key, with one such row there and
    one such row here; or, while its key is on its way, half of what a row said and more than any other does.
    Copies of such a row are all taken for it.
    """
    told_by = [name for name in entered if name not in key_columns]
    there = _by_content(((row, row.cells) for row in strangers), told_by, blanks)
    here = _by_content(((pk, bases[pk].cells) for pk in missing), told_by, blanks)
    certain = [
        (row, pks[0])
        for content, rows in there.items()
        if _one(pks := here.get(content, [])) and (_one(rows) or not bases[pks[0]].keyed)
        for row in rows
    ]
    yield from certain
    taken, found = {id(row) for row, _ in certain}, {pk for _, pk in certain}
    keyless = [row for row in strangers if not row.keyed and id(row) not in taken]
    waiting = [pk for pk in missing if not bases[pk].keyed and pk not in found]
    yield from _alike(keyless, waiting, bases, entered)


def _one(found: Sequence[Any]) -> bool:
    return len(found) == 1


def _alike(
    rows: Sequence[SheetRow], pks: Sequence[int], bases: Mapping[int, Base], entered: Sequence[str]
) -> Iterator[tuple[SheetRow, int]]:
    """Rows and primary keys that have more in common with each other than with any other."""
    shares = [[_share(row.cells, bases[pk].cells, entered) for pk in pks] for row in rows]
    by_pk = list(zip(*shares, strict=True))
    for at, row in enumerate(rows):
        best = max(shares[at], default=0.0)
        fits = [to for to, share in enumerate(shares[at]) if share == best]
        if best >= HALF and _one(fits) and by_pk[fits[0]].count(best) == 1 and max(by_pk[fits[0]]) == best:
            yield row, pks[fits[0]]


def _share(ours: Mapping[str, Any], theirs: Mapping[str, Any], entered: Sequence[str]) -> float:
    """How much of what ``theirs`` says is said by ``ours``, from 0 to 1."""
    said = [name for name in entered if theirs.get(name) is not None]
    return sum(bool(ours.get(name) == theirs[name]) for name in said) / max(len(said), 1)


def _by_content(
    rows: Iterable[tuple[Any, Mapping[str, Any]]], told_by: Sequence[str], blanks: Mapping[str, Any]
) -> dict[Hashable, list[Any]]:
    found: dict[Hashable, list[Any]] = defaultdict(list)
    for row, cells in rows:
        said = [cells.get(name) for name in told_by]
        told = [
            None if value == blanks.get(name) else value for name, value in zip(told_by, said, strict=True)
        ]
        if any(value is not None for value in told):
            found[tuple(map(repr, told))].append(row)
    return found


def _place(pairing: Pairing, pk: int, rows: list[SheetRow], live: set[int]) -> None:
    if len(rows) > 1:
        pairing.repeated[pk] = rows
    elif pk in live:
        pairing.pairs[pk] = rows[0]
    else:
        pairing.gone_here[pk] = rows[0]


def _account_for_missing(
    pairing: Pairing, found: Mapping[int, Any], live: set[int], bases: Mapping[int, Base]
) -> None:
    for pk in bases:
        if pk not in found:
            (pairing.gone_there if pk in live else pairing.forgotten).append(pk)
    pairing.unsent = sorted(pk for pk in live if pk not in found and pk not in bases)
