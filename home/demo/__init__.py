"""The demo organisation: Kobbel, an invented company that runs parcel lockers in six European markets."""

from __future__ import annotations

#: Who loads it, in the history of every value.
LOADED_BY = "Lodestar demo"

#: Good enough for a database on which there is nothing to protect; ``load_demo`` refuses any other.
PASSWORD = "parcel-locker"  # noqa: S105

#: username → role, first and last name
PEOPLE = {
    "astrid": ("Admin", "Astrid", "Holm"),
    "mira": ("PM", "Mira", "Kessler"),
    "arjun": ("Analytics", "Arjun", "Mehta"),
    "claire": ("Finance", "Claire", "Dubois"),
    "katrin": ("Engineering", "Katrin", "Aho"),
    "bram": ("Viewer", "Bram", "Peeters"),
}


def is_loaded() -> bool:
    """Whether this database holds the demo organisation."""
    from portfolio.tabs.models import Batch

    return Batch.objects.filter(who=LOADED_BY).exists()


def logins() -> list[tuple[str, str, str]]:
    """``(username, password, role)`` of everyone in the demo; nothing on any other database."""
    return [(name, PASSWORD, role) for name, (role, *_) in PEOPLE.items()] if is_loaded() else []
