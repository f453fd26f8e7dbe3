"""What initiatives are scored from, what came out, and the math models with their params."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from initiatives.models import Initiative, amount, prose, text
from metrics.models import Metric
from portfolio.tabs.models import LIVE, GuardedQuerySet, SoftDeleted, Tracked


class Framework(models.TextChoices):
    RICE = "RICE", "RICE"
    WSJF = "WSJF", "WSJF"
    MATH_MODEL = "MATH_MODEL", "Math model"

    @property
    def prefix(self) -> str:
        """How its columns start: ``rice``, ``wsjf``, ``math``."""
        return self.value.split("_")[0].lower()


#: The three numbers every framework answers.
PARTS = ("value", "effort", "overall")
BASE = "Base"


class ScoringInputs(Tracked):
    """One initiative's inputs, and its scores as the last scoring run left them."""

    initiative = models.OneToOneField(Initiative, on_delete=models.CASCADE, related_name="scoring")
    active_scoring_framework = models.CharField(max_length=10, choices=Framework.choices, blank=True)
    use_math_model = models.BooleanField(
        null=True, blank=True, help_text="Blank counts as yes once a model is approved."
    )
    rice_reach = amount()
    rice_impact = amount()
    rice_confidence = amount(help_text="A fraction, 0 to 1.")
    rice_effort = amount()
    wsjf_business_value = amount()
    wsjf_time_criticality = amount()
    wsjf_risk_reduction = amount()
    wsjf_job_size = amount()

    rice_value_score = amount()
    rice_effort_score = amount()
    rice_overall_score = amount()
    wsjf_value_score = amount()
    wsjf_effort_score = amount()
    wsjf_overall_score = amount()
    math_value_score = amount()
    math_effort_score = amount()
    math_overall_score = amount()
    value_score = amount(help_text="The active framework's value.")
    effort_score = amount()
    overall_score = amount()
    rice_rank = models.PositiveIntegerField(null=True, blank=True)
    wsjf_rank = models.PositiveIntegerField(null=True, blank=True)
    math_rank = models.PositiveIntegerField(null=True, blank=True)
    math_rank_p10 = models.PositiveIntegerField(null=True, blank=True)
    math_rank_p90 = models.PositiveIntegerField(null=True, blank=True)
    score_warnings = prose()
    is_stale = models.BooleanField(default=False, db_index=True, help_text="Changed since it was scored.")

    class Meta:
        verbose_name_plural = "scoring inputs"

    def __str__(self) -> str:
        return f"Scoring of {self.initiative.initiative_key}"


class Score(models.Model):
    """What one framework said of one initiative at one time, and from which inputs. Never rewritten."""

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="scores")
    framework = models.CharField(max_length=10, choices=Framework.choices)
    value = amount()
    effort = amount()
    overall = amount()
    inputs = models.JSONField(default=dict)
    warnings = models.JSONField(default=list)
    uncertainty = models.JSONField(
        null=True,
        blank=True,
        help_text="What draws say of the value: percentiles with their sampling error, mean, P(value > 0); "
        "and the samples to draw it again: {formula, params, effort, draws, seed}. Blank where certain.",
    )
    digest = models.CharField(max_length=32, help_text="Of everything above: equal means nothing changed.")
    when = models.DateTimeField()

    objects = models.Manager.from_queryset(GuardedQuerySet)()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["initiative", "framework", "-id"])]

    def __str__(self) -> str:
        return f"{self.framework} of {self.initiative.initiative_key} at {self.when:%Y-%m-%d %H:%M}"


FIRST = "_MATH_MODEL_V1"
#: A first model nobody has filled yet: it stands in for the models people bring.
UNFILLED = Q(
    model_name__endswith=FIRST, formula_text="", target_kpi=None, metric_chain__isnull=True, immediate_kpi=""
)


class MathModel(SoftDeleted):
    """One way to compute what an initiative brings to one target KPI."""

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="math_models")
    framework = models.CharField(max_length=10, choices=Framework.choices, default=Framework.MATH_MODEL)
    model_name = models.CharField(max_length=200)
    target_kpi = models.ForeignKey(
        Metric, null=True, blank=True, on_delete=models.PROTECT, related_name="math_models"
    )
    is_primary = models.BooleanField(default=False)
    immediate_kpi = text()
    metric_chain = models.JSONField(
        null=True, blank=True, help_text='{"chain": […], "source": …, "validated": …, "text": as written}'
    )
    llm_suggested_metric_chain = prose()
    model_description = prose()
    model_prompt_to_llm = prose()
    llm_refresh = models.BooleanField(default=False)
    llm_suggested_formula = prose()
    assumptions_text = prose()
    llm_notes = prose()
    formula_text = prose()
    formula_approved = models.BooleanField(default=False)
    scenario_label = models.CharField(max_length=100, default=BASE)
    version = models.PositiveIntegerField(default=1)
    suggested_by_llm = models.BooleanField(default=False)
    formula_status = prose()
    computed_value = amount()
    p10 = amount()
    p50 = amount()
    p90 = amount()
    samples = models.JSONField(
        null=True,
        blank=True,
        help_text="What P10 to P90 were drawn from: {formula, params, effort, draws, seed}.",
    )

    class Meta:
        ordering = ["initiative", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "model_name"], condition=LIVE, name="model_name_once_per_initiative"
            )
        ]

    def __str__(self) -> str:
        return self.model_name

    @classmethod
    def first_of(cls, initiative: Initiative) -> MathModel:
        """The empty model (unsaved) that ``use_math_model`` starts an initiative with."""
        return cls(initiative=initiative, model_name=initiative.initiative_key + FIRST, is_primary=True)


class Distribution(models.TextChoices):
    PERT = "pert", "PERT"
    TRIANGULAR = "triangular", "Triangular"
    UNIFORM = "uniform", "Uniform"
    LOGNORMAL_90 = "lognormal_90", "Lognormal (P5 to P95)"
    FIXED = "fixed", "Fixed"


class Source(models.TextChoices):
    PM = "PM", "PM"
    ANALYTICS = "Analytics"
    FINANCE = "Finance"
    ENG = "Eng", "Engineering"
    LLM = "LLM", "LLM"


class Param(SoftDeleted):
    """One number the formulas of an initiative read, shared by all its models."""

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="params")
    framework = models.CharField(max_length=10, choices=Framework.choices, default=Framework.MATH_MODEL)
    param_name = models.CharField(max_length=64)
    param_display = text()
    description = prose()
    value = amount()
    unit = models.CharField(max_length=60, blank=True)
    min = amount()
    max = amount()
    distribution = models.CharField(max_length=12, choices=Distribution.choices, blank=True)
    source = models.CharField(max_length=10, choices=Source.choices, blank=True)
    approved = models.BooleanField(default=False)
    is_auto_seeded = models.BooleanField(default=False)
    llm_refresh = models.BooleanField(default=False)
    notes = prose()

    class Meta:
        ordering = ["initiative", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "framework", "param_name"],
                condition=LIVE,
                name="param_once_per_initiative",
            )
        ]

    def __str__(self) -> str:
        return self.param_name


class ActiveScenario(models.Model):
    """The scenario label whose models score and contribute. One row at most; without it, ``Base``."""

    label = models.CharField(max_length=100, default=BASE)

    class Meta:
        verbose_name_plural = "active scenario"

    def __str__(self) -> str:
        return self.label

    def clean(self) -> None:
        self.label = " ".join(self.label.split())
        if not self.label:
            raise ValidationError({"label": f"Write a scenario label, such as {BASE}."})

    @classmethod
    def current(cls) -> str:
        return cls.objects.values_list("label", flat=True).first() or BASE


import scoring.assistant.records  # noqa: E402, F401 - the assistant's models, which refer to those above
