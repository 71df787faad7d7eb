"""Commands run inside the test's process, as for tests of the command line."""

from tests.cli.conftest import run

__all__ = ["run"]
