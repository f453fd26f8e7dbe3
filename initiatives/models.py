"""Initiatives and the submissions they come from."""

from __future__ import annotations

import re
from typing import Any

from django.db import models, transaction
from django.db.models import F

from portfolio.tabs.models import LIVE, SoftDeleted


class Lifecycle(models.TextChoices):
    NEW = "new", "New"
    NEEDS_INFO = "needs_info", "Needs info"
    UNDER_REVIEW = "under_review", "Under review"
    READY_FOR_ESTIMATE = "ready_for_estimate", "Ready for estimate"
    APPROVED = "approved", "Approved"
    SCHEDULED = "scheduled", "Scheduled"
    IN_PROGRESS = "in_progress", "In progress"
    DONE = "done", "Done"
    REJECTED = "rejected", "Rejected"
    ARCHIVED = "archived", "Archived"


class Size(models.TextChoices):
    XS = "XS", "XS"
    S = "S"
    M = "M"
    L = "L"
    XL = "XL", "XL"


class Risk(models.TextChoices):
    LOW = "low", "Low"
    MEDIUM = "medium", "Medium"
    HIGH = "high", "High"


class ScopeMode(models.TextChoices):
    FULL = "full", "Full scope"
    MVP = "mvp", "MVP only"
    AUTO = "auto", "Let the optimizer choose"


class KeySequence(models.Model):
    """The last number given to an initiative. It only grows, so a key is never reused."""

    last = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"last key {self.last}"

    @classmethod
    @transaction.atomic
    def take(cls, count: int) -> list[str]:
        """The next ``count`` keys: INIT-000001 …"""
        cls.objects.get_or_create(pk=1)
        cls.objects.filter(pk=1).update(last=F("last") + count)
        last = cls.objects.get(pk=1).last
        return [f"INIT-{number:06d}" for number in range(last - count + 1, last + 1)]

    @classmethod
    def pass_by(cls, keys: list[str]) -> None:
        """Never give out ``keys``, which a migration brought along."""
        numbers = [int(found[1]) for key in keys if (found := re.fullmatch(r"INIT-0*(\d{1,15})", key, re.I))]
        if numbers:
            cls.objects.get_or_create(pk=1)
            cls.objects.filter(pk=1, last__lt=max(numbers)).update(last=max(numbers))


def text(**options: Any) -> models.CharField:
    return models.CharField(max_length=255, blank=True, **options)


def prose() -> models.TextField:
    return models.TextField(blank=True)


def amount(**options: Any) -> models.FloatField:
    return models.FloatField(null=True, blank=True, **options)


class Initiative(SoftDeleted):
    """One row of the Central Backlog."""

    initiative_key = models.CharField(max_length=64)
    title = text()
    lifecycle_status = models.CharField(max_length=20, choices=Lifecycle.choices, default=Lifecycle.NEW)
    requesting_team = text()
    requester_name = text()
    requester_email = text()
    country = text()
    market = text()
    department = text()
    category = text()
    product_area = text()
    program_key = text()
    customer_segment = text()
    problem_statement = prose()
    hypothesis = prose()
    llm_summary = prose()
    strategic_priority_coefficient = models.FloatField(default=1)
    risk_level = models.CharField(max_length=10, choices=Risk.choices, blank=True)
    effort_tshirt_size = models.CharField(max_length=2, choices=Size.choices, blank=True)
    effort_engineering_days = amount()
    effort_other_teams_days = amount()
    infra_cost_estimate = amount()
    engineering_tokens = amount()
    engineering_tokens_mvp = amount()
    mvp_value_share = amount()
    scope_mode = models.CharField(max_length=4, choices=ScopeMode.choices, default=ScopeMode.FULL)
    deadline_date = models.DateField(null=True, blank=True)
    earliest_start_date = models.DateField(null=True, blank=True)
    latest_finish_date = models.DateField(null=True, blank=True)
    time_sensitivity_score = amount()
    dependencies_others = prose()
    is_optimization_candidate = models.BooleanField(default=False)
    candidate_period_key = models.CharField(max_length=20, blank=True, db_index=True)

    class Meta:
        ordering = ["initiative_key"]
        constraints = [
            # Of deleted rows too: a key is never reused.
            models.UniqueConstraint(fields=["initiative_key"], name="initiative_key_once"),
        ]

    def __str__(self) -> str:
        return f"{self.initiative_key} {self.title}".strip()


class Submission(SoftDeleted):
    """One row of an Intake sheet: what a department asked for, in its own words."""

    sheet = text(help_text="The department's sheet it came from; blank for the web form.")
    title = text()
    requesting_team = text()
    requester_name = text()
    requester_email = text()
    department = text()
    country = text()
    product_area = text()
    problem_statement = prose()
    hypothesis = prose()
    deadline_date = models.DateField(null=True, blank=True)
    effort_tshirt_size = models.CharField(max_length=2, choices=Size.choices, blank=True)
    initiative = models.ForeignKey(
        Initiative, null=True, blank=True, on_delete=models.PROTECT, related_name="submissions"
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative"], condition=LIVE, name="one_live_submission_per_initiative"
            ),
        ]

    def __str__(self) -> str:
        return self.title or "Untitled submission"
