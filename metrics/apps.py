from django.apps import AppConfig


class MetricsConfig(AppConfig):
    name = "metrics"

    def ready(self) -> None:
        from portfolio.navigation import Link, register

        register(Link("KPI tree", "/kpis/", "star"), "product_ops")
