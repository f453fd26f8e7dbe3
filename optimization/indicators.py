"""What the active constraints say about an initiative, in words: for the Backlog and Candidates tabs.

Every function answers ``{pk: text}`` for the scenarios of the initiative's own period; each sentence names
its scenario (and its constraint set, where that is not the default one).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from initiatives.models import Initiative
from optimization.models import DEFAULT_SET, Constraint
from optimization.models import ConstraintType as Type
from portfolio.tabs.memo import memo

Said = dict[tuple[str, str, str], list[str]]  # (indicator, period, folded initiative key) → sentences


def mandatory(pks: list[int]) -> dict[int, str]:
    return _indicator("mandatory", pks)


def bundle(pks: list[int]) -> dict[int, str]:
    return _indicator("bundle", pks)


def prerequisites(pks: list[int]) -> dict[int, str]:
    return _indicator("prerequisites", pks)


def exclusions(pks: list[int]) -> dict[int, str]:
    return _indicator("exclusions", pks)


def synergies(pks: list[int]) -> dict[int, str]:
    return _indicator("synergies", pks)


def _indicator(name: str, pks: list[int]) -> dict[int, str]:
    said = memo("constraint indicators", _said)
    if not said:
        return {}
    found = {}
    for pk, key, period in _keyed(pks):
        sentences = said.get((name, period, key.casefold()))
        if sentences:
            found[pk] = "; ".join(sentences)
    return found


def _keyed(pks: list[int]) -> list[tuple[int, str, str]]:
    """(pk, key, period) of the initiatives asked for that compete in a period."""
    rows = Initiative.objects.exclude(candidate_period_key="").values_list(
        "pk", "initiative_key", "candidate_period_key"
    )
    if len(pks) == 1:
        return list(rows.filter(pk=pks[0]))
    wanted = set(pks)
    return [row for row in memo("initiatives by period", lambda: list(rows)) if row[0] in wanted]


def _said() -> Said:
    found: Said = defaultdict(list)
    rows = Constraint.objects.filter(is_active=True, scenario__deleted_at=None)
    for row in rows.select_related("scenario", "kpi"):
        for indicator, key, sentence in _sentences(row):
            found[indicator, row.scenario.period_key, key.casefold()].append(f"{_source(row)}: {sentence}")
    return dict(found)


def _source(row: Constraint) -> str:
    name = row.scenario.scenario_name
    default = row.constraint_set_name.casefold() == DEFAULT_SET
    return name if default else f"{name} / {row.constraint_set_name}"


def _sentences(row: Constraint) -> Iterator[tuple[str, str, str]]:
    """(indicator, initiative key, sentence) for everyone the row is about."""
    members, kind = row.member_keys or [], row.constraint_type
    if kind == Type.MANDATORY:
        yield "mandatory", row.dimension_key, "mandatory"
    elif kind == Type.EXCLUDED:
        yield "exclusions", row.dimension_key, "excluded"
    elif kind == Type.PREREQUISITE:
        yield "prerequisites", row.dimension_key, f"requires {', '.join(members)}"
    else:
        for key in members:
            yield _shared(row, key, [other for other in members if other != key])


def _shared(row: Constraint, key: str, others: list[str]) -> tuple[str, str, str]:
    together = ", ".join(others)
    if row.constraint_type == Type.EXCLUSION_PAIR:
        return "exclusions", key, f"not with {together}"
    if row.constraint_type == Type.BUNDLE:
        return "bundle", key, f"{row.dimension_key} (with {together})"
    bonus = f"{row.bonus_value:+,g} {row.kpi}" if row.bonus_value is not None else "bonus"
    return "synergies", key, f"{row.dimension_key} ({bonus} with {together})"
