"""The address of a dashboard is said only if a page answers there."""

from __future__ import annotations

import socket
from types import SimpleNamespace

import pytest
from object_servers import FakeStore, answer

from inspector.corpus.engines import dask_dashboard
from inspector.corpus.engines.dask_dashboard import page_is_there


@pytest.mark.parametrize("status, there", [(200, True), (404, False), (500, False)])
def test_a_page_is_there_if_it_answers_without_an_error(status, there, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://nothing.invalid:1")
    with FakeStore(answers={"/status": answer(status, b"page")}) as server:
        assert page_is_there(f"{server.url}/status") is there


def test_the_page_that_says_that_bokeh_is_missing_is_no_dashboard():
    handler = pytest.importorskip("distributed.http.scheduler.missing_bokeh").MissingBokeh
    written = []
    handler.get(SimpleNamespace(write=written.append))
    with FakeStore(answers={"/status": answer(200, "".join(written).encode())}) as server:
        assert not page_is_there(f"{server.url}/status")


def test_a_redirect_to_a_page_is_a_page():
    answers = {"/status": answer(302, Location="/login"), "/login": answer(200, b"page")}
    with FakeStore(answers=answers) as server:
        assert page_is_there(f"{server.url}/status")


def test_where_nothing_answers_is_no_page(monkeypatch):
    monkeypatch.setattr(dask_dashboard, "_TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert not page_is_there(f"http://127.0.0.1:{silent.getsockname()[1]}/status")
    assert not page_is_there("no address")


def test_a_cluster_says_its_dashboard_if_there_is_one(monkeypatch):
    pytest.importorskip("distributed")
    from corpus_jobs import Names, sources

    from inspector.corpus.engines.dask_engine import DaskEngine

    for there in (True, False):
        monkeypatch.setattr(
            "inspector.corpus.engines.dask_engine.page_is_there", lambda link, there=there: there
        )
        lines = []
        list(DaskEngine(workers=1, announce=lines.append).run(Names(), sources(1)))
        assert [line.startswith("the dashboard is at http://") for line in lines] == [True] * there
