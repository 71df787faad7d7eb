"""One folder for each question a user asks: its records, its tables, its JSON and its commands."""
