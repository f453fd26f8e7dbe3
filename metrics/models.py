"""The KPI universe, and what each initiative brings to it."""

from __future__ import annotations

from django.db import models

from initiatives.models import Initiative
from portfolio.tabs.models import LIVE, SoftDeleted, Tracked


class Level(models.TextChoices):
    NORTH_STAR = "north_star", "North star"
    STRATEGIC = "strategic", "Strategic"
    OPERATIONAL = "operational", "Operational"


class Metric(SoftDeleted):
    """One KPI. North star and strategic KPIs are contribution targets; operational ones are chain links."""

    kpi_key = models.CharField(max_length=100)
    kpi_name = models.CharField(max_length=255, blank=True)
    kpi_level = models.CharField(max_length=12, choices=Level.choices, default=Level.STRATEGIC)
    unit = models.CharField(max_length=60, blank=True)
    description = models.TextField(blank=True)
    is_active = models.BooleanField(default=True)
    notes = models.TextField(blank=True)

    class Meta:
        # The north star first, then the strategic KPIs in the order in which they were listed.
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["kpi_key"], condition=LIVE, name="kpi_key_once")]

    def __str__(self) -> str:
        return self.kpi_key

    @property
    def name(self) -> str:
        return self.kpi_name or self.kpi_key

    @classmethod
    def targets(cls) -> list[Metric]:
        """Active north star and strategic KPIs: what an initiative may contribute to, north star first."""
        found = list(cls.objects.filter(is_active=True, kpi_level__in=[Level.NORTH_STAR, Level.STRATEGIC]))
        return sorted(found, key=lambda metric: metric.kpi_level != Level.NORTH_STAR)


#: The percentiles that an uncertain contribution carries.
PERCENTILES = ("p10", "p50", "p90")


class Contributions(Tracked):
    """An initiative's contributions by KPI key, native units: as computed, and as overridden by a person."""

    initiative = models.OneToOneField(Initiative, on_delete=models.CASCADE, related_name="contributions")
    override = models.JSONField(null=True, blank=True)
    override_reason = models.TextField(blank=True)
    computed = models.JSONField(null=True, blank=True)
    computed_at = models.DateTimeField(null=True, blank=True)
    spread = models.JSONField(
        null=True,
        blank=True,
        help_text="By KPI key, of the computed values that are uncertain: {p10, p50, p90}, native units.",
    )

    class Meta:
        verbose_name_plural = "contributions"

    def __str__(self) -> str:
        return f"Contributions of {self.initiative.initiative_key}"

    @property
    def effective(self) -> dict[str, float]:
        """What counts: a person's override where there is one, else the computed value."""
        return {**(self.computed or {}), **(self.override or {})}

    def percentile(self, name: str) -> dict[str, float]:
        """``p10``, ``p50`` or ``p90`` of what counts. A certain value, as an override is, is all three."""
        drawn = {kpi: said[name] for kpi, said in (self.spread or {}).items()}
        return {**(self.computed or {}), **drawn, **(self.override or {})}
