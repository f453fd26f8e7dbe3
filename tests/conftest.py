"""What every test may ask for, and an honest account of what a run had to leave out.

Markers: ``browser`` drives a real Chromium; ``postgres`` and ``redis`` need those servers behind the
application and run in the second pass of ``make test`` (see ``tests/both.py``).
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import TestCase, TransactionTestCase
from hypothesis import HealthCheck
from hypothesis import settings as drawing

from tests import surroundings

ON_POSTGRES = settings.DATABASES["default"]["ENGINE"].endswith("postgresql")
ON_REDIS = settings.CELERY_BROKER_URL.startswith("redis")
REQUIRE_ALL = os.environ.get("REQUIRE_ALL") == "1"
LEFT_OUT = pytest.StashKey[Counter]()
PATIENCE = 30_000  # milliseconds for the browser: a machine may be busy with other tests


# The same draws on every run, however long one takes: ``--hypothesis-profile=default`` draws new ones.
drawing.register_profile(
    "steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
drawing.load_profile("steady")

# What runs in which pass ------------------------------------------------------------------------------


def uses_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    case = getattr(item, "cls", None)
    return (
        item.get_closest_marker("django_db") is not None
        or not fixtures.isdisjoint({"db", "transactional_db", "live_server"})
        or (case is not None and issubclass(case, (TestCase, TransactionTestCase)))
    )


def repeats_on_servers(item: pytest.Item) -> bool:
    """Pure cores and the browser behave the same on every database: once is enough for them."""
    return uses_database(item) and item.get_closest_marker("browser") is None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    config.stash[LEFT_OUT] = Counter()
    if ON_POSTGRES and ON_REDIS:
        _keep(config, items, repeats_on_servers)
    else:
        _without_servers(config, items)
    if missing := surroundings.chromium_missing():
        _leave_out(config, items, lambda item: item.get_closest_marker("browser") is not None, missing)


def _without_servers(config: pytest.Config, items: list[pytest.Item]) -> None:
    needs_server = {
        "postgres": not ON_POSTGRES and surroundings.postgres_missing(),
        "redis": not ON_REDIS and surroundings.redis_missing(),
    }
    if missing := surroundings.servers_missing():
        config.stash[LEFT_OUT][f"not repeated on PostgreSQL + Redis: {missing}"] += sum(
            repeats_on_servers(item) for item in items
        )
    for marker, reason in needs_server.items():
        if reason:
            _leave_out(config, items, lambda item, m=marker: item.get_closest_marker(m) is not None, reason)
    _keep(
        config,
        items,
        lambda item: (
            (ON_POSTGRES or item.get_closest_marker("postgres") is None)
            and (ON_REDIS or item.get_closest_marker("redis") is None)
        ),
    )


def _keep(config: pytest.Config, items: list[pytest.Item], wanted: Callable[[Any], bool]) -> None:
    dropped = [item for item in items if not wanted(item)]
    items[:] = [item for item in items if wanted(item)]
    if dropped:
        config.hook.pytest_deselected(items=dropped)


def _leave_out(
    config: pytest.Config, items: list[pytest.Item], which: Callable[[Any], bool], reason: str
) -> None:
    config.stash[LEFT_OUT][reason] += sum(which(item) for item in items)
    _keep(config, items, lambda item: not which(item))


# What was left out ------------------------------------------------------------------------------------


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    outcome = yield
    report = outcome.get_result()
    if REQUIRE_ALL and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"REQUIRE_ALL=1, but this test was skipped: {report.longrepr[2]}"


def pytest_sessionfinish(session: pytest.Session) -> None:
    left_out = session.config.stash.get(LEFT_OUT, Counter())
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left_out"] = dict(left_out)
    elif REQUIRE_ALL and +left_out:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    # Every xdist worker collects the same tests, so the last one to say so is as right as the first.
    node.config.stash[LEFT_OUT] = Counter(getattr(node, "workeroutput", {}).get("left_out", {}))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    left_out = Counter(config.stash.get(LEFT_OUT, Counter()))
    for report in terminalreporter.stats.get("skipped", []):
        left_out[report.longrepr[2].removeprefix("Skipped: ")] += 1
    database = "PostgreSQL" if ON_POSTGRES else "SQLite"
    broker = "Redis" if ON_REDIS else "filesystem"
    browser = "" if ON_POSTGRES or surroundings.chromium_missing() else ", with Chromium"
    terminalreporter.write_line(f"Ran on {database} and the {broker} broker{browser}.")
    for reason, count in (+left_out).items():
        terminalreporter.write_line(f"Left out: {count} tests, {reason}", yellow=True)


# People -----------------------------------------------------------------------------------------------


@pytest.fixture
def person(db: None) -> Callable[..., Any]:
    """``person("PM")`` → a user with that role (``person("PM", "Finance", username="ada")``)."""
    from django.contrib.auth.models import Group, User

    def make(*roles: str, username: str = "") -> User:
        user = User.objects.create_user(
            username or f"{'-'.join(roles).lower() or 'nobody'}-{User.objects.count()}"
        )
        user.groups.set([Group.objects.get_or_create(name=role)[0] for role in roles])
        return user

    return make


# The browser ------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One headless Chromium for the whole session."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)
    # Playwright keeps an event loop in this thread; Django would take it for async code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=surroundings.chromium(), args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Any, live_server: Any) -> Iterator[Any]:
    """A fresh page whose relative URLs lead to the live server: ``page.goto("/tabs/backlog/")``."""
    context = browser.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


@pytest.fixture
def sign_in(page: Any, live_server: Any, client: Any) -> Callable[[Any], Any]:
    """``sign_in(user)`` → the page, signed in without the login form."""

    def enter(user: Any) -> Any:
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        return page

    return enter


@pytest.fixture
def worker(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A worker in a thread of its own, as quick as the message; the database waits for it to end."""
    threads: list[threading.Thread] = []

    def work(action_id: str) -> None:
        from portfolio.actions import runner

        runner.run_queued(action_id)
        connection.close()

    def publish(run: Any) -> None:
        threads.append(threading.Thread(target=work, args=[str(run.action_id)], daemon=True))
        threads[-1].start()

    monkeypatch.setattr("portfolio.actions.broker.publish", publish)
    yield
    for thread in threads:
        thread.join(PATIENCE / 1000)
