"""Claims proposed from the figures of slides: text, PDF and PowerPoint."""
