"""A Celery worker that also knows the jobs of these tests: ``celery -A tests.actions.worker worker``."""

import django

django.setup()

from portfolio.celery import app  # noqa: E402
from tests.actions import jobs  # noqa: E402

jobs.register()

__all__ = ["app"]
