"""Authorities, committees or meetings side by side."""
