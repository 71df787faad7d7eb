"""Where a network's time goes: layer by layer and kernel by kernel."""
