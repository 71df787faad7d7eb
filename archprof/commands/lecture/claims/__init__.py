"""A file of claims as records: what it may say, read and checked, each fault in its place."""
