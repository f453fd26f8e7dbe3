"""Describing the params of an approved formula: label, unit, description, range, owner; never the value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from portfolio.tabs import registry
from portfolio.tabs.actor import Actor
from portfolio.tabs.turns import writers_turn
from scoring.assistant import checks, context
from scoring.assistant.asking import Question
from scoring.assistant.landing import clear_refresh, land
from scoring.assistant.records import Suggestion
from scoring.assistant.records import Task as Kind
from scoring.assistant.schemas import ParamsMetadata
from scoring.assistant.tasks.base import Found, Target, in_sentence, label
from scoring.assistant.tasks.of_models import OfModels
from scoring.models import MathModel, Param
from scoring.readers import names_read

NOT_APPROVED = "The formula is not approved yet. Only an approved formula's params are described."
NO_READER = "No approved formula reads it."
NO_PARAMS = "Its formula reads no params."
DESCRIBED = "Every param is described or approved already, or was asked about within LLM_DEBOUNCE_HOURS."
#: A param without one of these needs the LLM; a range is welcome, but often nobody can know one.
WANTED = ("param_display", "unit", "description", "source")
RANGE = ("min", "max", "distribution")


class ParamMetadataTask(OfModels):
    kind = Kind.PARAM_METADATA
    done = "described"

    def find(self, keys: list[str] | None) -> Found:
        """Keys may name single params, too: ``INIT-000001 · MATH_MODEL · sessions``."""
        named = _named(keys or [])
        found = super().find(keys and [key for key in keys if key not in named])
        covered = {param.pk for target in found.targets for param in target.params}
        only: dict[int, set[int]] = defaultdict(set)
        for key, param in named.items():
            reader = _reader(param)
            if reader is None:
                found.others[key] = ("skipped", NO_READER)
            elif param.pk not in covered:
                only[reader.pk].add(param.pk)
        readers = MathModel.objects.filter(pk__in=only).select_related("initiative", "target_kpi")
        chosen = [
            replace(target, only=frozenset(only[target.math_model.pk])) for target in self.targets(readers)
        ]
        return Found([*found.targets, *chosen], found.others)

    def targets(self, rows: Iterable[MathModel]) -> list[Target]:
        targets = super().targets(rows)
        initiatives = {target.initiative.pk for target in targets}
        params, recent = _params_of(initiatives), _recently_described(initiatives)
        return [
            replace(
                target,
                params=tuple(
                    params[target.initiative.pk][name]
                    for name in names_read(target.math_model.formula_text)
                    if name in params[target.initiative.pk]
                ),
                recent=frozenset(recent[target.initiative.pk]),
            )
            for target in targets
        ]

    def again(self, target: Target) -> Target | None:
        now = super().again(target)
        return now and replace(now, only=target.only)

    def why_skip(self, target: Target, regenerate: bool) -> str:
        if not target.math_model.formula_approved:
            return NOT_APPROVED
        if not target.params:
            return NO_PARAMS
        return "" if wanted(target, regenerate) else DESCRIBED

    def question(self, target: Target, regenerate: bool) -> Question[ParamsMetadata]:
        row = target.math_model
        names = [param.param_name for param in wanted(target, regenerate)]
        data = {
            **context.organisation(),
            "initiative": context.initiative(target.initiative),
            "model": context.model(row),
            "formula_text": row.formula_text,
            "assumptions": row.assumptions_text.splitlines(),
            "names": names,
            "params": context.params(list(target.params)),
            "param_names_elsewhere": context.param_names_elsewhere(target.initiative),
        }
        return Question(
            self.kind.value,
            data,
            ParamsMetadata,
            1_000 + 400 * len(names),
            lambda answer: list(checks.metadata_problems(names, answer.parameters)),
        )

    def land(self, target: Target, suggestion: Suggestion, regenerate: bool, actor: Actor) -> str:
        told = {param["name"]: param for param in suggestion.answer["parameters"]}
        kept: list[str] = []
        with writers_turn():  # nobody approves one in between
            rows, late = _still_open([param for param in target.params if param.param_name in told])
            for asked in (False, True):
                some = [row for row in rows if (regenerate or row.llm_refresh) is asked]
                cells = [(row, cells_of(told[row.param_name], row, asked)) for row in some]
                kept += land("params", cells, asked)
            clear_refresh("params", rows, actor)
        described = ", ".join(row.param_name for row in rows) or "none"
        approved = f" Approved or gone in the meantime: {', '.join(late)}." if late else ""
        return f"Described: {described}.{approved}{in_sentence(kept)}"


def wanted(target: Target, regenerate: bool) -> list[Param]:
    """The params to ask about: never approved ones; blank ones, unless somebody asks for more."""
    return [
        param
        for param in target.params
        if not param.approved
        and (not target.only or param.pk in target.only)
        and (regenerate or param.llm_refresh or (_is_blank(param) and param.param_name not in target.recent))
    ]


def _is_blank(param: Param) -> bool:
    return not all(getattr(param, name) for name in WANTED)


def cells_of(told: dict[str, Any], row: Param, asked: bool) -> dict[str, Any]:
    """A proposal as the row's cells. A range goes in whole or not at all: half of it may be a person's."""
    cells = {
        "param_display": told["display"],
        "description": told["description"],
        "unit": told["unit"],
        "source": told["source"],
    }
    begun = any(getattr(row, name) not in (None, "") for name in RANGE)
    return cells | {name: told[name] for name in RANGE} if asked or not begun else cells


def _still_open(rows: list[Param]) -> tuple[list[Param], list[str]]:
    """Those that nobody has approved or deleted since; and the names of the others."""
    pks = Param.objects.filter(pk__in=[row.pk for row in rows], approved=False).values_list("pk", flat=True)
    there = set(pks)
    return [row for row in rows if row.pk in there], [row.param_name for row in rows if row.pk not in there]


def _params_of(initiatives: set[int]) -> dict[int, dict[str, Param]]:
    found: dict[int, dict[str, Param]] = defaultdict(dict)
    rows = (
        Param.objects.filter(initiative_id__in=initiatives) if len(initiatives) < 500 else Param.objects.all()
    )
    for row in rows:
        found[row.initiative_id][row.param_name] = row
    return found


def _recently_described(initiatives: set[int]) -> dict[int, set[str]]:
    """The names asked about within the debounce, by initiative."""
    since = timezone.now() - timedelta(hours=settings.LLM_DEBOUNCE_HOURS)
    rows = Suggestion.objects.good().filter(task=Kind.PARAM_METADATA, when__gt=since)
    found: dict[int, set[str]] = defaultdict(set)
    for initiative, answer in rows.values_list("initiative_id", "answer"):
        if initiative in initiatives:
            found[initiative] |= {param["name"] for param in (answer or {})["parameters"]}
    return found


def _named(keys: list[str]) -> dict[str, Param]:
    """The params that keys name, by key."""
    parts = {key: key.split(" · ") for key in keys if key.count(" · ") == 2}
    names = {part[2].strip() for part in parts.values()}
    rows = Param.objects.filter(initiative__deleted_at=None, param_name__in=names).select_related(
        "initiative"
    )
    by_label = {label_of(row).casefold(): row for row in rows}
    return {key: by_label[key.casefold()] for key in parts if key.casefold() in by_label}


def label_of(row: Param) -> str:
    return label(registry.tab("params").label_of(row))


def _reader(param: Param) -> MathModel | None:
    """The first approved model whose formula reads the param."""
    rows = MathModel.objects.filter(initiative=param.initiative_id, formula_approved=True)
    return next((row for row in rows if param.param_name in names_read(row.formula_text)), None)
