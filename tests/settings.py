"""Lodestar's settings for tests: a data folder of their own, no outside services, short intervals."""

import atexit
import os
import shutil
import tempfile

OUTSIDE_SERVICES = ("OPENAI_API_KEY", "LLM_BASE_URL", "GOOGLE_SERVICE_ACCOUNT_FILE", "SHEETS_API_ENDPOINT")

# The first process makes the folder; pytest-xdist's workers and every process a test starts inherit it.
if "TEST_DATA_DIR" not in os.environ:
    os.environ["TEST_DATA_DIR"] = tempfile.mkdtemp(prefix="lodestar-tests-")
    atexit.register(shutil.rmtree, os.environ["TEST_DATA_DIR"], ignore_errors=True)
os.environ["DATA_DIR"] = os.environ["TEST_DATA_DIR"]
os.environ["INSECURE_HTTP"] = "1"
for name in OUTSIDE_SERVICES:
    os.environ.pop(name, None)

from portfolio.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

ACTIONS_WATCH_SECONDS = 0.05
ACTIONS_GRACE_SECONDS = 0.3
ACTIONS_BEAT_SECONDS = 0.2
ACTIONS_SWEEP_SECONDS = 0.2
