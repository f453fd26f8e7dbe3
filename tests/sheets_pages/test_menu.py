"""The menu script of docs/sheets.md, as it is printed there, in a browser that stands for Apps Script."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Page
from rest_framework.authtoken.models import Token

from portfolio.actions.models import ActionRun

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PRINTED = (settings.BASE_DIR / "docs/sheets.md").read_text()
(SCRIPT,) = re.findall(r"```js\n(.*?)```", PRINTED, re.DOTALL)
#: What Google provides; a request waits for its answer, as theirs does.
APPS_SCRIPT = """
const said = [], rows = sheet.rows;
const part = (cells, from, count) => cells.slice(from - 1, from - 1 + count);
const range = (row, column, high, wide) =>
  ({getValues: () => part(rows, row, high).map(cells => part(cells, column, wide))});
const SpreadsheetApp = {
  getActive: () => ({toast: (text, title) => said.push(title + ': ' + text)}),
  getActiveSheet: () => ({
    getName: () => sheet.name, getRange: range, getLastColumn: () => rows[0].length,
    getActiveRange: () => ({getRow: () => sheet.first, getLastRow: () => sheet.last}),
  }),
};
const PropertiesService = {getScriptProperties: () => ({getProperty: name => sheet.properties[name]})};
const UrlFetchApp = {fetch: (url, {method, contentType, headers, payload}) => {
  const request = new XMLHttpRequest();
  request.open(method, url, false);
  request.setRequestHeader('Content-Type', contentType);
  for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
  request.send(payload);
  return {getResponseCode: () => request.status, getContentText: () => request.responseText};
}};
"""
BACKLOG = [["Initiative Key", "Title"], ["INIT-000001", "One"], ["INIT-000002", "Two"], ["", "New"]]
SCENARIOS = [["Notes", "Scenario Name"], ["", "Baseline"]]


class Menu:
    """The menu in front of somebody whose spreadsheet has their token."""

    def __init__(self, page: Page, site: str, token: str) -> None:
        self.page, self.properties = page, {"LODESTAR_URL": site, "LODESTAR_TOKEN": token}
        page.goto(f"{site}/accounts/login/")

    def choose(self, item: str, name: str, rows: list[list[str]], first: int, last: int) -> list[str]:
        """What the spreadsheet is told after rows ``first`` to ``last`` were selected and ``item`` chosen."""
        code = f"(sheet) => {{ {APPS_SCRIPT} {SCRIPT}; {item}(); return said; }}"
        sheet = {"name": name, "rows": rows, "first": first, "last": last, "properties": self.properties}
        said: list[str] = self.page.evaluate(code, sheet)
        return said


@pytest.fixture
def menu(page: Page, live_server: Any, person: Any) -> Menu:
    return Menu(page, live_server.url, str(Token.objects.create(user=person("PM", username="ana"))))


def test_the_selected_rows_are_scored(menu: Menu) -> None:
    assert menu.choose("scoreSelected", "Backlog", BACKLOG, 1, 4) == [
        "Lodestar: Asked. Run Status will say what came of it."
    ]
    run = ActionRun.objects.get()
    assert (run.action, run.scope, run.actor_name) == (
        "pm.score_selected",
        {"type": "keys", "keys": ["INIT-000001", "INIT-000002"]},
        "ana",
    )


def test_the_selected_rows_are_saved(menu: Menu) -> None:
    menu.choose("saveSelected", "Scenario Config", [["Scenario Name"], ["Baseline"]], 2, 2)
    run = ActionRun.objects.get()
    assert (run.action, run.options) == ("pm.save_selected", {"tab": "scenario_config"})
    assert run.scope == {"type": "keys", "keys": ["Baseline"]}


def test_the_scenario_of_the_selected_row_is_run(menu: Menu) -> None:
    menu.choose("runScenario", "Scenario Config", SCENARIOS, 2, 2)
    run = ActionRun.objects.get()
    assert (run.action, run.options) == ("pm.optimize_run_all_candidates", {"scenario": "Baseline"})


def test_a_token_that_is_not_known_is_told(menu: Menu) -> None:
    menu.properties["LODESTAR_TOKEN"] = "nobody's"
    (said,) = menu.choose("scoreSelected", "Backlog", BACKLOG, 2, 2)
    assert said.startswith("Lodestar refused: ") and "Invalid token" in said
    assert not ActionRun.objects.exists()
