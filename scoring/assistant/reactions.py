"""What follows an approval: the LLM describes the new params, where one is configured."""

from __future__ import annotations

from portfolio.actions.runner import enqueue
from portfolio.tabs.registry import reacts_to
from portfolio.tabs.writing import Writing
from scoring import approval
from scoring.assistant.settings_state import why_off
from scoring.models import Param
from scoring.readers import names_read

DESCRIBE = "pm.suggest_params_llm"


@reacts_to("math_models")
def describe_new_params(writing: Writing) -> None:
    """Ask for it in the batch's own transaction: the run is there if and only if the approval is."""
    approved = [state.row for state in writing.effective if approval.seeds(state)]
    if not approved or why_off() or not writing.actor.has("PM", "Admin"):
        return
    bare = _without_description({row.initiative_id for row in approved})
    labels = [
        writing.tab.label_of(row)
        for row in approved
        if bare.get(row.initiative_id, set()) & set(names_read(row.formula_text))
    ]
    if labels:
        scope = {"type": "keys", "keys": labels}
        enqueue(writing.actor, DESCRIBE, scope, idempotency_key=f"approved {writing.outcome.batch_id}")


def _without_description(initiatives: set[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    rows = Param.objects.filter(initiative_id__in=initiatives, approved=False, description="")
    for initiative, name in rows.values_list("initiative_id", "param_name"):
        found.setdefault(initiative, set()).add(name)
    return found
