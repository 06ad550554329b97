"""The call graph as Graphviz lays it out."""

from __future__ import annotations

import shutil

import pytest
from conftest import Pages

pytestmark = pytest.mark.skipif(shutil.which("dot") is None, reason="there is no dot")


def test_boxes_and_arrows(pages: Pages) -> None:
    page = pages.open("graph.svg", "--format", "graph", "login.stat")
    nodes = page.locator("g.node").all_text_contents()
    assert len(nodes) == 5
    assert any("views.py:12:login" in node and "102.67%" in node and "(0.62%)" in node for node in nodes)
    assert page.locator("g.edge").count() == 6


def test_names_are_text(pages: Pages) -> None:
    page = pages.open("hostile-graph.svg", "--format", "graph", "-d", "hostile.prof")
    text = " ".join(page.locator("g.node text").all_text_contents()).replace("\u00a0", " ")
    assert "<script>alert(1)</script>.py:1:</title></text>]]>\"'&<!--${x}" in text
    assert 'a"; b -> c; ":2:\\N\\l<b>x</b>' in text
    assert page.locator("script").count() == 0
    assert page.locator("g.node").count() == 2


def test_names_of_any_length(pages: Pages) -> None:
    page = pages.open("long-names.svg", "--format", "graph", "long-names.stat")
    lines = page.locator("g.node text").all_text_contents()
    assert f"long.py:2:{'x' * 49}…" in lines and f"wide.py:4:\\ufffe{'名前' * 10}名…" in lines
    titles = page.locator("g.node a").evaluate_all("(links) => links.map((link) => link.getAttribute('xlink:title'))")
    assert f"long.py:2:{'x' * 2_990}" in titles


@pytest.mark.parametrize("suffix, magic", [("png", b"\x89PNG\r\n"), ("pdf", b"%PDF-")])
def test_other_kinds(pages: Pages, suffix: str, magic: bytes) -> None:
    assert pages.make(f"graph.{suffix}", "login.stat").read_bytes().startswith(magic)
