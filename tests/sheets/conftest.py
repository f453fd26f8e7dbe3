import pytest


@pytest.fixture(autouse=True)
def uploads_of_this_test(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "data"
