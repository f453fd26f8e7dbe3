from django.apps import AppConfig


class OptimizationConfig(AppConfig):
    name = "optimization"

    def ready(self) -> None:
        from optimization import buttons
        from portfolio.navigation import Link, register

        register(Link("Optimizer", "/runs/", "play"))
        buttons.register()
