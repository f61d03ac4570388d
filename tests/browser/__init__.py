"""Tests that drive a real browser through a real JupyterLab."""
