"""What a network costs, layer by layer, and how each number is worked out."""
