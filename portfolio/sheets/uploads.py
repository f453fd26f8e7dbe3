"""Files on their way in: kept under a random name until they are imported, or for a day."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from portfolio.sheets.opening import MOST_BYTES, FileRefused

KEPT_SECONDS = 24 * 3600
GONE = "The uploaded file is no longer there. Upload it again."


def keep(chunks: Iterable[bytes]) -> str:
    """Write the file aside and answer its random name. Raises FileRefused past the size that is taken."""
    forget_old()
    name = secrets.token_hex(16)
    try:
        _write(_folder() / name, chunks)
    except FileRefused:
        forget(name)
        raise
    return name


def _write(path: Path, chunks: Iterable[bytes]) -> None:
    left = MOST_BYTES
    with path.open("xb") as file:
        for chunk in chunks:
            left -= len(chunk)
            if left < 0:
                raise FileRefused(f"The file has more than the {MOST_BYTES // 2**20} MB that are taken.")
            file.write(chunk)


def path_of(name: str) -> Path:
    """Raises FileRefused where it is gone. No name but our own leads anywhere."""
    path = _folder() / str(name)
    if not re.fullmatch(r"[0-9a-f]{32}", str(name)) or not path.is_file():
        raise FileRefused(GONE)
    return path


def forget(name: str) -> None:
    (_folder() / name).unlink(missing_ok=True)


def forget_old() -> None:
    """Forget what was previewed and never imported."""
    for path in _folder().iterdir():
        if path.stat().st_mtime < time.time() - KEPT_SECONDS:
            path.unlink(missing_ok=True)


def _folder() -> Path:
    folder = Path(settings.DATA_DIR) / "uploads"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
