"""The texts of lectures: their sentences, the figures in them, and where quotations stand."""
