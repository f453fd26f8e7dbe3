from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from django.utils.module_loading import import_string

from portfolio import environment
from portfolio.actions import broker, supervisor, sweeper
from portfolio.actions.models import ActionRun, Status


class Command(BaseCommand):
    help = "Runs Lodestar: web server, worker and sweeper, until Ctrl-C. PORT (8000) chooses the port."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--prepare",
            action="store_true",
            help="First migrate, and load the demo organisation into a database without people.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        host = "127.0.0.1" if environment.INSECURE_HTTP else "0.0.0.0"  # noqa: S104 - behind a TLS proxy
        port = int(os.environ.get("PORT", "8000"))
        try:
            with supervisor.only_instance(settings.DATA_DIR):
                supervisor.refuse_taken_port(host, port)
                if options["prepare"]:
                    self._prepare()
                self._run(host, port)
        except supervisor.CannotStartError as problem:
            raise CommandError(str(problem)) from None
        except KeyboardInterrupt:
            raise CommandError("Stopped before everything was prepared.", returncode=130) from None

    def _run(self, host: str, port: int) -> None:
        broker.ensure_folders()
        self._greet(port)
        if broker.is_embedded():
            # The only worker is about to start, so nobody can be at work on anything.
            sweeper.take_back_everything()
        connections.close_all()
        supervisor.supervise(
            [
                supervisor.web(host, port),
                supervisor.worker(is_idle=_nothing_runs),
                supervisor.sweeper(),
            ]
        )

    def _prepare(self) -> None:
        call_command("migrate", verbosity=0)
        if not User.objects.exists():
            self.stdout.write("Loading the demo organisation …")
            self.stdout.flush()
            # In a process of its own: what it imports must not stay in the supervisor.
            command = [sys.executable, "manage.py", "load_demo"]
            subprocess.run(command, cwd=settings.BASE_DIR, stdout=subprocess.DEVNULL, check=False)

    def _greet(self, port: int) -> None:
        scheme = "http" if environment.INSECURE_HTTP else "https (behind your proxy)"
        self.stdout.write(f"\nLodestar is at {scheme}://localhost:{port}/   (Ctrl-C stops it)\n")
        self.stdout.write(_demo_logins())
        self.stdout.flush()


def _nothing_runs() -> bool:
    return not ActionRun.objects.filter(status=Status.RUNNING, inline=False).exists()


def _demo_logins() -> str:
    """The logins of a demo database, else nothing. The settings name where: this layer must not import it."""
    logins = import_string(settings.DEMO_LOGINS)()
    return "".join(f"  {role:<12} {username:<8} {password}\n" for username, password, role in logins)
