"""One process of a bench, started by ``home.bench.measuring`` with a DATA_DIR of its own."""

import sys

import django

django.setup()

from home.bench.child import main  # noqa: E402

main(*sys.argv[1:])
