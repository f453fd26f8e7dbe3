import pytest

from initiatives.models import Initiative
from metrics.models import Contributions
from portfolio.tabs.models import BypassesGateError
from tests.factories import initiative

pytestmark = pytest.mark.django_db


def test_prepared_writes_store_every_kind_of_value():
    first, second = initiative(), initiative()
    Contributions.objects.bulk_add([Contributions(initiative=first, computed={"revenue": 1.5})])
    kept = Contributions.objects.get()
    assert (kept.initiative, kept.computed, kept.override) == (first, {"revenue": 1.5}, None)
    kept.computed = None
    Contributions.objects.bulk_set([kept], ["computed"])
    kept.refresh_from_db()
    assert kept.computed is None and not Contributions.objects.filter(initiative=second).exists()


def test_adding_leaves_what_is_there():
    row = initiative()
    for value in (1, 2):
        Contributions.objects.bulk_add([Contributions(initiative=row, computed={"revenue": value})])
    assert Contributions.objects.get().computed == {"revenue": 1}


def test_prepared_writes_refuse_what_people_enter():
    row = initiative()
    with pytest.raises(BypassesGateError, match="title"):
        Initiative.objects.bulk_set([row], ["title"])
    with pytest.raises(BypassesGateError, match="override"):
        Contributions.objects.bulk_add([Contributions(initiative=row, override={"revenue": 1})])
