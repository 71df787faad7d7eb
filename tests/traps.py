"""A repository made to run something when it is looked at: what a pull request's files alone can
bring, and what its .git/config can say.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.history import ALONE, ENVIRONMENT, SPECS, UNIT, History

MISSING = "1" * 40
MODULES = (
    "archprof",
    "venv",
    "pip",
    "ensurepip",
    "logging",
    "json",
    "re",
    "yaml",
    "typer",
    "rich",
    "torch",
    "sitecustomize",
    "usercustomize",
)
"""Python files at the root of the checkout, each called as a module that a tool would import."""


class Traps:
    """A clone on a branch that changes a spec, with a trap for every way in which git or Python
    can be made to run something of it.
    """

    def __init__(self, folder: Path):
        self.marker = folder / "ran"
        self.trap = folder / "trap.sh"
        self.trap.write_text(f'#!/bin/sh\necho "$0 $*" >> {self.marker}\n', encoding="utf-8")
        self.trap.chmod(0o755)
        origin = History(folder / "origin", SPECS)
        origin.git("checkout", "-q", "-b", "change")
        wider = {"specs/blocks/unit.yaml": UNIT.replace("$width", "2 * $width", 1)}
        origin.commit(
            {
                **wider,
                **self.modules(),
                **self.bare("specs"),
                ".gitattributes": "* filter=x diff=x\n",
            }
        )
        origin.git("clone", "-q", "--branch", "change", str(origin.root), str(folder / "clone"))
        self.history = History(folder / "clone")
        self.root = self.history.root

    def modules(self) -> dict[str, str]:
        """Python files that leave the marker where they are imported, and what else Python, pip
        and pyenv look for in a folder.
        """
        code = f"open({str(self.marker)!r}, 'a').write(__name__ + ' ')\n"
        others = {
            "pip.conf": "[global]\nindex-url = http://127.0.0.1:9/\n",
            "setup.cfg": "[install]\nprefix=/nowhere\n",
            ".python-version": "0.0.0\n",
        }
        return {f"{name}.py": code for name in MODULES} | others

    def bare(self, folder: str) -> dict[str, str]:
        """A bare repository as plain files: its configuration runs the trap for a fetch of what
        is missing, and for a look at its files.
        """
        config = (
            "[core]\n\trepositoryformatversion = 1\n\tbare = false\n\tworktree = .\n"
            + f"\tfsmonitor = {self.trap}\n\thooksPath = {self.trap.parent}\n"
            f'[extensions]\n\tpartialClone = origin\n[remote "origin"]\n\turl = ext::{self.trap}'
            f" ext\n\tpromisor = true\n\tuploadpack = {self.trap}\n"
            '[protocol]\n\tallow = always\n[protocol "ext"]\n\tallow = always\n'
        )
        return {
            f"{folder}/HEAD": "ref: refs/remotes/origin/main\n",
            f"{folder}/config": config,
            f"{folder}/objects/keep": "",
            f"{folder}/refs/keep": "",
            f"{folder}/refs/remotes/origin/main": f"{MISSING}\n",
            f"{folder}/refs/heads/main": f"{MISSING}\n",
        }

    def arm(self) -> None:
        """Put the traps into the clone's own .git as well."""
        for key in (
            "core.fsmonitor",
            "core.pager",
            "core.editor",
            "core.sshCommand",
            "core.gitProxy",
            "core.askPass",
            "diff.external",
            "gpg.program",
            "filter.x.clean",
            "filter.x.smudge",
            "filter.x.process",
            "diff.x.textconv",
            "diff.x.command",
            "credential.helper",
            "alias.rev-list",
        ):
            self.history.git("config", key, str(self.trap))
        self.history.git("config", "core.hooksPath", str(self.root / "hooks"))
        self.history.git("config", "log.showSignature", "true")
        (self.root / "hooks").mkdir()
        for hook in (
            "post-index-change",
            "reference-transaction",
            "fsmonitor-watchman",
            "post-checkout",
        ):
            (self.root / "hooks" / hook).symlink_to(self.trap)
        self.history.write({"specs/alone.yaml": ALONE + "# changed\n"})

    def lose(self, path: str) -> None:
        """Lose a content of the base, so that git would fetch it from a remote that is a
        command.
        """
        identity = self.history.git("rev-parse", f"origin/main:{path}")
        self.history.git("repack", "-q", "-a", "-d")
        for pack in (self.root / ".git/objects/pack").glob("*.pack"):
            moved = pack.rename(self.root.parent / pack.name)
            pack.with_suffix(".idx").unlink()
            self.history.git_input(moved.read_bytes(), "unpack-objects", "-q")
        (self.root / ".git/objects" / identity[:2] / identity[2:]).unlink()
        for key, value in {
            "core.repositoryFormatVersion": "1",
            "extensions.partialClone": "origin",
            "remote.origin.promisor": "true",
            "remote.origin.url": f"ext::{self.trap} ext",
            "protocol.ext.allow": "always",
            "protocol.allow": "always",
        }.items():
            self.history.git("config", key, value)

    def plain_git(self, *arguments: str, folder: str = ".") -> None:
        """git as it is started without protection."""
        subprocess.run(
            ["git", "-C", str(self.root / folder), *arguments],
            env=ENVIRONMENT,
            check=False,
            capture_output=True,
        )

    @property
    def ran(self) -> str:
        """What ran, "" for nothing."""
        return self.marker.read_text(encoding="utf-8") if self.marker.exists() else ""
