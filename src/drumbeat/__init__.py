"""Drumbeat: an open, self-hosted sales-sequences engine that speaks HubSpot's Sequences API."""

__version__ = "0.1.0"
