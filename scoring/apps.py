from django.apps import AppConfig


class ScoringConfig(AppConfig):
    name = "scoring"

    def ready(self) -> None:
        from scoring import buttons, chains
        from scoring.assistant import reactions  # noqa: F401 - declares them
        from scoring.studio import entrances

        buttons.register()
        chains.register()
        entrances.register()
