"""The pages that the tests open in a browser, and node with its packages, which opens them."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from archprof.analysis.analysis import Analysis
from archprof.api import load
from archprof.commands.page.page import Extras, network_page, page_data
from archprof.show.document import HtmlPage, html
from archprof.show.markup import element

ROOT = Path(__file__).parents[3]
WEB = ROOT / "web"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NEEDED = "ARCHPROF_NEEDS_BROWSER"
"""Set where these tests must run: what is missing is an error then, and no reason to skip them."""

HOSTILE = "</script><script>bad=1</script><img src=x onerror=bad=1>\"'`${bad=1}\u202e" + "W" * 300


def missing(what: str) -> None:
    """Skip the test, or fail it where it must run."""
    if os.environ.get(NEEDED):
        pytest.fail(f"{what}, and {NEEDED} is set")
    pytest.skip(f"{what}: the page is not tested in a browser")


def node() -> str:
    """Return the program that runs scripts, its packages installed as the lock file has them."""
    found, npm = shutil.which("node"), shutil.which("npm")
    if found is None or npm is None:
        missing("node or npm is not installed")
    assert found is not None
    assert npm is not None
    with (WEB / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one of the workers that run tests side by side
        if not _installed():
            done = _run(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
            if done.returncode:
                missing(f"npm ci failed ({done.stderr.strip()[-300:]})")
    return found


def _installed() -> bool:
    """Whether the packages are there and as old as the lock file or newer."""
    record = WEB / "node_modules" / ".package-lock.json"
    return record.exists() and record.stat().st_mtime >= (WEB / "package-lock.json").stat().st_mtime


def browser() -> str:
    """Return the path of a browser."""
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    missing("no chromium is installed")
    raise AssertionError


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=WEB, capture_output=True, text=True, check=False)


def run_script(name: str, pages: Path) -> None:
    """Run a script of `browser/` over pages, and fail with what it prints."""
    script = Path(__file__).parent / "browser" / name
    done = _run(node(), str(script), browser(), str(pages))
    assert done.returncode == 0, done.stdout + done.stderr
    print(done.stdout)


def analysed(name: str, **parameters: Any) -> Analysis:
    """Return a shipped network's analysis."""
    return load(name, **parameters).analyze()


def page_of(*names: str) -> str:
    return network_page([analysed(name) for name in names], Extras())


def hostile_page() -> str:
    """Return the page of a network whose title, layers, blocks and ops have hostile names."""
    data = page_data([analysed("resnet18")], Extras())
    (network,) = data["networks"]
    name = HOSTILE
    network["heading"] = network["network"] = name
    columns = network["layers"]
    columns["path"] = [
        path.replace("layer1", name).replace("bn1", "__proto__") for path in columns["path"]
    ]
    network["blocks"] = {path.replace("layer1", name): name for path in network["blocks"]} | {
        "__proto__": "constructor"
    }
    network["texts"] = [name if text == "conv2d 3x3" else text for text in network["texts"]]
    parts = [element("div", data_part="networks")]
    return html(HtmlPage(name, (name, "__proto__"), parts, {"networks": data}))


def big_page() -> str:
    """Return the page of 11,115 layers that all differ, so that nothing folds."""
    data = page_data([analysed("resnet50", depths=[300, 300, 400, 110])], Extras())
    columns = data["networks"][0]["layers"]
    columns["alike"] = list(range(len(columns["path"])))
    assert len(columns["path"]) == 11_115
    parts = [element("div", data_part="networks")]
    return html(HtmlPage("Big", (), parts, {"networks": data}))
