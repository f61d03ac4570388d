"""Anchors of headings as JupyterLab makes them, so that the links within a notebook lead somewhere on the site too."""

from __future__ import annotations


def slug(title: str) -> str:
    """The anchor of a heading: its words, joined by dashes."""
    return title.strip().replace(" ", "-")
