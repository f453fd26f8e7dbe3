"""From a JSON pointer into a problem back to the row a person entered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from optimization.constraint_set import Row, is_active, members_of, text
from optimization.problem import ALL, fold

Place = tuple[Any, ...]
TABLES = {"caps": "capacity_cap", "floors": "capacity_floor"}
LISTS = {"mandatory": "mandatory", "excluded": "excluded"}
NAMED = {"bundles": "bundle", "synergies": "synergy_bonus"}


def row_finder(
    problem: Mapping[str, Any], constraint_rows: Iterable[Row], target_rows: list[Any], scenario: Any
) -> Callable[[str], Any]:
    """``find(pointer) -> row id`` (None where nothing was entered for it).

    ``target_rows`` are the ids behind ``problem["targets"]``; ``scenario`` is the id of the scenario's row.
    """
    by_place = {place_of_row(row): row["id"] for row in constraint_rows if is_active(row)}

    def find(pointer: str) -> Any:
        head, *rest = (part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])
        if head == "targets":
            return target_rows[int(rest[0])]
        if head == "constraints":
            return by_place.get(place_of_pointer(problem["constraints"], *rest))
        return scenario

    return find


def place_of_row(row: Row) -> Place:
    """What a Constraints row is about, folded."""
    kind, key = text(row, "constraint_type"), fold(text(row, "dimension_key"))
    if kind in TABLES.values():
        return kind, fold(text(row, "dimension")), key or ALL
    if kind == "exclusion_pair":
        return kind, *sorted(map(fold, members_of(row)))
    return kind, key


def place_of_pointer(constraints: Mapping[str, Any], notion: str, *path: str) -> Place:
    if notion in TABLES:
        return TABLES[notion], *map(fold, path[:2])
    if notion in LISTS:
        return LISTS[notion], fold(constraints[notion][int(path[0])])
    if notion in NAMED:
        return NAMED[notion], fold(constraints[notion][int(path[0])]["key"])
    if notion == "exclusion_pairs":
        return "exclusion_pair", *sorted(map(fold, constraints[notion][int(path[0])]))
    return "prerequisite", fold(path[0])
