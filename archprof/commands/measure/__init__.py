"""How long a network takes and how much memory it needs, measured on a device."""
