"""Tests of archprof/commands/capture."""
