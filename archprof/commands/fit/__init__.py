"""Does it fit into a memory, at which batch, and what would help?"""
