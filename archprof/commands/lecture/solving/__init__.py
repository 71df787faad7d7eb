"""Which conventions or slips give a printed figure, and whether that is more than chance."""
