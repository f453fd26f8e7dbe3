"""The pages for people keep up with the code."""

import re

import pytest
from django.conf import settings
from django.core.management import get_commands

OURS = ("portfolio", "initiatives", "metrics", "scoring", "optimization", "home")


def text(path: str) -> str:
    return (settings.BASE_DIR / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("command", [name for name, app in get_commands().items() if app.startswith(OURS)])
def test_the_cheat_sheet_has_every_command(command: str) -> None:
    assert re.search(rf"`{command}[ `]", text("docs/operations.md"))


@pytest.mark.parametrize("target", re.findall(r"^([a-z]+):.* ## ", text("Makefile"), re.MULTILINE))
def test_the_cheat_sheet_has_every_make_target(target: str) -> None:
    assert target == "help" or f"`make {target}`" in text("docs/operations.md")


def test_the_readme_has_every_environment_variable() -> None:
    read = re.findall(r'env\.\w+\("(\w+)"', text("portfolio/environment.py"))
    assert read
    assert [name for name in read if f"`{name}`" not in text("README.md")] == []


@pytest.mark.parametrize("page", ["README.md", "docs/operations.md"])
def test_links_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)h][^)]*)\)", text(page)):
        assert (settings.BASE_DIR / page).parent.joinpath(target).exists(), target
