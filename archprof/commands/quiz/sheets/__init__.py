"""Sheets as CSV files: written, and read again with the answers in them."""
