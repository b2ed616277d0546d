"""The pictures of the README: `python tests/pictures.py` makes them again, from what the program does now.

`stream.svg` is a terminal of 80 columns. It names no font and no file of another host, so it loads nothing.
`report.png` needs Chromium.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

sys.path.insert(0, str(Path(__file__).parent / "cli"))

from terminal_emulator import on_terminal

__all__ = ["PICTURES", "STREAM", "left_on_screen", "svg_text", "terminal_output"]

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
STREAM = ("stream", "--offline")
COLUMNS, ROWS = 80, 40

_COLOURS = TerminalTheme(
    (24, 26, 31),
    (222, 226, 233),
    [
        *((40, 44, 52), (224, 108, 117), (152, 195, 121), (229, 192, 123)),
        *((97, 175, 239), (198, 120, 221), (102, 204, 214), (171, 178, 191)),
    ],
)

_TEMPLATE = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img" aria-label="A terminal">
<style>
.{unique_id}-matrix {{
  font: {char_height}px/{line_height}px ui-monospace, "SF Mono", Menlo, Consolas, monospace;
  font-variant-east-asian: full-width; white-space: pre;
}}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect width="{terminal_width}" height="{terminal_height}"/>
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
"""rich's own, but for its fonts, which are of another host."""

_MOVE = re.compile(r"\x1b\[(\d*)A|\x1b\[(J)|(\n)|\x1b\[\?7[hl]")


def terminal_output(*arguments: str) -> str:
    """Return all that inspector writes on a terminal in colours. Raises `AssertionError` if it fails."""
    status, written = on_terminal(*arguments, columns=COLUMNS, rows=ROWS, env={"NO_COLOR": ""})
    assert status == 0, written
    return written


def left_on_screen(written: str) -> str:
    """Return the lines that are left when all is drawn, with their colours.

    To draw a live area again, the cursor goes up to the start of a line, and all below is erased.
    """
    lines, at, end = [""], 0, 0
    for move in _MOVE.finditer(written):
        lines[at] += written[end : move.start()].replace("\r", "")
        end = move.end()
        up, erased, down = move.groups()
        if up is not None:
            at -= int(up or 1)
        elif erased:
            lines[at:] = [""]
        elif down:
            at += 1
            lines[at:] = lines[at:] or [""]
    return "\n".join([*lines[:at], lines[at] + written[end:]]).rstrip("\n")


def svg_text(svg: str) -> list[str]:
    """Return the lines that a picture of a terminal shows."""
    rows: dict[float, str] = {}
    for y, text in re.findall(r'<text [^>]*? y="([\d.]+)"[^>]*>([^<]*)</text>', svg):
        rows[float(y)] = rows.get(float(y), "") + text
    return [_plain(rows[y]).rstrip() for y in sorted(rows)]


def _plain(text: str) -> str:
    from html import unescape

    return unescape(text).replace("\xa0", " ")


def draw_terminal(path: Path, *arguments: str) -> None:
    """Draw a terminal on which inspector has run."""
    console = Console(
        record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="standard"
    )
    console.print(Text(f"$ inspector {' '.join(arguments)}", style="bold green"))
    console.print(Text.from_ansi(left_on_screen(terminal_output(*arguments))))
    svg = console.export_svg(title="", theme=_COLOURS, code_format=_TEMPLATE, unique_id="inspector")
    path.write_text(svg, encoding="utf-8")


def draw_page(path: Path, name: str) -> None:
    """Let Chromium draw the report of a bundled recording."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        report = [sys.executable, "-m", "inspector", "report", name, "-o", str(page)]
        subprocess.run(
            report, cwd=folder, check=True, env={**os.environ, "PYTHONPATH": str(PICTURES.parents[1])}
        )
        subprocess.run(
            [
                shutil.which("chromium") or "chromium",
                *("--headless", "--no-sandbox", "--hide-scrollbars", "--window-size=1100,780"),
                *("--virtual-time-budget=2000", f"--user-data-dir={folder}/chromium"),
                *(f"--screenshot={path}", page.as_uri()),
            ],
            check=True,
            stderr=subprocess.DEVNULL,  # it misses the session bus
        )


def main() -> None:
    """Make all pictures."""
    PICTURES.mkdir(exist_ok=True)
    draw_terminal(PICTURES / "stream.svg", *STREAM)
    draw_page(PICTURES / "report.png", "web_search")


if __name__ == "__main__":
    main()
