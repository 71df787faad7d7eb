"""The spec language: YAML text to a checked document, and the document to a graph."""
