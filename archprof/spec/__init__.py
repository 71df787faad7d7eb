"""The spec language: text to a checked document."""
