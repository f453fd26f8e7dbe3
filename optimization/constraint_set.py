"""Rows of the Constraints and Targets tabs to one constraint set, with errors per row and cell.

Usable on its own, so that the tabs can check rows while they are edited. A row is a mapping of the tab's
columns plus `id`; blank cells are None or "". Rows that are not active are skipped.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .problem import ALL, fold, spoken, unique
from .warnings import find_circle

DIMENSIONS = ("country", "market", "department", "category", "product_area", "program", "customer_segment")
Row = Mapping[str, Any]
RowErrors = dict[Any, list[dict[str, str]]]  # row id → [{"column", "message"}]


@dataclass(frozen=True)
class Shape:
    """What one constraint type needs and may have, besides scenario, set, notes and is_active."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    dimensions: tuple[str, ...] = ("initiative",)
    least_members: int = 0
    most_members: float = math.inf


SHAPES = {
    "capacity_floor": Shape(("dimension", "dimension_key", "min_tokens"), dimensions=(ALL, *DIMENSIONS)),
    "capacity_cap": Shape(("dimension", "dimension_key", "max_tokens"), dimensions=(ALL, *DIMENSIONS)),
    "mandatory": Shape(("dimension_key",)),
    "excluded": Shape(("dimension_key",)),
    "exclusion_pair": Shape(("member_keys",), least_members=2, most_members=2),
    "bundle": Shape(("dimension_key", "member_keys"), dimensions=("bundle",), least_members=2),
    "prerequisite": Shape(("dimension_key", "member_keys"), least_members=1),
    "synergy_bonus": Shape(
        ("dimension_key", "member_keys", "kpi_key", "bonus_value"),
        optional=("min_members",),
        dimensions=("initiative", "bundle"),
        least_members=2,
    ),
}
CELLS = (
    "dimension_key",
    "min_tokens",
    "max_tokens",
    "member_keys",
    "min_members",
    "kpi_key",
    "bonus_value",
)


@dataclass
class ConstraintSet:
    """The compiled rows: `constraints` and `targets` as the problem file has them, the same once more as
    `{dimension: {dimension key: …}}`, and what is wrong per row. `target_rows` are the ids of `targets`,
    `mandatory_rows` the id behind each mandatory initiative."""

    constraints: dict[str, Any] = field(
        default_factory=lambda: {
            "caps": {},
            "floors": {},
            "mandatory": [],
            "excluded": [],
            "exclusion_pairs": [],
            "bundles": [],
            "prerequisites": {},
            "synergies": [],
        }
    )
    targets: list[dict[str, Any]] = field(default_factory=list)
    target_rows: list[Any] = field(default_factory=list)
    mandatory_rows: dict[str, Any] = field(default_factory=dict)
    by_dimension: dict[str, dict[str, Any]] = field(default_factory=dict)
    spelled: dict[tuple[str, str], str] = field(default_factory=dict)  #: as it was first written
    errors: RowErrors = field(default_factory=dict)

    def wrong(self, row: Row, column: str, message: str) -> None:
        self.errors.setdefault(row.get("id"), []).append({"column": column, "message": message})

    def entry(self, dimension: str, key: str) -> dict[str, Any]:
        """What is known about one dimension value, initiative, bundle or synergy."""
        known_as = self.spelled.setdefault((dimension, fold(key)), key)
        return self.by_dimension.setdefault(dimension, {}).setdefault(known_as, {})


def compile_constraint_set(
    rows: Iterable[Row],
    targets: Iterable[Row],
    known_keys: Iterable[str],
    known_kpis: Iterable[str] | None = None,
) -> ConstraintSet:
    """Compiles the rows of one (scenario, constraint set).

    `known_keys` are all initiatives that exist, candidates or not; `known_kpis` the active north star and
    strategic KPIs (None: KPIs are not checked). Rows with errors are left out of the result.
    """
    return Compiler(known_keys, known_kpis).compile(rows, targets)


class Compiler:
    """Row by row into one ConstraintSet."""

    def __init__(self, known_keys: Iterable[str], known_kpis: Iterable[str] | None) -> None:
        self.keys = {fold(key): key for key in known_keys}
        self.kpis = None if known_kpis is None else {fold(key): key for key in known_kpis}
        self.set = ConstraintSet()
        self.seen: set[tuple[Any, ...]] = set()

    def compile(self, rows: Iterable[Row], targets: Iterable[Row]) -> ConstraintSet:
        requiring: dict[str, Row] = {}
        for row in rows:
            if is_active(row) and (kind := self._checked(row)):
                getattr(self, f"_{kind}")(row)
                if kind == "prerequisite":
                    requiring[fold(text(row, "dimension_key"))] = row
        self._circles(requiring)
        for row in targets:
            if is_active(row):
                self._target(row)
        return self.set

    # -- checking ------------------------------------------------------------------------------------------

    def _checked(self, row: Row) -> str | None:
        """The row's type when the row is sound; otherwise its errors are noted."""
        kind = fold(text(row, "constraint_type"))
        if kind not in SHAPES:
            self.set.wrong(row, "constraint_type", f"must be one of {', '.join(SHAPES)}")
            return None
        before = len(self.set.errors.get(row.get("id"), ()))
        for column, message in [*self._cells(row, kind), *self._members(row, kind), *self._twins(row, kind)]:
            self.set.wrong(row, column, message)
        return kind if len(self.set.errors.get(row.get("id"), ())) == before else None

    def _cells(self, row: Row, kind: str) -> Iterator[tuple[str, str]]:
        shape = SHAPES[kind]
        dimension = fold(text(row, "dimension"))
        if dimension not in shape.dimensions and ("dimension" in shape.required or dimension):
            yield "dimension", f"a {kind} row takes {' or '.join(shape.dimensions)} here"
        for column in CELLS:
            filled = not is_blank(row.get(column))
            if (
                column in shape.required
                and not filled
                and not (dimension == ALL and column == "dimension_key")
            ):
                yield column, f"a {kind} row needs this cell"
            elif filled and column not in (*shape.required, *shape.optional):
                yield column, f"a {kind} row does not use this cell; clear it or choose another type"
            elif filled and column in NUMBERS and (problem := NUMBERS[column](row[column])):
                yield column, problem
        yield from self._names(row, kind)

    def _names(self, row: Row, kind: str) -> Iterator[tuple[str, str]]:
        key, kpi = text(row, "dimension_key"), text(row, "kpi_key")
        if fold(text(row, "dimension")) == ALL and fold(key) not in ("", ALL):
            yield "dimension_key", "the dimension all has one value, all"
        if kind in ("mandatory", "excluded", "prerequisite") and key and fold(key) not in self.keys:
            yield "dimension_key", f"there is no initiative {key}"
        if kind == "synergy_bonus" and kpi and self.kpis is not None and fold(kpi) not in self.kpis:
            yield "kpi_key", f"{kpi} is not an active north star or strategic KPI"

    def _members(self, row: Row, kind: str) -> Iterator[tuple[str, str]]:
        shape = SHAPES[kind]
        members = members_of(row)
        if not members or "member_keys" not in shape.required:
            return
        unknown = [key for key in members if fold(key) not in self.keys]
        if unknown:
            yield "member_keys", f"there is no initiative {', '.join(unknown)}"
        if not shape.least_members <= len(members) <= shape.most_members:
            wanted = "exactly two" if shape.most_members == 2 else f"at least {shape.least_members}"
            yield "member_keys", f"a {kind} row needs {wanted} different members, has {len(members)}"
        if kind == "prerequisite" and fold(text(row, "dimension_key")) in map(fold, members):
            yield "member_keys", f"{text(row, 'dimension_key')} cannot require itself"
        least = row.get("min_members")
        if isinstance(least, int | float) and least > len(members):
            yield "min_members", f"must not be more than the {len(members)} members"

    def _twins(self, row: Row, kind: str) -> Iterator[tuple[str, str]]:
        """A second row that says something about the same thing."""
        column = "member_keys" if kind == "exclusion_pair" else "dimension_key"
        keys = members_of(row) if kind == "exclusion_pair" else [text(row, "dimension_key")]
        dimension = fold(text(row, "dimension")) if "dimension" in SHAPES[kind].required else ""
        if any(keys) and self._said_already(kind, dimension, *sorted(map(fold, keys))):
            yield column, f"another {kind} row says this already; keep one of them"

    def _said_already(self, *natural_key: str) -> bool:
        known = natural_key in self.seen
        self.seen.add(natural_key)
        return known

    def _circles(self, requiring: dict[str, Row]) -> None:
        table = self.set.constraints["prerequisites"]
        while circle := find_circle(table):
            message = f"{' requires '.join(circle)} is a circle; remove one of the requirements"
            for key in circle[1:]:
                self.set.wrong(requiring[fold(key)], "member_keys", message)
                self.set.by_dimension["initiative"][self._spelled(key)].pop("requires", None)
                table.pop(self._spelled(key), None)

    # -- one method per constraint type --------------------------------------------------------------------

    def _spelled(self, key: str) -> str:
        return self.keys[fold(key)]

    def _spelled_members(self, row: Row) -> list[str]:
        return [self._spelled(key) for key in members_of(row)]

    def _limit(self, row: Row, table: str, name: str, column: str) -> None:
        dimension, key = fold(text(row, "dimension")), text(row, "dimension_key") or ALL
        key = ALL if dimension == ALL else key
        self.set.constraints[table].setdefault(dimension, {})[key] = row[column]
        self.set.entry(dimension, key)[name] = row[column]

    def _capacity_floor(self, row: Row) -> None:
        self._limit(row, "floors", "floor", "min_tokens")

    def _capacity_cap(self, row: Row) -> None:
        self._limit(row, "caps", "cap", "max_tokens")

    def _mandatory(self, row: Row) -> None:
        key = self._spelled(text(row, "dimension_key"))
        self.set.constraints["mandatory"].append(key)
        self.set.mandatory_rows[key] = row.get("id")
        self.set.entry("initiative", key)["mandatory"] = True

    def _excluded(self, row: Row) -> None:
        key = self._spelled(text(row, "dimension_key"))
        self.set.constraints["excluded"].append(key)
        self.set.entry("initiative", key)["excluded"] = True

    def _exclusion_pair(self, row: Row) -> None:
        pair = sorted(self._spelled_members(row))
        self.set.constraints["exclusion_pairs"].append(pair)
        for one, other in (pair, pair[::-1]):
            self.set.entry("initiative", one).setdefault("excludes", []).append(other)

    def _bundle(self, row: Row) -> None:
        name, members = text(row, "dimension_key"), self._spelled_members(row)
        self.set.constraints["bundles"].append({"key": name, "members": members})
        self.set.entry("bundle", name)["members"] = members
        for key in members:
            self.set.entry("initiative", key).setdefault("bundles", []).append(name)

    def _prerequisite(self, row: Row) -> None:
        key, members = self._spelled(text(row, "dimension_key")), self._spelled_members(row)
        self.set.constraints["prerequisites"][key] = members
        self.set.entry("initiative", key)["requires"] = members

    def _synergy_bonus(self, row: Row) -> None:
        name, members = text(row, "dimension_key"), self._spelled_members(row)
        kpi = text(row, "kpi_key")
        least = row.get("min_members")
        synergy = {
            "key": name,
            "members": members,
            "min_members": None if is_blank(least) else int(least),  # type: ignore[arg-type]
            "kpi": kpi if self.kpis is None else self.kpis[fold(kpi)],
            "bonus": row["bonus_value"],
        }
        self.set.constraints["synergies"].append(synergy)
        self.set.entry("synergy", name).update({k: v for k, v in synergy.items() if k != "key"})
        for key in members:
            self.set.entry("initiative", key).setdefault("synergies", []).append(name)

    # -- targets -------------------------------------------------------------------------------------------

    def _target(self, row: Row) -> None:
        before = len(self.set.errors.get(row.get("id"), ()))
        for column, message in self._target_errors(row):
            self.set.wrong(row, column, message)
        if len(self.set.errors.get(row.get("id"), ())) > before:
            return
        dimension, kpi = fold(text(row, "dimension")) or ALL, text(row, "kpi_key")
        target = {
            "dimension": dimension,
            "dimension_key": ALL if dimension == ALL else text(row, "dimension_key"),
            "kpi": kpi if self.kpis is None else self.kpis[fold(kpi)],
            "target": row["target_value"],
            "baseline": None if is_blank(row.get("baseline_value")) else row["baseline_value"],
            "type": fold(text(row, "floor_or_goal")),
        }
        self.set.targets.append(target)
        self.set.target_rows.append(row.get("id"))
        about = {name: target[name] for name in ("target", "baseline", "type")}
        self.set.entry(dimension, target["dimension_key"]).setdefault("targets", {})[target["kpi"]] = about

    def _target_errors(self, row: Row) -> Iterator[tuple[str, str]]:
        dimension, key, kpi = (text(row, column) for column in ("dimension", "dimension_key", "kpi_key"))
        if fold(dimension) not in ("", ALL, *DIMENSIONS):
            yield "dimension", f"must be one of {', '.join((ALL, *DIMENSIONS))}"
        elif fold(dimension) in ("", ALL) and fold(key) not in ("", ALL):
            yield "dimension_key", "the dimension all has one value, all"
        elif fold(dimension) in DIMENSIONS and not key:
            yield "dimension_key", f"say which {fold(dimension)} the target is for"
        if not kpi:
            yield "kpi_key", "say which KPI the target is for"
        elif self.kpis is not None and fold(kpi) not in self.kpis:
            yield "kpi_key", f"{kpi} is not an active north star or strategic KPI"
        if fold(text(row, "floor_or_goal")) not in ("floor", "goal"):
            yield "floor_or_goal", "must be floor (hard minimum) or goal (aspiration)"
        if is_blank(row.get("target_value")):
            yield "target_value", "a target needs a value"
        for column in ("target_value", "baseline_value"):
            if not is_blank(row.get(column)) and (problem := not_a_number(row[column])):
                yield column, problem
        if self._said_already("target", fold(dimension) or ALL, fold(key) or ALL, fold(kpi)):
            yield "kpi_key", "another row has a target for this KPI here; keep one of them"


def is_blank(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip()) or cell == []


def is_active(row: Row) -> bool:
    """Blank means active."""
    return row.get("is_active") in (None, "", True)


def text(row: Row, column: str) -> str:
    return str(row.get(column) or "").strip()


def members_of(row: Row) -> list[str]:
    """The member keys of a row, each once, in the order they were entered."""
    cell = row.get("member_keys")
    parts = re.split(r"[,;\n]", cell) if isinstance(cell, str) else list(cell or ())
    return unique(part.strip() for part in parts if part.strip())


def not_a_number(cell: Any) -> str | None:
    if isinstance(cell, bool) or not isinstance(cell, int | float) or not math.isfinite(cell):
        return "must be a finite number"
    return None


def not_tokens(cell: Any) -> str | None:
    return not_a_number(cell) or ("must be 0 or more" if cell < 0 else None)


def not_a_count(cell: Any) -> str | None:
    if wrong := not_a_number(cell):
        return wrong
    return f"must be a whole number from 1, not {spoken(cell)}" if cell < 1 or cell % 1 else None


NUMBERS: dict[str, Callable[[Any], str | None]] = {
    "min_tokens": not_tokens,
    "max_tokens": not_tokens,
    "min_members": not_a_count,
    "bonus_value": not_a_number,
}
