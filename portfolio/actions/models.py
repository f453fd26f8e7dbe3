"""The ledger of long jobs. Its rows are the truth; a message on the broker is only a hint to look here."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from portfolio.actions import registry
from portfolio.tabs.actor import ADMIN, Actor

NOTICED_WITHIN = timedelta(seconds=10)
ENDED_WITHIN = timedelta(seconds=20)


class Status(models.TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


LONGEST_KEY = 200
ACTIVE = (Status.QUEUED, Status.RUNNING)


class ActionRunQuerySet(models.QuerySet["ActionRun"]):
    def active(self) -> ActionRunQuerySet:
        return self.filter(status__in=ACTIVE)

    def held(self, run: ActionRun) -> ActionRunQuerySet:
        """``run``, if its claim still stands: running, and with the token it was claimed with."""
        return self.filter(pk=run.pk, status=Status.RUNNING, token=run.token)

    def enqueue(self, actor: Actor, action: str, *, idempotency_key: str = "", **values: Any) -> ActionRun:
        """A new queued run, or the active one of the same action and key (a double click)."""
        values |= {"action": action, "actor": actor.user, "actor_name": actor.name}
        try:
            with transaction.atomic():
                return self.create(idempotency_key=idempotency_key, **values)
        except IntegrityError:
            twin = self.active().filter(action=action, idempotency_key=idempotency_key).first()
            # No twin: it finished between the two statements, so the key is free again.
            return twin or self.create(idempotency_key=idempotency_key, **values)

    def claim(self, action_id: uuid.UUID | str, allowed: timedelta) -> ActionRun | None:
        """Queued → running with a fresh token, in one UPDATE; ``None`` when someone else was first.

        ``allowed`` counts from the first start: a run requeued after a loss gets no extra time.
        """
        now, token = timezone.now(), uuid.uuid4()
        claimed = self.filter(action_id=action_id, status=Status.QUEUED).update(
            status=Status.RUNNING,
            token=token,
            heartbeat=now,
            started=Coalesce("started", now, output_field=models.DateTimeField()),
            deadline=Coalesce("deadline", now + allowed, output_field=models.DateTimeField()),
        )
        return self.get(token=token) if claimed else None


class ActionRun(models.Model):
    """One request for a long job: what was asked, by whom, how far it is, how it ended."""

    action_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    action = models.CharField(max_length=80)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.QUEUED)
    # PROTECT: every change must stay attributable, and a job must never lose whose rights it runs with.
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    actor_name = models.CharField(max_length=150)
    scope = models.JSONField(encoder=DjangoJSONEncoder)
    options = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    idempotency_key = models.CharField(max_length=LONGEST_KEY, blank=True)
    inline = models.BooleanField(default=False, help_text="Ran inside a command, so no worker may repeat it.")

    token = models.UUIDField(null=True, unique=True, help_text="Changes with every claim.")
    heartbeat = models.DateTimeField(null=True)
    losses = models.PositiveSmallIntegerField(default=0)
    deadline = models.DateTimeField(null=True)

    progress_done = models.PositiveIntegerField(default=0)
    progress_total = models.PositiveIntegerField(default=0)
    progress_text = models.CharField(max_length=200, blank=True)
    result = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    error = models.TextField(blank=True, help_text="Why it ended without success, in a sentence.")

    created = models.DateTimeField(default=timezone.now)
    sent = models.DateTimeField(default=timezone.now, help_text="When the broker was last told.")
    started = models.DateTimeField(null=True)
    finished = models.DateTimeField(null=True)

    objects = ActionRunQuerySet.as_manager()

    class Meta:
        ordering = ["-created", "-pk"]
        indexes = [models.Index(fields=["status", "-created"])]
        constraints = [
            models.UniqueConstraint(
                fields=["action", "idempotency_key"],
                condition=Q(status__in=[*ACTIVE]) & ~Q(idempotency_key=""),
                name="one_active_run_per_key",
            )
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.action_id}"

    def get_absolute_url(self) -> str:
        return reverse("action", args=[self.action_id])

    @property
    def title(self) -> str:
        known = registry.actions.get(self.action)
        return known.title if known else self.action

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE

    @property
    def keys(self) -> list[str] | None:
        """The keys asked for; ``None`` means all."""
        return self.scope["keys"] if self.scope["type"] == "keys" else None

    @property
    def seconds(self) -> float | None:
        """How long it has been at work, or was."""
        return ((self.finished or timezone.now()) - self.started).total_seconds() if self.started else None

    @property
    def is_left_waiting(self) -> bool:
        """Whether it is queued for longer than a free worker takes to notice."""
        return self.status == Status.QUEUED and timezone.now() - self.created > NOTICED_WITHIN

    @property
    def is_ending(self) -> bool:
        """Whether it was cancelled a moment ago, and its job has yet to say what it leaves."""
        if self.status != Status.CANCELLED or self.started is None or self.finished is None or self.result:
            return False
        return timezone.now() - self.finished < ENDED_WITHIN

    def may_be_cancelled_by(self, actor: Actor) -> bool:
        is_own = self.actor is not None and self.actor == actor.user
        return self.is_active and (is_own or actor.has(ADMIN))

    # What happens to a run. Each verb is one conditional UPDATE and says whether it took effect. ----------

    def beat(self, **values: Any) -> bool:
        """Shows the claim is alive (and how far the work is). Inside a transaction it also fences it."""
        return bool(ActionRun.objects.held(self).update(heartbeat=timezone.now(), **values))

    def finish(self, status: Status, result: dict, error: str = "") -> bool:
        return bool(
            ActionRun.objects.held(self).update(
                status=status, result=result, error=error, finished=timezone.now()
            )
        )

    def cancel(self, by: str) -> bool:
        """Ends it at once: whoever still works on it can no longer commit anything."""
        mine = ActionRun.objects.active().filter(pk=self.pk)
        return bool(
            mine.update(status=Status.CANCELLED, error=f"Cancelled by {by}.", finished=timezone.now())
        )

    def requeue(self) -> bool:
        """Takes the claim from a worker that was lost; the next claim gets a fresh token."""
        return bool(
            ActionRun.objects.held(self).update(
                status=Status.QUEUED, token=None, losses=self.losses + 1, sent=timezone.now()
            )
        )

    def note_rows(self, rows: Iterable[tuple[str, str, str]]) -> None:
        """Keeps ``(key, status, message)`` per row; a later word about the same key replaces the first."""
        noted = [ActionRow(run=self, key=key, status=status, message=text) for key, status, text in rows]
        ActionRow.objects.bulk_create(
            noted,
            batch_size=500,
            update_conflicts=True,
            unique_fields=["run", "key"],
            update_fields=["status", "message"],
        )

    def counted(self) -> dict[str, int]:
        """``{rows, changed, skipped, failed}`` from the per-row statuses."""
        counts = dict(self.rows.values_list("status").annotate(n=models.Count("pk")).order_by())
        return {
            "rows": sum(counts.values()),
            **{status: counts.get(status, 0) for status in ("changed", "skipped", "failed")},
        }


class ActionRow(models.Model):
    """What became of one row of a run."""

    class Status(models.TextChoices):
        CHANGED = "changed"
        UNCHANGED = "unchanged"
        SKIPPED = "skipped"
        FAILED = "failed"

    run = models.ForeignKey(ActionRun, on_delete=models.CASCADE, related_name="rows")
    key = models.CharField(max_length=200)
    status = models.CharField(max_length=10, choices=Status.choices)
    message = models.TextField(blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["run", "key"], name="one_status_per_row")]

    def __str__(self) -> str:
        return f"{self.key}: {self.status}"


class Pulse(models.Model):
    """When the worker and the sweeper were last seen alive."""

    name = models.CharField(max_length=20, primary_key=True)
    seen = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.seen:%H:%M:%S}"

    @classmethod
    def beat(cls, name: str) -> None:
        cls.objects.update_or_create(name=name, defaults={"seen": timezone.now()})

    @classmethod
    def seen_since(cls, name: str, moment: datetime) -> bool:
        return cls.objects.filter(name=name, seen__gte=moment).exists()
