import pytest

from scoring import staleness
from scoring.models import ActiveScenario, MathModel
from tests.factories import north_star
from tests.scoring.conftest import modelled, scored

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin_pages(client, person):
    client.force_login(person("Admin"))
    return client


def test_changing_the_active_scenario_leaves_modelled_initiatives_to_be_scored_again(admin_pages):
    north_star()
    row = modelled("value = a", a=1)
    scored(row)
    answer = admin_pages.post("/admin/scoring/activescenario/add/", {"label": " Optimistic "})
    assert answer.status_code == 302 and ActiveScenario.current() == "Optimistic"
    assert staleness.count() == 1
    assert scored(row).math_value_score is None


def test_there_is_one_active_scenario(admin_pages):
    assert ActiveScenario.current() == "Base"
    ActiveScenario.objects.create(label="Bold")
    assert admin_pages.get("/admin/scoring/activescenario/add/").status_code == 403


def test_a_model_saved_in_the_admin_passes_the_gate(admin_pages):
    north_star()
    modelled("value = a", a=1)
    made = MathModel.objects.get()
    url = f"/admin/scoring/mathmodel/{made.pk}/change/"
    form = admin_pages.get(url).context["adminform"].form
    assert form.initial["formula_approved"] == "true"
    admin_pages.post(url, form.initial | {"model_description": "Why"})
    made.refresh_from_db()
    assert (made.model_description, made.formula_approved) == ("Why", True)
    answer = admin_pages.post(url, form.initial | {"formula_text": "value = a +", "formula_approved": "true"})
    assert answer.status_code == 302
    made.refresh_from_db()
    assert (made.formula_text, made.formula_approved, made.updated_source) == ("value = a +", False, "admin")


@pytest.mark.parametrize("model", ["mathmodel", "param", "score", "activescenario"])
def test_the_lists_open(admin_pages, model):
    north_star()
    scored(modelled("value = a", a=1))
    assert admin_pages.get(f"/admin/scoring/{model}/").status_code == 200
