"""What changed between two networks, and why."""
