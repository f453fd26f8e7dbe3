"""Tasks whose rows are math models."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from initiatives.models import Initiative
from portfolio.tabs import registry
from scoring.assistant.records import Suggestion
from scoring.assistant.tasks.base import NO_TARGETS as NO_KPIS
from scoring.assistant.tasks.base import Found, Target, Task, label, lacks_context, target_keys
from scoring.models import MathModel

APPROVED = "Approved already."
NO_MODEL = "No math model yet. Say yes to Use Math Model on Scoring Inputs, or add one on Math Models."


class OfModels(Task):
    def find(self, keys: list[str] | None) -> Found:
        if keys is None:
            return Found(self.targets(_live()), {})
        chosen, others = _chosen(keys)
        rows = {row.pk: row for row in _live().filter(pk__in=chosen)}
        return Found(self.targets(rows[pk] for pk in chosen if pk in rows), others)

    def targets(self, rows: Iterable[MathModel]) -> list[Target]:
        last = Suggestion.objects.last_times(self.kind, "math_model")
        return [
            Target(label_of(row), row.initiative, row, refresh=row.llm_refresh, last=last.get(row.pk))
            for row in rows
        ]

    def again(self, target: Target) -> Target | None:
        return next(iter(self.targets(_live().filter(pk=target.math_model.pk))), None)

    def lacks(self, target: Target) -> str:
        """Why the LLM could say nothing sensible about this model."""
        row = target.math_model
        told = lacks_context(target.initiative, row.model_description, row.model_prompt_to_llm)
        return told or ("" if target_keys() else NO_KPIS)


def label_of(row: MathModel) -> str:
    """As people know the row: ``INIT-000001 · main``."""
    return label(registry.tab("math_models").label_of(row))


def _live() -> QuerySet[MathModel]:
    rows = MathModel.objects.filter(initiative__deleted_at=None).select_related("initiative", "target_kpi")
    return rows.order_by("initiative__initiative_key", "pk")


def _chosen(keys: list[str]) -> tuple[list[int], dict[str, tuple[str, str]]]:
    """The models that keys of initiatives or labels of models name, each once; and keys that name none."""
    by_name: dict[str, list[int]] = {
        key.casefold(): [] for key in Initiative.objects.values_list("initiative_key", flat=True)
    }
    rows = _live().select_related(None)
    for pk, key, name in rows.values_list("pk", "initiative__initiative_key", "model_name"):
        by_name[key.casefold()].append(pk)
        by_name.setdefault(label(f"{key} · {name}").casefold(), []).append(pk)
    chosen: dict[int, None] = {}
    others = {}
    for key in keys:
        found = by_name.get(label(key.strip()).casefold())
        if found is None:
            others[key] = ("failed", f"There is no initiative or math model {key}.")
        elif not found:
            others[key] = ("skipped", NO_MODEL)
        chosen.update(dict.fromkeys(found or ()))
    return list(chosen), others
