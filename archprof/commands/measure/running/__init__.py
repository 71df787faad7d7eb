"""Networks run on a device: in turns, end to end, in processes that may be lost."""
