"""The jobs these tests run, registered here and in the worker process they start."""

import time
from pathlib import Path

from django.contrib.auth.models import Group

from portfolio.actions.job import Job
from portfolio.actions.registry import ActionError, action, actions

ROLES = ("PM", "Admin")
DEAF_SECONDS = 30


def register() -> None:
    if "test.greet" in actions:
        return
    for name, work, deadline in (
        ("test.greet", greet, 60),
        ("test.wait", wait, 60),
        ("test.hurry", wait, 1),
        ("test.deaf", deaf, 1),
        ("test.refuse", refuse, 60),
        ("test.break", break_down, 60),
        ("test.step", step, 60),
    ):
        action(name, title=name.title(), roles=ROLES, deadline=deadline)(work)


def greet(job: Job) -> dict:
    """Writes one group per key: something to see whether it happened, and how often."""
    for done, key in enumerate(job.keys or [], start=1):
        with job.commit():
            Group.objects.create(name=key)
            job.row(key, "changed", f"hello {key}")
        job.progress(done, len(job.keys or []), f"greeted {key}")
    return {"run_id": 7}


def wait(job: Job) -> None:
    """Works until it is told to stop, and asks often."""
    job.progress(1, 10, "waiting")
    while True:
        job.check()
        time.sleep(0.02)


def deaf(job: Job) -> None:
    """Never asks whether it should stop."""
    time.sleep(DEAF_SECONDS)


def refuse(job: Job) -> None:
    raise ActionError("Scenario Baseline has no candidates. Select some on the Candidates tab.")


def break_down(job: Job) -> None:
    raise KeyError("secret")


def step(job: Job) -> None:
    """Does each key once; stays at ``options["stop_at"]`` while the file ``options["hole"]`` exists."""
    for key in job.keys or []:
        if key in job.settled_keys():
            continue
        if key == job.options.get("stop_at"):
            Path(job.options["reached"]).touch()
            while Path(job.options["hole"]).exists():
                time.sleep(0.02)
        with job.commit():
            Group.objects.create(name=key)
            job.row(key, "changed")
