"""reebot: critical-minerals news, understood in three languages and delivered once."""

__version__ = "0.1.0"
