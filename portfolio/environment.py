"""Every environment variable Lodestar knows is read here, once."""

import os
import secrets
from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()

DEBUG = env.bool("DEBUG", default=False)
INSECURE_HTTP = env.bool("INSECURE_HTTP", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "data"))).resolve()
DATABASE = env.db("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'lodestar.sqlite3'}")
REDIS_URL = env.str("REDIS_URL", default="")
SYNC_EVERY_MINUTES = env.int("SYNC_EVERY_MINUTES", default=5)

OPENAI_API_KEY = env.str("OPENAI_API_KEY", default="")
LLM_BASE_URL = env.str("LLM_BASE_URL", default="")
LLM_MODEL = env.str("LLM_MODEL", default="")
LLM_MAX_CALLS_PER_RUN = env.int("LLM_MAX_CALLS_PER_RUN", default=50)
LLM_DEBOUNCE_HOURS = env.int("LLM_DEBOUNCE_HOURS", default=24)
LLM_DAILY_TOKEN_CAP = env.int("LLM_DAILY_TOKEN_CAP", default=0)

GOOGLE_SERVICE_ACCOUNT_FILE = env.str("GOOGLE_SERVICE_ACCOUNT_FILE", default="")
SHEETS_API_ENDPOINT = env.str("SHEETS_API_ENDPOINT", default="")


def secret_key() -> str:
    """``SECRET_KEY``, or a key made once and kept in ``DATA_DIR/secret_key`` (mode 0600)."""
    given = env.str("SECRET_KEY", default="")
    return given or _kept_key(DATA_DIR / "secret_key")


def _kept_key(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        _make_key(path)
    return path.read_text().strip()


def _make_key(path: Path) -> None:
    # Written aside and linked into place: web and worker may start at the same instant,
    # and neither may ever read the other's half-written file.
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write(secrets.token_urlsafe(50))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
