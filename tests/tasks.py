"""Tasks for a worker, which finds them by their names: what may happen to one."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import Any, NoReturn

from archprof.problem import Mark, ProblemError


def number(tell: Any) -> int:
    return os.getpid()


def count(n: int, tell: Any) -> str:
    for i in range(n):
        tell(i)
    return "counted"


def abort(tell: Any) -> NoReturn:
    os.abort()


def killed(tell: Any) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def leave(tell: Any) -> NoReturn:
    os._exit(7)


def hang(tell: Any) -> None:
    tell(os.getpid())
    time.sleep(1000)


def raises(tell: Any) -> NoReturn:
    raise IndexError("a bug here")


def complains(tell: Any) -> NoReturn:
    raise ProblemError.of(Mark("net.yaml", 3, 1), "shape", "does not fit", "leave it out")


class Unportable(Exception):
    """Its words are not what it is made from."""

    def __init__(self, first: int, second: int):
        super().__init__(f"{first} and {second}")


def raises_unportable(tell: Any) -> NoReturn:
    raise Unportable(1, 2)


def answers_unportable(tell: Any) -> Any:
    return lambda: None


def prints(tell: Any) -> str:
    print("by Python", flush=True)
    os.write(1, b"by a library\n")
    return sys.stdin.read()


def real_time(tell: Any) -> NoReturn:
    os.kill(os.getpid(), signal.SIGRTMIN + 2)
    raise AssertionError
