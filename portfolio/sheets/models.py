"""Which spreadsheets Lodestar keeps in step, what both sides last agreed on, and where they disagree."""

from __future__ import annotations

import json
import uuid
import zlib
from collections import Counter
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from portfolio.tabs import registry
from portfolio.tabs.columns import Column
from portfolio.tabs.models import GuardedQuerySet
from portfolio.tabs.tab import Tab

LEASE = timedelta(minutes=6)  # longer than any call takes; who was killed frees it by itself
SPREADSHEET_ID = RegexValidator(
    r"^[A-Za-z0-9_-]{20,100}$",
    "Paste the id only: the long part of the address between /d/ and /edit, letters, digits, - and _.",
)


class SheetLinkQuerySet(models.QuerySet["SheetLink"]):
    def enabled(self) -> SheetLinkQuerySet:
        return self.filter(is_enabled=True)

    def changed_on_drive(self, spreadsheet_ids: set[str]) -> None:
        self.filter(spreadsheet_id__in=spreadsheet_ids).update(changes_seen=F("changes_seen") + 1)


class SheetLink(models.Model):
    """One Google spreadsheet that holds one workbook; ``intake`` may have several, one per department."""

    workbook = models.CharField(max_length=40, choices=list(registry.WORKBOOKS.items()))
    spreadsheet_id = models.CharField(
        "spreadsheet id", max_length=100, unique=True, validators=[SPREADSHEET_ID]
    )
    name = models.CharField(
        max_length=80, blank=True, help_text="For intake: the department whose sheet it is."
    )
    title = models.CharField(max_length=200, blank=True, editable=False, help_text="As Google says.")
    is_enabled = models.BooleanField(
        "in step", default=True, help_text="Unticked: nothing is read or written."
    )
    site = models.URLField(
        blank=True, editable=False, help_text="Where links in the spreadsheet lead back to."
    )
    created = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.CharField(max_length=150, blank=True, editable=False)

    lease = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    changes_seen = models.PositiveBigIntegerField(default=0, editable=False)
    changes_taken = models.PositiveBigIntegerField(null=True, editable=False)
    revisions = models.JSONField(default=dict, editable=False, help_text="Of its tabs, at the last sync.")
    synced = models.DateTimeField("last sync", null=True, editable=False)
    problem = models.TextField(blank=True, editable=False, help_text="Why the last sync failed.")

    objects = SheetLinkQuerySet.as_manager()

    class Meta:
        ordering = ["workbook", "name", "pk"]

    def __str__(self) -> str:
        return f"{registry.WORKBOOKS[self.workbook]}{f' · {self.name}' if self.name else ''}"

    def get_absolute_url(self) -> str:
        return reverse("sheet-link", args=[self.pk])

    def clean(self) -> None:
        """Only workbooks whose rows are told apart by their sheet may be spread over several spreadsheets."""
        others = SheetLink.objects.filter(workbook=self.workbook).exclude(pk=self.pk)
        title = registry.WORKBOOKS.get(self.workbook, self.workbook)
        if not any(tab.many_sheets for tab in self.tabs()):
            if others.exists():
                raise ValidationError(f"{title} is linked to a spreadsheet already. Remove that link first.")
        elif others.filter(name__iexact=self.name).exists():
            said = f"is called “{self.name}” already" if self.name else "has no name either"
            raise ValidationError({"name": f"Another {title} sheet {said}. Name each by its department."})

    @property
    def address(self) -> str:
        return f"https://docs.google.com/spreadsheets/d/{self.spreadsheet_id}/edit"

    # The lease: one sync at a time per spreadsheet, whoever runs it. ------------------------------------

    def take_lease(self) -> uuid.UUID | None:
        """A fresh lease, or None while another sync holds one."""
        token = uuid.uuid4()
        free = Q(lease=None) | Q(lease_until__lt=timezone.now())
        mine = SheetLink.objects.filter(free, pk=self.pk)
        return token if mine.update(lease=token, lease_until=timezone.now() + LEASE) else None

    def renew_lease(self, token: uuid.UUID) -> bool:
        """Whether the lease still stands. Inside a transaction it also fences what the sync writes."""
        mine = SheetLink.objects.filter(pk=self.pk, lease=token)
        return bool(mine.update(lease_until=timezone.now() + LEASE))

    def free_lease(self, token: uuid.UUID) -> None:
        SheetLink.objects.filter(pk=self.pk, lease=token).update(lease=None, lease_until=None)

    # Whether there is anything to do --------------------------------------------------------------------

    @property
    def changed_there(self) -> bool:
        """Whether the spreadsheet may say something new since it was last read."""
        return self.changes_taken is None or self.changes_seen > self.changes_taken

    @property
    def totals(self) -> Counter[str]:
        """What the last sync did in all its sheets together."""
        return sum((linked.counted for linked in self.linked_tabs.all()), Counter[str]())

    @property
    def left_alone(self) -> int:
        """How many of its sheets were."""
        return sum(linked.left_alone for linked in self.linked_tabs.all())

    @property
    def unconfirmed(self) -> int:
        """How many of its sheets wait for somebody to look at what their first sync would do."""
        return sum(not linked.confirmed for linked in self.linked_tabs.all())

    def look_again(self) -> None:
        """Let the next sync read the spreadsheet, edited or not: a person settled something here."""
        SheetLink.objects.filter(pk=self.pk).update(changes_taken=None)

    def tabs(self) -> list[Tab]:
        return registry.tabs(self.workbook)

    def linked_names(self) -> set[str]:
        """The tabs of which it has sheets."""
        return set(self.linked_tabs.values_list("tab_name", flat=True))


class LinkedTab(models.Model):
    """One sheet (Google's gid) of a linked spreadsheet, and the tab whose rows it holds."""

    link = models.ForeignKey(SheetLink, on_delete=models.CASCADE, related_name="linked_tabs")
    tab_name = models.CharField(max_length=40)
    sheet_id = models.BigIntegerField(
        help_text="Google's own number of the sheet: a new title changes nothing."
    )
    title = models.CharField(max_length=200)
    confirmed = models.DateTimeField(null=True, help_text="When a person let the first sync happen.")
    confirmed_by = models.CharField(max_length=150, blank=True)
    takes_losses = models.BooleanField(
        default=False, help_text="A person said that the rows missing in the sheet are meant to be missing."
    )
    renamed_to = models.CharField(
        max_length=200,
        blank=True,
        help_text="Its title now, where that is no longer the one it was linked by.",
    )
    status = models.TextField(blank=True, help_text="Why it was left alone, or what is worth knowing.")
    left_alone = models.BooleanField(default=False)
    counts = models.JSONField(default=dict, help_text="What the last sync did: pulled, pushed, …")
    columns = models.JSONField(default=list, help_text="Those of the tab that the sheet had last.")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["link", "sheet_id"], name="one_linked_tab_per_sheet"),
        ]

    def __str__(self) -> str:
        return f"{self.link}: {self.title}"

    @property
    def tab(self) -> Tab:
        return registry.tab(self.tab_name)

    @property
    def address(self) -> str:
        return f"{self.link.address}#gid={self.sheet_id}"

    @property
    def counted(self) -> Counter[str]:
        """``counts``, with 0 for what did not happen."""
        return Counter(self.counts)

    def note_columns(self, names: list[str]) -> None:
        """The sheet has these. One that it lacked until now says nothing by its blank cells."""
        if names != self.columns:
            self.columns = names
            self.save(update_fields=["columns"])

    @property
    def missing_rows(self) -> int:
        """Rows that both sides had and the sheet lost, where it lost so many that it was left alone."""
        return self.counted["lost"] if self.left_alone else 0

    def confirm(self, who: str) -> None:
        """A person has seen the preview and lets the first sync happen."""
        self.confirmed, self.confirmed_by = timezone.now(), who
        self.save(update_fields=["confirmed", "confirmed_by"])

    def note(self, counts: dict[str, int], status: str, left_alone: bool) -> None:
        """What the last sync did. Losses are believed until they are settled, not for ever."""
        self.counts, self.status, self.left_alone = counts, status, left_alone
        self.takes_losses = self.takes_losses and (left_alone or self.counted["lost"] > 0)
        self.save(update_fields=["counts", "status", "left_alone", "takes_losses"])

    def take_losses(self) -> None:
        """The rows missing in the sheet are meant to be gone: the next sync believes it."""
        self.takes_losses = True
        self.save(update_fields=["takes_losses"])
        self.link.look_again()

    def take_title(self) -> None:
        """It is still the sheet that was linked, under another title."""
        self.title, self.renamed_to = self.renamed_to, ""
        self.save(update_fields=["title", "renamed_to"])
        self.link.look_again()


class SyncedRow(models.Model):
    """What a row said when sheet and database last agreed: the base of the three-way merge.

    ``cells`` holds canonical JSON values by column, ``key`` the key as the sheet had it.
    """

    linked_tab = models.ForeignKey(LinkedTab, on_delete=models.CASCADE, related_name="rows")
    row = models.BigIntegerField()
    key = models.JSONField(default=list)
    cells = models.JSONField(default=dict)

    objects = models.Manager.from_queryset(GuardedQuerySet)()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["linked_tab", "row"], name="one_base_per_row")]

    def __str__(self) -> str:
        return f"{self.linked_tab} {self.key}"


class ConflictQuerySet(models.QuerySet["Conflict"]):
    def open(self) -> ConflictQuerySet:
        return self.filter(closed=None)

    def waiting(self) -> ConflictQuerySet:
        """Those that a person has to resolve."""
        return self.open().exclude(kind=Conflict.Kind.DISCARDED)


class Conflict(models.Model):
    """A difference that no rule may settle: both values are kept until a person chooses.

    ``mine`` is Lodestar's value, ``theirs`` the sheet's or the file's, ``base`` what they last agreed on.
    Of a whole row they hold its cells by column.
    """

    class Kind(models.TextChoices):
        CELL = "cell", "Changed on both sides"
        LOST = "lost", "Gone from the sheet"
        DELETED = "deleted", "Deleted in Lodestar"
        DISCARDED = "discarded", "Typed where Lodestar fills in"

    class Choice(models.TextChoices):
        MINE = "mine", "Lodestar's"
        THEIRS = "theirs", "The sheet's"
        AGREED = "agreed", "They agree by now"

    linked_tab = models.ForeignKey(LinkedTab, on_delete=models.CASCADE, null=True, related_name="conflicts")
    export = models.ForeignKey("Export", on_delete=models.CASCADE, null=True, related_name="conflicts")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.CELL)
    tab_name = models.CharField(max_length=40)
    row = models.BigIntegerField(null=True)
    key = models.CharField(max_length=400, blank=True)
    column = models.CharField(max_length=80, blank=True)
    place = models.CharField(max_length=120, blank=True, help_text="The cell, like Backlog!C7.")
    base = models.JSONField(null=True)
    mine = models.JSONField(null=True)
    theirs = models.JSONField(null=True)
    who = models.CharField(max_length=150, blank=True, help_text="Who changed it in Lodestar.")
    when = models.DateTimeField(null=True, help_text="When they did.")
    who_there = models.CharField(max_length=150, blank=True)
    seen = models.DateTimeField(default=timezone.now)
    closed = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=150, blank=True)
    choice = models.CharField(max_length=8, choices=Choice.choices, blank=True)

    objects = ConflictQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["linked_tab", "closed"])]
        constraints = [
            models.UniqueConstraint(
                fields=["linked_tab", "row", "column", "kind"],
                condition=Q(closed=None, linked_tab__isnull=False) & ~Q(kind="discarded"),
                name="one_open_conflict_per_cell",
            )
        ]

    def __str__(self) -> str:
        return f"{self.tab_name} {self.key} {self.column}"

    @property
    def tab(self) -> Tab:
        return registry.tab(self.tab_name)

    @property
    def declared(self) -> Column | None:
        """The column it is about; None for a whole row, and for a column that is gone since then."""
        try:
            return self.tab.column(self.column)
        except KeyError:
            return None

    @property
    def address(self) -> str:
        """Where the cell (or row) is in Google Sheets; nothing for a file."""
        if self.linked_tab is None:
            return ""
        _, mark, cell = self.place.rpartition("!")
        spot = f"{cell}:{cell}" if cell.isdigit() else cell
        return f"{self.linked_tab.address}&range={spot}" if mark else self.linked_tab.address

    @property
    def stamp(self) -> str:
        """Changes with what the sides say, so that nobody settles what they have not seen."""
        said = json.dumps([self.base, self.mine, self.theirs], sort_keys=True)
        return f"{zlib.crc32(said.encode()):08x}"

    def close(self, choice: str, who: str) -> None:
        self.closed, self.closed_by, self.choice = timezone.now(), who, choice
        self.save(update_fields=["closed", "closed_by", "choice"])


class DriveCursor(models.Model):
    """How far Drive's list of changes was read; one for all spreadsheets."""

    page_token = models.CharField(max_length=100)
    checked = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.page_token


class Export(models.Model):
    """What a workbook said when it was exported as a file: the base its return is merged against."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    workbook = models.CharField(max_length=40)
    who = models.CharField(max_length=150)
    when = models.DateTimeField(default=timezone.now)
    packed = models.BinaryField(help_text="{tab: {columns: […], rows: [[pk, cell, …], …]}} as packed JSON.")

    class Meta:
        indexes = [models.Index(fields=["when"])]

    def __str__(self) -> str:
        return f"{self.workbook} by {self.who}"

    def pack(self, tabs: dict[str, Any]) -> None:
        self.packed = zlib.compress(json.dumps(tabs, ensure_ascii=False).encode(), 6)

    def unpack(self) -> dict[str, Any]:
        unpacked: dict[str, Any] = json.loads(zlib.decompress(self.packed))
        return unpacked
