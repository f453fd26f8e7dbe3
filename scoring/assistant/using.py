"""“Use this”: a suggestion copied into a person's cells, as that person's edit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from portfolio.tabs import registry
from portfolio.tabs.actor import Actor
from portfolio.tabs.changes import OK, Change, Outcome, SetCell, Surface
from portfolio.tabs.gate import apply_changes
from scoring.assistant.records import Suggestion, Task
from scoring.assistant.tasks.base import chain_text
from scoring.models import Param

Answer = dict[str, Any]

#: What can be copied of a suggestion about a model: the part, the cell it goes to, and what goes there.
OF_MODELS: dict[str, dict[str, tuple[str, Callable[[Answer], Any]]]] = {
    Task.MATH_MODEL: {
        "formula": ("formula_text", lambda answer: answer["formula_text"]),
        "assumptions": ("assumptions_text", lambda answer: "\n".join(answer["assumptions"])),
        "notes": ("llm_notes", lambda answer: answer["notes"]),
        "target_kpi": ("target_kpi", lambda answer: answer["target_kpi"]),
        "chain": ("metric_chain_text", lambda answer: chain_text(answer["metric_chain"])),
        "immediate_kpi": ("immediate_kpi", lambda answer: answer["metric_chain"][0]),
    },
    Task.METRIC_CHAIN: {
        "chain": ("metric_chain_text", lambda answer: chain_text(answer["chain"])),
        "immediate_kpi": ("immediate_kpi", lambda answer: answer["chain"][0]),
    },
}
OF_PARAMS = {
    "display": "param_display",
    "description": "description",
    "unit": "unit",
    "min": "min",
    "max": "max",
    "distribution": "distribution",
    "source": "source",
}


class UnusableError(ValueError):
    """Nothing of the suggestion can be copied so; the message says why."""


def parts_of(suggestion: Suggestion) -> list[str]:
    """What can be used of it: ``formula``, ``chain`` …; of descriptions the params' names."""
    if not suggestion.answer:
        return []
    if suggestion.task == Task.PARAM_METADATA:
        return [param["name"] for param in suggestion.answer["parameters"]]
    return list(OF_MODELS.get(suggestion.task, {}))


def use(suggestion: Suggestion, actor: Actor, parts: Iterable[str], surface: str = Surface.FORM) -> Outcome:
    """Copy ``parts`` (of ``parts_of``) into the cells where ``actor`` would type them. Raises UnusableError.

    The gate decides as about any edit: a new formula clears the approval. No value is ever part of it.
    """
    wanted = list(dict.fromkeys(parts))
    usable = parts_of(suggestion)
    if not wanted or (unknown := [part for part in wanted if part not in usable]):
        offered = ", ".join(usable) or "nothing"
        raise UnusableError(
            f"There is no {', '.join(wanted and unknown) or 'part'} to use. There is: {offered}."
        )
    tab = registry.tab("params" if suggestion.task == Task.PARAM_METADATA else "math_models")
    outcome = apply_changes(tab, actor, surface, _changes(suggestion, wanted))
    if any(result.status == OK for result in outcome.results):
        suggestion.mark_used(actor.name)
    return outcome


def _changes(suggestion: Suggestion, parts: list[str]) -> list[Change]:
    if suggestion.task == Task.PARAM_METADATA:
        return _of_params(suggestion, parts)
    cells = OF_MODELS[suggestion.task]
    named = [cells[part] for part in parts]
    row = suggestion.math_model_id or 0
    return [SetCell(row, name, value(suggestion.answer)) for name, value in named]


def _of_params(suggestion: Suggestion, names: list[str]) -> list[Change]:
    rows = dict(Param.objects.filter(initiative=suggestion.initiative).values_list("param_name", "pk"))
    told = [param for param in suggestion.answer["parameters"] if param["name"] in names]
    return [
        SetCell(rows[param["name"]], column, param[part])
        for param in told
        if param["name"] in rows
        for part, column in OF_PARAMS.items()
        if param[part] not in (None, "")
    ]
