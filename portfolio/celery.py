"""The Celery application. The ledger is the truth; a message on the broker is only a hint to look there."""

import os

from celery import Celery
from celery.signals import celeryd_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portfolio.settings")

app = Celery("lodestar")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@celeryd_init.connect
def make_folders(**_: object) -> None:
    """The embedded broker listens to folders; a worker started by hand finds them too."""
    from portfolio.actions.broker import ensure_folders

    ensure_folders()
