"""A Celery worker that also knows the jobs of these tests: ``celery -A tests.actions.worker worker``."""

import os

import django
from django.conf import settings

settings.DATABASES["default"]["NAME"] = os.environ["TEST_DATABASE"]
django.setup()

from portfolio.celery import app  # noqa: E402
from tests.actions import jobs  # noqa: E402

jobs.register()

__all__ = ["app"]
