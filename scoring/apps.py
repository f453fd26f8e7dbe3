from django.apps import AppConfig


class ScoringConfig(AppConfig):
    name = "scoring"

    def ready(self) -> None:
        from scoring import buttons, chains
        from scoring.assistant import entrances as of_the_assistant
        from scoring.assistant import reactions  # noqa: F401 - declares them
        from scoring.studio import entrances

        buttons.register()
        of_the_assistant.register()
        chains.register()
        entrances.register()
