"""What the LLM was asked and answered, what that cost, and what it is told about the organisation."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Max
from django.utils import timezone

from initiatives.models import Initiative
from portfolio.actions.models import ActionRun
from scoring.models import MathModel


class Task(models.TextChoices):
    METRIC_CHAIN = "metric_chain", "Metric chain"
    MATH_MODEL = "math_model", "Math model"
    PARAM_METADATA = "param_metadata", "Params"
    EVALUATE = "evaluate", "Evaluation"
    SUMMARY = "summary", "Summary"


class SuggestionQuerySet(models.QuerySet["Suggestion"]):
    def good(self) -> SuggestionQuerySet:
        return self.filter(failed="")

    def latest_of(self, math_model: MathModel | int, task: str) -> Suggestion | None:
        """The newest answer about one model, or None."""
        return self.good().filter(math_model=math_model, task=task).first()

    def last_times(self, task: str, about: str) -> dict[int, datetime]:
        """When each row of ``about`` (``math_model``, ``initiative``) was last answered."""
        rows = self.good().filter(task=task).exclude(**{about: None}).order_by()
        return dict(rows.values_list(about).annotate(last=Max("when")))


class Suggestion(models.Model):
    """One answer of the LLM, or why there is none. Never rewritten, but for who used it."""

    task = models.CharField(max_length=20, choices=Task.choices)
    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="suggestions")
    math_model = models.ForeignKey(
        MathModel, null=True, blank=True, on_delete=models.CASCADE, related_name="suggestions"
    )
    run = models.ForeignKey(
        ActionRun, null=True, blank=True, on_delete=models.SET_NULL, related_name="suggestions"
    )
    answer: Any = models.JSONField(null=True, blank=True)
    verdict: Any = models.JSONField(
        null=True, blank=True, help_text="{verdict, issues, strengths} of a draft."
    )
    failed = models.TextField(blank=True, help_text="Why there is no answer, in a sentence.")
    llm_model = models.CharField(max_length=200)
    prompt_version = models.CharField(max_length=80)
    tokens_in = models.PositiveIntegerField(default=0)
    tokens_out = models.PositiveIntegerField(default=0)
    when = models.DateTimeField(default=timezone.now)
    asked_by = models.CharField(max_length=150)
    used_at = models.DateTimeField(null=True, blank=True)
    used_by = models.CharField(max_length=150, blank=True)

    objects = SuggestionQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["math_model", "task", "-id"])]

    def __str__(self) -> str:
        return f"{self.get_task_display()} for {self.math_model or self.initiative}"

    def mark_used(self, by: str) -> None:
        self.used_at, self.used_by = timezone.now(), by
        self.save(update_fields=["used_at", "used_by"])


class TokenDay(models.Model):
    """The tokens of one day (UTC): what calls under way may still take, and what finished ones took."""

    day = models.DateField(unique=True)
    reserved = models.PositiveBigIntegerField(default=0)
    used = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.used:,} tokens on {self.day}"

    @classmethod
    def today(cls) -> TokenDay:
        return cls.objects.get_or_create(day=timezone.now().date())[0]

    def reserve(self, tokens: int) -> bool:
        """Set ``tokens`` aside, if LLM_DAILY_TOKEN_CAP allows. One UPDATE: no two calls share a rest."""
        fits = TokenDay.objects.filter(pk=self.pk)
        if settings.LLM_DAILY_TOKEN_CAP:
            fits = fits.filter(reserved__lte=settings.LLM_DAILY_TOKEN_CAP - tokens - F("used"))
        return bool(fits.update(reserved=F("reserved") + tokens))

    def settle(self, reserved: int, used: int) -> None:
        """Turn a reservation into what was really used."""
        mine = TokenDay.objects.filter(pk=self.pk)
        mine.update(reserved=F("reserved") - reserved, used=F("used") + used)


class OrganisationContext(models.Model):
    """What the LLM is told about the organisation. Every save is a row of its own: the newest counts."""

    text = models.TextField(blank=True)
    when = models.DateTimeField(default=timezone.now)
    who = models.CharField(max_length=150)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"Context by {self.who}, {self.when:%Y-%m-%d %H:%M}"

    @classmethod
    def current(cls) -> OrganisationContext | None:
        return cls.objects.first()
