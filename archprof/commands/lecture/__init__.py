"""Claims of lectures, compared with what is worked out."""
