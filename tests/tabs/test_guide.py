from django.conf import settings

from portfolio.tabs import guide
from portfolio.tabs.management.commands.column_guide import PATH


def test_the_column_guide_is_what_the_declarations_say():
    assert (settings.BASE_DIR / PATH).read_text() == guide.markdown(), "run manage.py column_guide"
