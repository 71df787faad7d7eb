"""Decided lectures as letters to their authors: what to print instead, and why."""
