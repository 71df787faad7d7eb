"""Render `docs/summary.svg`, the picture of a terminal in the README and on the site.

`python scripts/render_picture.py` writes it again; `tests/test_picture.py` compares it.
"""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from archprof.analysis.analysis import analyze
from archprof.commands.summary.summary_table import summary_table
from archprof.language.expand import expand
from archprof.language.find import find
from archprof.show.table import lines

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "summary.svg"
SPEC = "tests/data/lenet.yaml"
COLUMNS = 80
# black on white reads on a light page and on a dark one
THEME = TerminalTheme(
    (255, 255, 255),
    (36, 41, 47),
    [
        (36, 41, 47),
        (207, 34, 46),
        (17, 99, 41),
        (125, 78, 0),
        (9, 105, 218),
        (130, 80, 223),
        (14, 116, 144),
        (110, 119, 129),
    ],
)
# rich's own template loads a font from the network, and its frame leaves a wide border
TEMPLATE = """\
<svg viewBox="0 0 {width} {height}" role="img" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{
  font: {char_height}px/{line_height}px ui-monospace, "DejaVu Sans Mono", Menlo, monospace;
}}
{styles}
</style>
<defs>
{lines}
</defs>
<rect fill="#ffffff" stroke="#d0d7de" stroke-width="3" width="{width}" height="{height}" rx="12"/>
<g class="{unique_id}-matrix" transform="translate({terminal_x}, 24)">
{matrix}
</g>
</svg>
"""


def render() -> str:
    """Return the SVG of `archprof summary` in a terminal of 80 columns."""
    console = Console(
        file=io.StringIO(), record=True, width=COLUMNS, force_terminal=True, color_system="standard"
    )
    console.print(Text(f"$ archprof summary {SPEC}", style="bold"))
    analysis = analyze(expand(find(str(ROOT / SPEC))), count="macs")
    for line in lines(summary_table(analysis, COLUMNS), COLUMNS):
        console.print(Text.assemble(*line), soft_wrap=True)
    return console.export_svg(theme=THEME, code_format=TEMPLATE, unique_id="archprof")


def main() -> None:
    """Write the picture."""
    PICTURE.write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    main()
