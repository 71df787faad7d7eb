"""What a device is asked: its clock, its memory, its sensors, its graphs."""
