"""Pictures of a network and of its numbers."""
