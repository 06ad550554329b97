"""The page of two profiles: table, selection, graphs, both runs."""

from __future__ import annotations

import subprocess
import sys

import pytest
from conftest import TESTS, Pages
from playwright.sync_api import Page
from test_page import labels, selected, tab

COMPARED = ("login.stat", "--diff", "base.stat")
NUMBERS = [f"{field} was|is|change|ratio" for field in ("ncalls", "tottime", "cumtime")]


def row(page: Page, name: str) -> list[str]:
    """The cells of a function."""
    cells = page.locator("#table .slick-row", has_text=name).first.locator(".slick-cell")
    return [text.strip() for text in cells.all_text_contents()]


def test_the_table_has_both(pages: Pages) -> None:
    page = pages.open("both.html", *COMPARED, "--match", "name")
    columns = [" ".join(text.split()) for text in page.locator(".slick-column-name").all_text_contents()]
    assert columns == ["filename:lineno(function)", *"|".join(NUMBERS).split("|")]
    assert row(page, "get_db_user") == [
        *("db.py:7(get_db_user)", "2", "7", "+5", "3.50", "0.003", "0.011", "+0.008", "3.50"),
        *("0.063", "0.226", "+0.163", "3.61"),
    ]
    assert row(page, "factorial")[:5] == ["newodds.py:3(factorial)", "0", "52/1", "+52", ""]
    assert row(page, "binomial")[:5] == ["goneodds.py:30(binomial)", "3", "0", "−3", "0.00"]
    assert page.locator("#table .mark").all_text_contents() == ["new", "gone"]
    assert page.locator("header p").text_content() == (
        "72 calls in 0.244 seconds, was 13 calls in 0.080 seconds; 7 functions, 1 new and 1 gone"
    )


def test_the_largest_change_comes_first_whichever_way(pages: Pages) -> None:
    page = pages.open("both-sort.html", *COMPARED)
    names = [label.removeprefix("new").removeprefix("gone") for label in first_cells(page)]
    assert names == [
        *("db.py:7(get_db_user)", "views.py:12(login)", "views.py:31(get_table)"),
        "{method 'execute' of 'sqlite3.Connection' objects}",
        *("users.py:9(get_db_user)", "odds.py:3(factorial)", "odds.py:30(binomial)", "{built-in method builtins.len}"),
    ]
    page.locator(".slick-header-column", has_text="change").first.click()
    page.locator(".slick-header-column", has_text="change").first.click()
    assert first_cells(page)[0] == "newodds.py:3(factorial)"  # 52 calls more
    bars = page.locator("#table .share").evaluate_all("(all) => all.map((bar) => bar.style.background)")
    assert any("--grew" in bar for bar in bars) and any("--shrank" in bar for bar in bars)


def first_cells(page: Page) -> list[str]:
    rows = page.locator("#table .slick-row").evaluate_all(
        """(rows) => rows.map((row) => [row.getBoundingClientRect().top, row.firstElementChild.textContent.trim()])"""
    )
    return [label for _top, label in sorted(rows)]


def test_search_and_keys_walk_the_table(pages: Pages) -> None:
    page = pages.open("both-find.html", *COMPARED)
    page.keyboard.press("/")
    page.keyboard.type("get_db")
    assert len(labels(page)) == 2
    page.keyboard.press("ArrowDown")
    assert selected(page) == "newdb.py:7(get_db_user)"
    page.keyboard.press("ArrowDown")
    assert selected(page) == "goneusers.py:9(get_db_user)"


def test_the_selected_function_has_both(pages: Pages) -> None:
    page = pages.open("both-select.html", *COMPARED, "--match", "name")
    page.locator("#table .slick-cell", has_text="get_table").click()
    facts = page.locator("#selected dd").all_text_contents()
    assert facts == ["1", "0.003 s, +0.000 (1.00 times)", "0.066 → 0.240 s, +0.175 (3.67 times)"]
    pairs = page.locator("#selected tbody tr").evaluate_all(
        "(rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent))"
    )
    assert pairs == [
        ["1", "0.066 → 0.240", "views.py:12(login)"],
        ["2 → 7", "0.063 → 0.226", "db.py:7(get_db_user)"],
        ["0 → 1", "0.000 → 0.012", "newodds.py:3(factorial)"],
        ["3 → 0", "0.012 → 0.000", "goneodds.py:30(binomial)"],
        ["3 → 2", "0.000", "{built-in method builtins.len}"],
    ]
    page.locator("#selected .link", has_text="binomial").click()
    assert selected(page) == "goneodds.py:30(binomial)"


def test_graphs_have_the_colours_of_the_change(pages: Pages) -> None:
    page = pages.open("both-views.html", *COMPARED)
    page.keyboard.press("2")
    page.locator("#frames > g", has_text="factorial").first.click()
    assert selected(page) == "newodds.py:3(factorial)"
    steps = page.locator("#legend > g rect").evaluate_all("(all) => all.map((rect) => rect.getAttribute('fill'))")
    page.keyboard.press("3")
    boxes = dict(
        page.locator("#graph .box").evaluate_all(
            """(all) => all.map((box) => [box.querySelector("text").textContent,
                                         box.querySelector("rect").getAttribute("fill")])"""
        )
    )
    assert boxes["views.py:12(login)"] == boxes["new: db.py:7(get_db_user)"] == steps[8]
    assert boxes["gone: users.py:9(get_db_user)"] == steps[1]
    assert boxes["gone: odds.py:30(binomial)"] == steps[2]
    page.locator("#graph .box", has_text="users.py").click()
    assert selected(page) == "goneusers.py:9(get_db_user)"


def test_both_runs_are_told(pages: Pages) -> None:
    page = pages.open("both-run.html", "async.stat", "--diff", "paths.stat")
    tab(page, "Run")
    headings = page.locator("#run h2").all_text_contents()
    assert headings == ["Files", "Facts", "Threads", "Files of the base", "Facts of the base"]
    assert "async.stat" in page.locator("#run").inner_text() and "paths.stat" in page.locator("#run").inner_text()


def test_two_players_and_seven(pages: Pages) -> None:
    page = pages.open("players.html", "players-7.prof", "--diff", "players-2.prof")
    assert page.title() == "players-7.prof compared with players-2.prof"
    assert row(page, "get_db_user")[:5] == ["db.py:7(get_db_user)", "2", "7", "+5", "3.50"]
    page.locator(".slick-header-column", has_text="change").first.click()
    page.locator(".slick-header-column", has_text="change").first.click()
    assert {first_cells(page)[0], first_cells(page)[1]} == {
        "db.py:7(get_db_user)",
        "{method 'execute' of 'sqlite3.Connection' objects}",
    }
    tab(page, "Run")
    text = page.locator("#run").inner_text()
    assert "play 7" in text.split("Files of the base")[0] and "play 2" in text.split("Files of the base")[1]


@pytest.mark.parametrize("words", [("hostile.prof", "--diff", "login.stat"), ("login.stat", "--diff", "hostile.prof")])
def test_hostile_names_are_text(pages: Pages, words: tuple[str, ...]) -> None:
    page = pages.open("both-hostile.html", *words, "-d")
    page.locator("#table .slick-cell", has_text="<script>alert(1)</script>.py").first.click()
    assert "<script>alert(1)</script>.py:1(</title></text>]]>\"'&<!--${x})" in selected(page)
    for key in "234":
        page.keyboard.press(key)
    assert page.locator("script").count() == 2
    assert page.locator("b").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_bars_can_be_read(pages: Pages, scheme: str) -> None:
    page = pages.open(f"both-{scheme}.html", *COMPARED, color_scheme=scheme)
    contrasts = page.evaluate(
        """() => {
          const rgb = (colour) => {
            const sample = Object.assign(document.body.appendChild(document.createElement("i")), {});
            sample.style.color = colour;
            const parts = getComputedStyle(sample).color.match(/[\\d.]+/g).map(Number);
            sample.remove();
            return parts.map((part) => (part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
          };
          const light = ([r, g, b]) => 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
          const ink = light(rgb("var(--ink)"));
          return ["--grew", "--shrank", "--chosen"].map((name) => {
            const paper = light(rgb(`var(${name})`));
            return Math.max(ink, paper) / Math.min(ink, paper);
          });
        }"""
    )
    assert min(contrasts) > 4.5


def test_a_hundred_thousand_functions(pages: Pages) -> None:
    generator = TESTS / "bench" / "big_profile.py"
    for name, count in (("big-now.stat", "100000"), ("big-base.stat", "90000")):
        subprocess.run([sys.executable, str(generator), str(pages.folder / name), count], check=True, timeout=300)
    page = pages.open("big-both.html", "big-now.stat", "--diff", "big-base.stat")
    assert page.locator("#count").text_content() == "20,000 of 20,000 functions (80,000 more are left out)"
    assert (pages.folder / "big-both.html").stat().st_size < 12_000_000
