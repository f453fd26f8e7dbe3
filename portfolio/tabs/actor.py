"""Who acts, and what their roles let them do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

VIEWER, PM, ANALYTICS, FINANCE, ENGINEERING, ADMIN = (
    "Viewer",
    "PM",
    "Analytics",
    "Finance",
    "Engineering",
    "Admin",
)
ROLES = (VIEWER, PM, ANALYTICS, FINANCE, ENGINEERING, ADMIN)


@dataclass(frozen=True)
class Actor:
    """A person, the command line, the backend or the LLM, with the roles that count for it.

    ``regenerates``: asked for a new draft, the LLM may replace what it wrote last itself.
    """

    name: str
    roles: frozenset[str] = frozenset()
    user: Any = field(default=None, compare=False)
    is_llm: bool = False
    regenerates: bool = False

    @classmethod
    def of(cls, user: Any) -> Actor:
        """The signed-in ``user``: group names are roles, a superuser is an Admin."""
        roles = set(user.groups.values_list("name", flat=True)) & set(ROLES)
        if user.is_superuser:
            roles.add(ADMIN)
        return cls(user.get_username(), frozenset(roles), user)

    @classmethod
    def command_line(cls) -> Actor:
        return cls("command line", frozenset({ADMIN}))

    @classmethod
    def llm(cls, regenerates: bool = False) -> Actor:
        return cls("LLM", is_llm=True, regenerates=regenerates)

    def has(self, *roles: str) -> bool:
        return not self.roles.isdisjoint(roles)
