"""The picture of the house: the rooms of `inspector/` on their floors, and which room imports which.

`python docs/_extension/house_picture.py` writes `docs/house.svg`. All of it follows from the imports: a room
stands one floor above the highest that it imports, and an arrow is left out if others lead the same way. The
colours are readable on a light and on a dark page.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

__all__ = ["arrows", "floors", "picture", "room_imports"]

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docs" / "house.svg"

_OUTSIDE = {
    "anthropic",
    "anyio",
    "asyncio",
    "httpx",
    "httpx2",
    "multiprocessing",
    "obstore",
    "socket",
    "subprocess",
    "threading",
    "time",
}
"""A room that imports one of these talks to the world, reads a clock, or has threads or processes."""

_DOORS = {("__init__",), ("__main__",), ("types",)}
"""The modules that only name what stands behind them."""

_FLOOR, _HEIGHT, _GAP, _LETTER, _PASSAGE = 76, 34, 22, 8.2, 10

Graph = Mapping[str, frozenset[str]]
Cell = tuple[str, ...]
"""A room, or the passage of an arrow through a floor: (from, to, floor)."""


def room_imports() -> tuple[Graph, frozenset[str]]:
    """Return which rooms each room imports, and the rooms that talk to the world."""
    rooms: dict[str, set[str]] = {}
    outside = set()
    for path in sorted((ROOT / "inspector").rglob("*.py")):
        parts = path.relative_to(ROOT / "inspector").with_suffix("").parts
        if parts in _DOORS:
            continue
        found = rooms.setdefault(parts[0], set())
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            modules += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if modules == ["inspector"] and isinstance(node, ast.ImportFrom):
                modules = [f"inspector.{alias.name}" for alias in node.names]
            found |= {module.split(".")[1] for module in modules if module.startswith("inspector.")}
            if _OUTSIDE & {module.partition(".")[0] for module in modules}:
                outside.add(parts[0])
    graph = {room: frozenset(found & rooms.keys() - {room}) for room, found in rooms.items()}
    return graph, frozenset(outside)


def floors(graph: Graph) -> dict[str, int]:
    """Return each room's floor: one above the highest of the rooms that it imports, and 0 without any."""
    made: dict[str, int] = {}

    def floor(room: str) -> int:
        if room not in made:
            made[room] = 1 + max(map(floor, graph[room]), default=-1)
        return made[room]

    return {room: floor(room) for room in sorted(graph)}


def arrows(graph: Graph) -> list[tuple[str, str]]:
    """Return the imports that no longer way through other rooms implies."""
    below: dict[str, frozenset[str]] = {}
    for room in sorted(graph, key=floors(graph).__getitem__):
        below[room] = graph[room].union(*(below[other] for other in graph[room]))
    return sorted(
        (room, other)
        for room in graph
        for other in graph[room]
        if not any(other in below[x] for x in graph[room])
    )


def picture() -> str:
    """Return the picture as SVG."""
    graph, outside = room_imports()
    heights = floors(graph)
    ways = [_way(one, other, heights) for one, other in arrows(graph)]
    rows = _ordered(heights, ways)
    width = max(map(_row_width, rows)) + 2 * _GAP
    centers: dict[Cell, tuple[float, float]] = {}
    for number, row in enumerate(rows):
        x = (width - _row_width(row)) / 2
        for cell in row:
            centers[cell] = (x + _width(cell) / 2, (len(rows) - number - 0.5) * _FLOOR)
            x += _width(cell) + _GAP
    height = len(rows) * _FLOOR
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" role="img"'
        ' font-family="ui-monospace, Menlo, Consolas, monospace" font-size="13">',
        "<title>The rooms of inspector, and which imports which</title>",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto"><path d="M0 0L8 4L0 8z" fill="#8090a4"/></marker></defs>',
        *(_arrow([centers[cell] for cell in way]) for way in ways),
        *(_box(cell[0], *centers[cell], outside) for row in rows for cell in row if len(cell) == 1),
        "</svg>",
    ]
    return "\n".join([*lines, ""])


def _way(one: str, other: str, heights: Mapping[str, int]) -> list[Cell]:
    between = range(heights[one] - 1, heights[other], -1)
    return [(one,), *((one, other, str(floor)) for floor in between), (other,)]


def _ordered(heights: Mapping[str, int], ways: Sequence[Sequence[Cell]]) -> list[list[Cell]]:
    """Return the cells of each floor from the ground up, each near those that it is joined to."""
    rows: list[list[Cell]] = [[] for _ in range(max(heights.values()) + 1)]
    for room, floor in heights.items():
        rows[floor].append((room,))
    joined: dict[Cell, set[Cell]] = {}
    for way in ways:
        for cell in way[1:-1]:
            rows[int(cell[2])].append(cell)
        for upper, lower in pairwise(way):
            joined.setdefault(upper, set()).add(lower)
            joined.setdefault(lower, set()).add(upper)
    for _ in range(24):
        for row in (*rows, *reversed(rows)):
            places = {cell: (at + 0.5) / len(each) for each in rows for at, cell in enumerate(each)}
            row.sort(key=lambda cell: (_mean([places[other] for other in joined.get(cell, {cell})]), cell))
    return rows


def _mean(values: Sequence[float]) -> float:
    return round(math.fsum(values) / len(values), 6)


def _width(cell: Cell) -> float:
    return len(cell[0]) * _LETTER + 24 if len(cell) == 1 else _PASSAGE


def _row_width(row: Sequence[Cell]) -> float:
    return math.fsum(map(_width, row)) + _GAP * (len(row) - 1)


def _arrow(points: Sequence[tuple[float, float]]) -> str:
    """Draw an arrow through the middle of each floor: straight down on a floor, a curve between two."""
    half = _HEIGHT / 2
    x, y = points[0]
    path = f"M{x:.0f} {y + half:.0f}"
    for at, (x2, y2) in enumerate(points[1:], 2):
        top, bottom = y + half, y2 - half
        middle = (top + bottom) / 2
        path += f"C{x:.0f} {middle:.0f} {x2:.0f} {middle:.0f} {x2:.0f} {bottom - 2:.0f}"
        if at < len(points):
            path += f"V{y2 + half:.0f}"
        x, y = x2, y2
    return f'<path d="{path}" fill="none" stroke="#8090a4" stroke-width="1.3" marker-end="url(#tip)"/>'


def _box(room: str, x: float, y: float, outside: frozenset[str]) -> str:
    width, colour = _width((room,)), "#a4532a" if room in outside else "#2f6597"
    corner = f'x="{x - width / 2:.0f}" y="{y - _HEIGHT / 2:.0f}"'
    return (
        f'<rect {corner} width="{width:.0f}" height="{_HEIGHT}" rx="6" fill="{colour}"/>'
        f'<text x="{x:.0f}" y="{y + 4.5:.0f}" text-anchor="middle" fill="#fff">{room}</text>'
    )


if __name__ == "__main__":
    FILE.write_text(picture(), "utf-8")
