"""Initiatives with models and params, made through the gate."""

import pytest

from portfolio.tabs.actor import Actor
from scoring.models import Param
from scoring.score import finish, score
from tests.factories import create, initiative, north_star, put


@pytest.fixture
def revenue(db):
    return north_star("revenue")


def model(row, formula="value = traffic * rate", approved=True, **values):
    """A math model of the initiative; its params are seeded where it is approved."""
    values.setdefault("model_name", "main")
    return create(
        "math_models",
        initiative_key=row.initiative_key,
        formula_text=formula,
        formula_approved=approved,
        **values,
    )


def give(row, _approved=True, **values):
    """Values (and approval) for params the initiative has."""
    for name, value in values.items():
        param = Param.objects.get(initiative=row, param_name=name)
        assert put("params", param, value=value, approved=_approved).ok


def modelled(formula="value = traffic * rate", target="revenue", days=None, **params):
    """An initiative with one approved model and approved params, not scored yet."""
    row = initiative(effort_engineering_days=days)
    model(row, formula, target_kpi=target)
    give(row, **params)
    return row


def scored(*rows):
    """Score these initiatives and answer the first one's record, fresh."""
    score([row.pk for row in rows])
    finish()
    rows[0].refresh_from_db()
    return rows[0].scoring


COMMAND_LINE = Actor.command_line()
