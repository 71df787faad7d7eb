"""Decided lectures as text: tables, reports, the calculation on a board, JSON."""
