"""Sheets, keys and marks as tables, JSON and documents."""
