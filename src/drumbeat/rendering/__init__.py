"""A template and values in; a subject, HTML and text out, or what is missing from them."""

from drumbeat.rendering.render import MissingTokens, Rendered, check, missing_tokens, render

__all__ = ["MissingTokens", "Rendered", "check", "missing_tokens", "render"]
