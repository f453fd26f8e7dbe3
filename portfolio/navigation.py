"""What every page shows around its content: the tabs of each workbook, the pages beside them, who is here."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest

THEMES = ("auto", "light", "dark")
DENSITIES = ("compact", "normal", "roomy")


@dataclass(frozen=True)
class Link:
    """One line of the left navigation. ``icon`` is of static/icons.svg; no ``roles``: everybody."""

    title: str
    url: str
    icon: str = "table"
    staff_only: bool = False
    roles: frozenset[str] = frozenset()

    def is_for(self, user: Any) -> bool:
        from portfolio.tabs.actor import Actor  # as below

        if self.staff_only and not user.is_staff:
            return False
        return not self.roles or Actor.of(user).has(*self.roles)

    def is_current(self, path: str) -> bool:
        return path == self.url or (self.url != "/" and path.startswith(self.url))


@dataclass(frozen=True)
class Group:
    """Links under a heading; the first and the last group of the navigation have none."""

    title: str
    links: list[Link] = field(default_factory=list)


_top = [Link("Home", "/", "home")]
_bottom = [Link("Actions", "/actions/", "activity"), Link("Admin", "/admin/", "admin", staff_only=True)]
_beside: dict[str, list[Link]] = defaultdict(list)


def register(link: Link, workbook: str = "") -> None:
    """Put a page of an app below the tabs of ``workbook``, or below all of them, above Admin.

    Call it from ``AppConfig.ready``.
    """
    if workbook:
        _beside[workbook].append(link)
    else:
        _bottom.insert(-1, link)


def _workbooks(user: Any) -> list[Group]:
    from portfolio.tabs import registry  # tabs import models, this module is loaded with the settings

    groups: dict[str, Group] = {}
    for tab in registry.tabs():
        group = groups.setdefault(tab.workbook, Group(registry.WORKBOOKS[tab.workbook]))
        group.links.append(Link(tab.title, f"/tabs/{tab.name}/"))
    for workbook, links in _beside.items():
        groups[workbook].links.extend(link for link in links if link.is_for(user))
    return list(groups.values())


def _groups(user: Any) -> list[Group]:
    below = [link for link in _bottom if link.is_for(user)]
    return [Group("", _top), *_workbooks(user), Group("", below)]


def _preference(request: HttpRequest, name: str, allowed: tuple[str, ...], default: str) -> str:
    chosen = request.COOKIES.get(name, default)
    return chosen if chosen in allowed else default


def navigation(request: HttpRequest) -> dict:
    """Template context: ``navigation`` (groups of links), ``crumbs`` and the person's display preferences.

    The preferences are cookies rather than local storage so that the first paint already has them.
    """
    context = {
        "theme": _preference(request, "theme", THEMES, "auto"),
        "themes": THEMES,
        "density": _preference(request, "density", DENSITIES, "normal"),
        "densities": DENSITIES,
        "nav_state": _preference(request, "nav", ("open", "closed"), ""),
    }
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return context
    groups = _groups(user)
    here = [(group, link) for group in groups for link in group.links if link.is_current(request.path)]
    return {
        **context,
        "navigation": groups,
        "current_group": here[0][0] if here else None,
        "current_link": here[0][1] if here else None,
        "roles": [group.name for group in user.groups.all()],
    }
