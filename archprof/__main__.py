"""`python -m archprof`: the command line."""

from archprof.cli.main import run

run()
