import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from portfolio.actions.sweeper import sweep_forever


class Command(BaseCommand):
    help = "Watches over long jobs until stopped: requeues lost runs, ends late ones. One beside the workers."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        sweep_forever(stop)
