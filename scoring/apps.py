from django.apps import AppConfig


class ScoringConfig(AppConfig):
    name = "scoring"

    def ready(self) -> None:
        from portfolio.navigation import Link, register
        from scoring import buttons

        buttons.register()
        register(Link("Studio", "/studio/", "formula"), workbook="product_ops")
