from django.apps import AppConfig


class SheetsConfig(AppConfig):
    name = "portfolio.sheets"
    label = "sheets"

    def ready(self) -> None:
        from portfolio.navigation import Link, register
        from portfolio.sheets import buttons
        from portfolio.sheets.actions import IMPORTERS

        register(Link("Sheets", "/sheets/", "sheet", roles=frozenset(IMPORTERS)))
        register(Link("Import and export", "/import/", "import", roles=frozenset(IMPORTERS)))
        buttons.register()
