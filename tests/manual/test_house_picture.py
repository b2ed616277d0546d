"""The picture of the house is drawn from the imports, and the one in the repository is the current one."""

from __future__ import annotations

import itertools
import re

from _extension.house_picture import FILE, arrows, floors, picture, room_imports

GRAPH, ACTING = room_imports()


def test_the_picture_is_current():
    assert FILE.read_text() == picture(), "run python docs/_extension/house_picture.py"


def test_every_import_points_down():
    heights = floors(GRAPH)
    assert all(heights[room] > heights[other] for room, others in GRAPH.items() for other in others)
    assert all(
        heights[room] == 0 or any(heights[o] == heights[room] - 1 for o in GRAPH[room]) for room in GRAPH
    )


def test_the_arrows_lead_wherever_the_imports_do_and_none_is_superfluous():
    def reached(edges):
        ways = set(edges)
        while True:
            more = {(a, d) for (a, b), (c, d) in itertools.product(ways, ways) if b == c} - ways
            if not more:
                return ways
            ways |= more

    drawn = set(arrows(GRAPH))
    imported = {(room, other) for room, others in GRAPH.items() for other in others}
    assert drawn <= imported
    assert reached(drawn) == reached(imported)
    assert all(edge not in reached(drawn - {edge}) for edge in drawn)


def test_the_picture_shows_each_room_once():
    assert sorted(re.findall(r"<text [^>]*>(\w+)</text>", picture())) == sorted(GRAPH)
    assert {"record", "serve", "proxy"} <= ACTING
    assert ACTING.isdisjoint({"recording", "checker", "faults", "views"})
