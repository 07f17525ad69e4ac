"""Sozialraumbudget: wiring, home page, and the packages the apps stand on."""

__version__ = "0.1.0"
