"""Names and paths to networks: those that come with archprof, and those of the user's own files."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from functools import lru_cache
from os import listdir
from pathlib import Path

from archprof.language.document import Document
from archprof.language.loader import DISK, load_file
from archprof.language.network import Network, names, networks, pick
from archprof.language.shipped_folder import specs_folder
from archprof.language.text import beside, read
from archprof.problem import Mark, ProblemError, closest, nearest

MAX_BESIDE = 100  # specs that are looked into for a name that no shipped network has
SUFFIXES = (".yaml", ".yml")
_IN_NAMES = re.compile(r"[\w.\-]")


def find(target: str) -> Network:
    """Return the network called `target`: a shipped name or alias, a path, or PATH:VARIANT.

    Raises ProblemError.
    """
    if target == "-":
        raise ProblemError.of(
            Mark("-"),
            "network",
            "only `check` and `fmt` read a spec from standard input",
            "give a file's path",
        )
    path, _, variant = target.partition(":")
    if _is_own_file(target):
        path, variant = target, ""
    if path.endswith(SUFFIXES) or "/" in path or _is_own_file(path):
        if hint := _not_a_file(Path(path)):
            raise ProblemError.of(Mark(path), "file", "there is no such file", hint)
        return pick(load_file(Path(path)), variant, path)
    if variant:
        message = f"`{path}` is not the path of a spec file"
        hint = "a variant of a shipped family goes by its own name"
        raise ProblemError.of(Mark(target), "network", message, hint)
    return find_shipped(target)


def _is_own_file(name: str) -> bool:
    """Whether it is a file of the user that no shipped network is called after."""
    return DISK.is_file(Path(name)) and not any(_shipped_mentions(name))


def _not_a_file(path: Path) -> str:
    """Return a hint for the path of no file where only a shipped network has nearly that name.

    "" where there is a file, or one with nearly the same name beside it.
    """
    try:
        return "" if path.exists() or beside(path) else shipped_hint(path)
    except (OSError, ValueError):  # a name too long, a NUL in it
        return ""


# --- what comes with archprof ---


def shipped_files() -> list[Path]:
    """Return every shipped spec that has networks, in order of name."""
    return _specs_in(specs_folder())


def _specs_in(folder: Path) -> list[Path]:
    """Return the specs of a folder, in order of name."""
    return [folder / f"{stem}.yaml" for stem in _stems(folder)]


@lru_cache(maxsize=8)
def _stems(folder: Path) -> list[str]:
    """Return the names of a folder's specs in order, without the suffix; looked for once, callers
    do not change the list. No path is made for each of hundreds, of which one is read.
    """
    return sorted(name.removesuffix(".yaml") for name in listdir(folder) if name.endswith(".yaml"))


def shipped() -> list[Network]:
    """Return every shipped network."""
    return [network for path in shipped_files() for network in _networks_in(path)]


def find_shipped(target: str) -> Network:
    """Return the shipped network of this name or alias. Raises ProblemError."""
    found = shipped_network(target)
    if found:
        return found
    if own := _own_network(target):
        message = f"there is no shipped network called `{target}`"
        raise ProblemError.of(Mark(target), "network", message, f"did you mean {own}?")
    everything = shipped()
    family = [network.name for network in everything if network.document.name == target]
    if family:
        hint = f"it is a family: {', '.join(family)}"
    else:
        hint = nearest(target, [name for network in everything for name in names(network)])
    raise ProblemError.of(
        Mark(target or "network"),
        "network",
        f"there is no network called `{target}`",
        hint or "`archprof list` shows them all",
    )


def shipped_network(name: str) -> Network | None:
    """Return the shipped network of this name or alias, None for none."""
    for file in _shipped_mentions(name):
        for network in _networks_in(file):
            if name in names(network):
                return network
    return None


def shipped_hint(path: Path) -> str:
    """Return a hint naming the shipped network with nearly the name of a file, "" for none."""
    name = path.stem if path.suffix in SUFFIXES else path.name
    near = closest(name, [known for network in shipped() for known in names(network)])
    return f"did you mean the shipped network `{near}`?" if near else ""


@lru_cache(maxsize=256)
def load_shipped(path: Path) -> Document:
    """Return a shipped file, read once: unlike a user's it does not change meanwhile."""
    return load_file(path, f"specs/{path.relative_to(specs_folder()).as_posix()}")


@lru_cache(maxsize=256)
def _networks_in(path: Path) -> tuple[Network, ...]:
    """Return the networks of a shipped file."""
    return tuple(networks(load_shipped(path)))


def _shipped_mentions(name: str) -> Iterator[Path]:
    """Yield the shipped files with the name as a word: reading text is cheap, parsing is not.

    Those that the name begins with come first, as resnet.yaml for resnet50.
    """
    if not re.match(r"[\w.\-]+\Z", name):
        return
    folder = specs_folder()
    stems = _stems(folder)
    first = [stem for stem in stems if name.startswith(stem)]
    for stem in itertools.chain(first, (stem for stem in stems if stem not in first)):
        path, text = _shipped_text(folder, stem)
        if _mentions(text, name):
            yield path


@lru_cache(maxsize=256)
def _shipped_text(folder: Path, stem: str) -> tuple[Path, str]:
    """Return the path of a shipped file and its text, to look for names in."""
    path = folder / f"{stem}.yaml"
    return path, path.read_text(encoding="utf-8", errors="replace")


def _own_network(name: str) -> str:
    """Return `PATH` or `PATH:VARIANT` of the user's network of this name, "" for none.

    Specs of the working directory and of its `specs` are looked into.
    """
    if not name:
        return ""
    paths = sorted((*Path().glob("*.yaml"), *Path("specs").glob("*.yaml")))
    for path in paths[:MAX_BESIDE]:
        try:
            if not _mentions(read(path)[0], name):
                continue
            for network in networks(load_file(path)):
                if name in names(network):
                    return f"`{path}:{network.name}`" if network.variant else f"`{path}`"
        except ProblemError:  # a faulty file, which was not requested
            continue
    return ""


def _mentions(text: str, name: str) -> bool:
    """Whether a text has a name as a word, behind which a sentence may end."""
    at = text.find(name)
    while at >= 0:
        end = at + len(name)
        before, after = text[at - 1 : at], text[end : end + 1]
        if not _IN_NAMES.match(before) and (after == "." or not _IN_NAMES.match(after)):
            return True
        at = text.find(name, at + 1)
    return False
