"""Text out: the width of the terminal, whether it takes colour, and files written whole or not
at all.
"""

from __future__ import annotations

import codecs
import errno
import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archprof.language.reading import refuse_link_out

if TYPE_CHECKING:
    from rich.console import Console

PLAIN_WIDTH = 120  # of a table on a pipe, where COLUMNS is not set
# the folders of /dev/stdout and of a shell's `>(command)`
STREAMS = (Path("/dev"), Path("/dev/fd"), Path("/proc/self/fd"))
LOOKALIKES = {
    **dict.fromkeys("─—–−‐", "-"),
    **dict.fromkeys("█▉▊▋▌", "#"),
    **dict.fromkeys("▍▎▏", "-"),
    **dict.fromkeys("‘’", "'"),
    **dict.fromkeys("“”", '"'),
    "×": "x",
    "·": "-",
    "→": ">",
    "…": "~",
    "²": "2",
    "µ": "u",
}
"""What stands for a character that an encoding lacks, of the same width so that columns stay
aligned; for any other a question mark.
"""


def width() -> int:
    """Return the width of a table: COLUMNS, the terminal's width, or PLAIN_WIDTH on a pipe."""
    try:
        return max(40, int(os.environ["COLUMNS"]))
    except (KeyError, ValueError):
        pass
    try:
        return max(40, os.get_terminal_size(sys.stdout.fileno()).columns)
    except (OSError, ValueError, AttributeError):
        return PLAIN_WIDTH


def console() -> Console:
    """Return a rich console on standard output: colour on a terminal only, never markup or emoji
    from data.
    """
    from rich.console import Console

    return Console(width=width(), markup=False, emoji=False, highlight=False, soft_wrap=False)


def prepare() -> None:
    """Make standard output and error take every text: a character their encoding lacks becomes a
    look-alike, a closed or left stream swallows.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # `>&-`; print() would then write errors to standard output
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - open to the end
    codecs.register_error("archprof", _lookalike)
    if sys.stdout is sys.__stdout__:
        sys.stdout = _left(sys.stdout, BrokenPipeError)
    if sys.stderr is sys.__stderr__:
        # whatever becomes of the message, the exit code says how it went
        sys.stderr = _left(sys.stderr, OSError)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="archprof")


class _Pipe(io.FileIO):
    """A pipe whose reader may leave, as `| head` does: what is written then goes nowhere, and
    the command's exit code still says how it went.
    """

    ignored: type[OSError] = BrokenPipeError

    def write(self, data: Any, /) -> Any:
        """Write all of it, and return how many bytes; None where it is full and does not wait.

        Where a signal ends a write halfway, only a buffer would go on: an allowance's alarm does
        while the reader is slow.
        """
        written = 0
        try:
            while written < len(data):
                count: int | None = super().write(data[written:])
                if count is None:
                    return written or None
                written += count
        except self.ignored:
            return len(data)
        return written


def _left(stream: Any, ignored: type[OSError]) -> Any:
    """Return the process's own stream, the same but for what becomes of it when its reader leaves,
    or when it fails in another way that is ignored.
    """
    if (
        not isinstance(stream, io.TextIOWrapper)
        or stream.isatty()
        or not isinstance(getattr(stream.buffer, "raw", stream.buffer), io.FileIO)
    ):
        return stream
    stream.flush()
    pipe: Any = _Pipe(stream.fileno(), "w", closefd=False)
    pipe.ignored = ignored
    # the first where PYTHONUNBUFFERED is set
    buffer = pipe if isinstance(stream.buffer, io.FileIO) else io.BufferedWriter(pipe)
    return io.TextIOWrapper(
        buffer,
        stream.encoding,
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


def _lookalike(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return (
        "".join(
            LOOKALIKES.get(character, "?") for character in error.object[error.start : error.end]
        ),
        error.end,
    )


def emit(text: str, output: Path | None) -> None:
    """Write a report to standard output, or to a file.

    Raises OSError where the file cannot be written.
    """
    text = text if text.endswith("\n") else text + "\n"
    if output is None:
        sys.stdout.write(text)
    else:
        write_whole(output, text)


def emit_bytes(content: bytes, output: Path | None) -> None:
    """Write what is not text to a file, or to a pipe.

    Raises ProblemError on a terminal, OSError where the file cannot be written.
    """
    if output is not None:
        write_whole(output, content)
    elif sys.stdout.isatty():
        from archprof.problem import Mark, ProblemError

        message, hint = "this format is not text, and a terminal shows only text", "-o FILE"
        raise ProblemError.of(Mark("-o"), "option", message, hint)
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)


def write_whole(path: Path, content: str | bytes) -> None:
    """Write beside the file and move it into place, so that the old file stays whole until the new
    one is. Raises OSError naming `path`.
    """
    try:
        refuse_link_out(path)
        if path.is_dir():
            called = "the working folder (an empty path means it)" if path == Path() else "a folder"
            raise IsADirectoryError(errno.EISDIR, f"cannot write a file over {called}")
        _refuse_pipe(path)
        if path.exists() and not path.is_file():  # a device, or the pipe that is standard output
            path.write_bytes(_encoded(content))
        else:
            _replace(Path(os.path.realpath(path)), _encoded(content))
    except BrokenPipeError:
        raise
    except OSError as error:  # the temporary file's name, if any, says nothing to the user
        missing = error.errno == errno.ENOENT and not path.parent.exists()
        said = (
            f"there is no folder {path.parent} to write into"
            if missing
            else error.strerror or str(error)
        )
        raise OSError(error.errno or errno.EIO, said, str(path)) from None


def _refuse_pipe(path: Path) -> None:
    """Raise OSError for a named pipe, which would wait for its other end, and for a socket; not
    for the streams that the process has.
    """
    if Path(os.path.abspath(path)).parent in STREAMS:
        return
    for is_kind, kind in ((Path.is_fifo, "a pipe"), (Path.is_socket, "a socket")):
        if is_kind(path):
            raise OSError(
                errno.EPERM,
                f"cannot write a file over {kind} (without -o, `> PATH` of a shell writes to what"
                " is there)",
            )


def _encoded(content: str | bytes) -> bytes:
    return content.encode("utf-8", "replace") if isinstance(content, str) else content


def _replace(target: Path, content: bytes) -> None:
    # the name is chosen before the file is there, so that no signal between the two leaves it
    # behind
    temporary = target.parent / f".{target.name[:100]}.{os.urandom(6).hex()}"
    try:
        descriptor = os.open(
            temporary,
            os.O_WRONLY
            | os.O_CREAT
            | os.O_EXCL
            | getattr(os, "O_NOFOLLOW", 0)
            | getattr(os, "O_CLOEXEC", 0),
            0o600,
        )
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
        os.chmod(temporary, mode)
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
