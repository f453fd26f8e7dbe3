"""What a person does in the grid of a tab."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from initiatives.models import Initiative
from portfolio.tabs.models import Batch
from tests import factories
from tests.browser.conftest import GridPage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_edit_is_saved_and_there_after_a_reload(grid: GridPage) -> None:
    grid.open("backlog").type(1, "title", "A better title")
    expect(grid.saved).to_be_visible()
    grid.open("backlog")
    expect(grid.cell(1, "title")).to_have_text("A better title")


def test_numbers_are_read_as_people_write_them(grid: GridPage) -> None:
    cell = grid.open("backlog").type(0, "engineering_tokens", "1,200.50")
    expect(cell).to_have_text("1,200.5")


def test_a_refused_text_stays_in_its_cell_with_the_reason(grid: GridPage) -> None:
    cell = grid.open("backlog").type(2, "engineering_tokens", "a lot")
    expect(cell).to_have_text("a lot")
    expect(cell).to_have_attribute("aria-invalid", "true")
    expect(grid.chip).to_have_text("1 cell not saved")
    grid.chip.click()
    expect(grid.card).to_contain_text("is not a number")
    grid.card.get_by_role("button", name="Discard my text").click()
    expect(cell).to_have_text("30")
    expect(grid.chip).to_have_text("Saved")


def test_escape_keeps_the_old_value(grid: GridPage) -> None:
    cell = grid.open("backlog").go_to(0, "title")
    grid.keyboard.type("Never mind")
    grid.keyboard.press("Escape")
    expect(cell).to_have_text("Initiative 1")
    assert Initiative.objects.filter(title="Never mind").count() == 0


def edited_by_someone_else_meanwhile(grid: GridPage, row: Any, mine: str, theirs: str) -> Any:
    cell = grid.open("backlog").go_to(0, "title")
    grid.keyboard.press("F2")
    factories.put("backlog", row, factories.actor(name="ben"), title=theirs)
    grid.keyboard.press("Control+a")
    grid.keyboard.type(mine)
    grid.keyboard.press("Enter")
    expect(cell).to_have_text(mine)
    grid.chip.click()
    expect(grid.card).to_contain_text(theirs)
    expect(grid.card).to_contain_text("ben")
    return cell


def test_a_conflict_keeps_my_text_until_i_take_theirs(grid: GridPage, initiatives: list[Any]) -> None:
    cell = edited_by_someone_else_meanwhile(grid, initiatives[0], "Mine", "Theirs")
    grid.card.get_by_role("button", name="Take theirs").click()
    expect(cell).to_have_text("Theirs")
    assert Initiative.objects.get(pk=initiatives[0].pk).title == "Theirs"


def test_a_conflict_can_be_settled_with_my_text(grid: GridPage, initiatives: list[Any]) -> None:
    cell = edited_by_someone_else_meanwhile(grid, initiatives[0], "Mine", "Theirs")
    grid.card.get_by_role("button", name="Keep mine").click()
    expect(grid.chip).to_have_text("Saved")
    expect(cell).to_have_text("Mine")
    assert Initiative.objects.get(pk=initiatives[0].pk).title == "Mine"


def test_a_pasted_block_is_one_batch_and_one_undo(grid: GridPage) -> None:
    grid.open("backlog").go_to(0, "engineering_tokens")
    before = Batch.objects.count()
    grid.paste("100\t50\r\n200\t60\r\n300\t70\r\n")
    expect(grid.cell(2, "engineering_tokens_mvp")).to_have_text("70")
    expect(grid.saved).to_be_visible()
    assert grid.column_text("engineering_tokens", 3) == ["100", "200", "300"]
    assert Batch.objects.count() == before + 1
    grid.keyboard.press("Control+z")
    expect(grid.cell(2, "engineering_tokens_mvp")).to_have_text("")
    assert grid.column_text("engineering_tokens", 3) == ["10", "20", "30"]
    grid.keyboard.press("Control+y")
    expect(grid.cell(2, "engineering_tokens_mvp")).to_have_text("70")


def test_one_pasted_cell_fills_the_selection(grid: GridPage) -> None:
    grid.open("backlog").go_to(0, "country")
    grid.keyboard.press("Shift+ArrowDown")
    grid.keyboard.press("Shift+ArrowDown")
    grid.paste("Mexico")
    expect(grid.cell(2, "country")).to_have_text("Mexico")
    assert grid.column_text("country", 4) == ["Mexico", "Mexico", "Mexico", ""]


def test_a_quoted_cell_of_the_clipboard_may_hold_tabs_and_lines(grid: GridPage) -> None:
    grid.open("backlog").go_to(0, "problem_statement")
    grid.paste('"two\nlines, ""quoted"""\tplain\n')
    expect(grid.cell(0, "hypothesis")).to_have_text("plain")
    expect(grid.saved).to_be_visible()
    assert Initiative.objects.first().problem_statement == 'two\nlines, "quoted"'


def test_copy_gives_what_every_spreadsheet_reads(grid: GridPage) -> None:
    grid.open("backlog").go_to(0, "title")
    grid.keyboard.press("Shift+ArrowDown")
    copied = grid.page.locator("#grid-scroller").evaluate(
        """grid => {
            const options = {clipboardData: new DataTransfer(), bubbles: true, cancelable: true};
            const event = new ClipboardEvent("copy", options);
            grid.dispatchEvent(event);
            return event.clipboardData.getData("text/plain");
        }"""
    )
    assert copied == "Initiative 1\nInitiative 2"


def test_delete_clears_what_may_be_cleared(grid: GridPage) -> None:
    grid.open("backlog").go_to(0, "initiative_key")
    grid.keyboard.press("End")
    grid.go_to(1, "engineering_tokens")
    grid.keyboard.press("Delete")
    expect(grid.cell(1, "engineering_tokens")).to_have_text("")
    grid.keyboard.press("Control+z")
    expect(grid.cell(1, "engineering_tokens")).to_have_text("20")


def test_a_read_only_cell_says_where_its_value_comes_from(grid: GridPage) -> None:
    cell = grid.open("backlog").go_to(0, "value_score")
    grid.keyboard.type("5")
    expect(cell).to_have_attribute("aria-readonly", "true")
    expect(grid.status).to_contain_text("worked out by Lodestar")
    grid.go_to(0, "active_scoring_framework")
    expect(grid.status).to_contain_text("entered on Scoring Inputs")
    assert grid.page.locator("#grid-editor").is_hidden()


@pytest.mark.parametrize(
    ("keys", "place", "column"),
    [
        ("ArrowDown ArrowRight", 1, "title"),
        ("End", 0, -1),
        ("Control+End", 4, -1),
        ("Control+End Control+Home", 0, "initiative_key"),
        ("PageDown", 4, "initiative_key"),
        ("PageDown PageUp", 0, "initiative_key"),
        ("Control+End Home", 4, "initiative_key"),
        ("ArrowDown ArrowDown ArrowUp", 1, "initiative_key"),
    ],
)
def test_the_keyboard_walks_the_grid(grid: GridPage, keys: str, place: int, column: str | int) -> None:
    grid.open("backlog").go_to(0, "initiative_key")
    for key in keys.split():
        grid.keyboard.press(key)
    position = len(grid.columns) - 1 if column == -1 else grid.columns.index(str(column))
    active = f"cell-{place}-{position}"
    expect(grid.page.locator("#grid-scroller")).to_have_attribute("aria-activedescendant", active)
    expect(grid.page.locator(f"#{active}.cell--active")).to_be_in_viewport()


def test_tab_commits_and_goes_right_and_shift_tab_back(grid: GridPage) -> None:
    grid.open("backlog").go_to(0, "title")
    grid.keyboard.type("First")
    grid.keyboard.press("Tab")
    grid.keyboard.press("ArrowLeft")
    grid.keyboard.press("F2")
    grid.keyboard.type("Again")
    grid.keyboard.press("Shift+Tab")
    expect(grid.cell(0, "initiative_key")).to_have_attribute("aria-selected", "true")
    expect(grid.cell(0, "title")).to_have_text("Again")


def test_space_toggles_a_yes_or_no(grid: GridPage) -> None:
    cell = grid.open("backlog").go_to(0, "is_optimization_candidate")
    grid.keyboard.press("Space")
    expect(cell).to_have_text("Yes")
    grid.keyboard.press("Space")
    expect(cell).to_have_text("No")


def test_a_choice_is_typed_or_walked_to(grid: GridPage) -> None:
    cell = grid.open("backlog").go_to(0, "lifecycle_status")
    grid.keyboard.type("appr")
    grid.keyboard.press("Enter")
    expect(cell).to_have_text("Approved")
    grid.go_to(0, "lifecycle_status")
    grid.keyboard.press("Enter")
    grid.keyboard.press("ArrowDown")
    grid.keyboard.press("Enter")
    expect(cell).to_have_text("Scheduled")


def test_the_header_sorts_and_explains_by_keyboard(grid: GridPage) -> None:
    grid.open("backlog").go_to(0, "title")
    grid.keyboard.press("ArrowUp")
    grid.keyboard.press("Enter")
    grid.keyboard.press("Enter")
    expect(grid.cell(0, "title")).to_have_text("Initiative 5")
    grid.keyboard.press("F1")
    expect(grid.page.locator("#grid-help")).to_contain_text("What it is, in a line.")


def test_search_and_filters_narrow_what_is_shown(grid: GridPage) -> None:
    grid.open("backlog", "?title=Initiative 3")
    expect(grid.page.locator(".grid__count")).to_have_text("1 of 5 rows")
    grid.page.locator("#grid-chips button").click()
    grid.page.locator("#grid-search").fill("initiative 4")
    expect(grid.page.locator(".grid__count")).to_have_text("1 of 5 rows")
    expect(grid.cell(0, "title")).to_have_text("Initiative 4")


def test_ticked_rows_are_deleted_together_and_come_back_with_undo(grid: GridPage) -> None:
    grid.open("backlog").go_to(0, "title")
    grid.keyboard.press("Shift+Space")
    grid.keyboard.press("ArrowDown")
    grid.keyboard.press("Shift+Space")
    grid.page.locator("#bulk-bar").get_by_role("button", name="Delete").click()
    grid.page.locator("#confirm").get_by_role("button", name="Delete").click()
    expect(grid.page.locator(".grid__count")).to_have_text("3 rows")
    grid.page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(grid.page.locator(".grid__count")).to_have_text("5 rows")
    assert Initiative.objects.count() == 5


def test_a_lost_connection_keeps_the_text_and_saves_it_once_later(grid: GridPage) -> None:
    grid.open("backlog")
    before = Batch.objects.count()
    grid.page.route("**/changes/", lambda route: route.abort())
    cell = grid.type(0, "title", "Typed in a tunnel")
    expect(grid.chip).to_have_text("Not saved yet, retrying")
    expect(cell).to_have_text("Typed in a tunnel")
    grid.page.unroute("**/changes/")
    expect(grid.chip).to_have_text("Saved")
    assert Batch.objects.count() == before + 1


def test_an_answer_that_got_lost_is_asked_for_again_as_the_same_batch(grid: GridPage) -> None:
    grid.open("backlog")
    before = Batch.objects.count()
    sent: list[str] = []
    grid.page.on(
        "request", lambda asked: asked.method == "POST" and sent.append(asked.post_data_json["batch_id"])
    )
    grid.page.route("**/changes/", lambda route: (route.fetch(), route.abort()), times=1)
    grid.type(0, "title", "Once")
    expect(grid.chip).to_have_text("Saved")
    assert len(sent) == 2
    assert len(set(sent)) == 1
    assert Batch.objects.count() == before + 1


def test_other_peoples_changes_appear_and_leave_an_open_editor_alone(
    grid: GridPage, initiatives: list[Any]
) -> None:
    grid.open("backlog").go_to(0, "title")
    grid.keyboard.type("Half a tho")
    factories.put("backlog", initiatives[1], title="Changed elsewhere")
    grid.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(grid.cell(1, "title")).to_have_text("Changed elsewhere")
    grid.keyboard.type("ught")
    grid.keyboard.press("Enter")
    expect(grid.cell(0, "title")).to_have_text("Half a thought")


def test_a_viewer_reads_everything_and_types_nothing(
    initiatives: list[Any], sign_in: Any, person: Any
) -> None:
    grid = GridPage(sign_in(person("Viewer"))).open("backlog")
    cell = grid.go_to(0, "title")
    grid.keyboard.type("x")
    expect(cell).to_have_text("Initiative 1")
    expect(grid.status).to_contain_text("a role you do not have")
    assert grid.page.get_by_role("link", name="New row").count() == 0


def test_clicking_elsewhere_saves_what_was_typed_and_leaves_the_focus_there(grid: GridPage) -> None:
    cell = grid.open("backlog").go_to(0, "title")
    grid.keyboard.type("Left behind")
    grid.page.locator("#grid-search").click()
    expect(grid.page.locator("#grid-search")).to_be_focused()
    expect(cell).to_have_text("Left behind")
    expect(grid.saved).to_be_visible()


def test_leaving_with_unsaved_text_asks_first(grid: GridPage) -> None:
    asked: list[str] = []
    grid.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    grid.open("backlog").type(0, "engineering_tokens", "lots")
    expect(grid.chip).to_have_text("1 cell not saved")
    grid.page.goto("/actions/")
    assert asked == ["beforeunload"]


def test_signing_out_elsewhere_loses_nothing(grid: GridPage) -> None:
    grid.open("backlog")
    cookies = grid.page.context.cookies()
    grid.page.context.clear_cookies(name="sessionid")
    cell = grid.type(0, "title", "Typed while signed out")
    expect(grid.page.locator(".toast")).to_contain_text("You are signed out")
    expect(cell).to_have_text("Typed while signed out")
    grid.page.context.add_cookies(cookies)
    expect(grid.chip).to_have_text("Saved")
    assert Initiative.objects.filter(title="Typed while signed out").exists()


def test_typing_what_is_there_already_leaves_nothing_to_undo(grid: GridPage) -> None:
    grid.open("backlog").type(0, "engineering_tokens", "10.0")
    expect(grid.saved).to_be_visible()
    expect(grid.page.get_by_role("button", name="Undo")).to_be_disabled()
    assert Batch.objects.filter(surface="grid").count() == 0


def test_a_choice_can_be_emptied(grid: GridPage) -> None:
    cell = grid.open("backlog").type(0, "risk_level", "hi")
    expect(cell).to_have_text("High")
    grid.go_to(0, "risk_level")
    grid.keyboard.press("Enter")
    grid.keyboard.press("Backspace")
    grid.keyboard.press("Enter")
    expect(cell).to_have_text("")


def test_editing_a_refused_text_starts_from_that_text(grid: GridPage) -> None:
    cell = grid.open("backlog").type(0, "engineering_tokens", "12x")
    expect(grid.chip).to_have_text("1 cell not saved")
    grid.chip.click()
    grid.card.get_by_role("button", name="Edit").click()
    grid.keyboard.press("End")
    grid.keyboard.press("Backspace")
    grid.keyboard.press("Enter")
    expect(cell).to_have_text("12")
    expect(grid.chip).to_have_text("Saved")


def test_the_mouse_ticks_edits_selects_and_opens(grid: GridPage) -> None:
    ticked = grid.open("backlog").cell(0, "is_optimization_candidate")
    ticked.locator(".tick").click()
    expect(ticked).to_have_text("Yes")
    grid.cell(1, "title").dblclick()
    grid.keyboard.press("Control+a")
    grid.keyboard.type("By mouse")
    grid.cell(2, "title").click()
    expect(grid.cell(1, "title")).to_have_text("By mouse")
    grid.cell(1, "title").drag_to(grid.cell(3, "lifecycle_status"))
    expect(grid.page.locator(".grid__sums")).to_have_text("6 cells")
    grid.page.locator(".grid__row[data-place='1'] .gutter__open").click()
    expect(grid.drawer.get_by_label("Title")).to_have_value("By mouse")
