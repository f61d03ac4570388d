"""Measures of any trace."""
