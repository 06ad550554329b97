"""The flame graph in a browser: zoom, search, details, keys."""

from __future__ import annotations

import marshal
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from conftest import Pages
from playwright.sync_api import Page

SVG = "{http://www.w3.org/2000/svg}"


def frame(page: Page, name: str):
    return page.locator("#frames > g", has_text=name).first


def visible(page: Page) -> list[str]:
    """The names of the frames that are shown."""
    return page.evaluate(
        """[...document.querySelectorAll("#frames > g")].filter((g) => g.style.display !== "none")
           .map((g) => g.querySelector("title").textContent.split("\\n")[0])"""
    )


def width(page: Page, name: str) -> float:
    return float(frame(page, name).locator("rect").get_attribute("width"))


def details(page: Page) -> str:
    return page.locator("#details").text_content() or ""


def test_a_click_zooms_and_escape_goes_back(pages: Pages) -> None:
    page = pages.open("zoom.svg", "login.stat", viewport={"width": 1000, "height": 600})
    everything = visible(page)
    assert len(everything) == 7
    assert width(page, "all") == 980
    assert width(page, "factorial") == pytest.approx(980 * 0.012 / 0.25, abs=0.01)
    frame(page, "factorial").click()
    assert visible(page) == ["all", "login (views.py:12)", "get_table (views.py:31)", "factorial (odds.py:3)"]
    assert width(page, "factorial") == pytest.approx(980)
    assert frame(page, "factorial").locator("text").text_content() == "factorial (odds.py:3)"
    page.keyboard.press("Escape")
    assert visible(page) == everything


def test_the_picture_follows_the_window(pages: Pages) -> None:
    page = pages.open("resize.svg", "login.stat", viewport={"width": 1000, "height": 600})
    page.set_viewport_size({"width": 1500, "height": 600})
    page.wait_for_function("document.documentElement.getAttribute('width') === '1500'")
    assert width(page, "login") == 1480


def test_search_marks_what_it_finds_and_adds_it_up(pages: Pages) -> None:
    page = pages.open("search.svg", "login.stat")
    page.keyboard.press("/")
    page.keyboard.type("EXECUTE")
    assert page.locator("#frames > g.found").count() == 2
    assert page.locator("#found").text_content() == "2 found, 86.6 %"
    page.keyboard.press("Escape")
    assert page.locator("#frames > g.found").count() == 0
    page.keyboard.press("/")
    page.keyboard.type("^get_|[")  # not an expression: the text itself
    assert page.locator("#found").text_content() == "0 found, 0.0 %"
    page.locator("input").fill("^get_")
    assert page.locator("#found").text_content() == "2 found, 96.2 %"


def test_the_pointer_and_the_keys_show_details(pages: Pages) -> None:
    page = pages.open("details.svg", "login.stat")
    assert details(page).startswith("Click: zoom")
    frame(page, "get_db_user").hover()
    assert details(page) == "get_db_user (db.py:7) · about 225.500 ms, 90.20 % · about 10.500 ms itself · about 7 calls"
    page.mouse.move(5, 5)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert details(page).startswith("get_table (views.py:31)")
    page.keyboard.press("ArrowRight")
    assert details(page).startswith("{method 'execute'")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    assert width(page, "get_table") == pytest.approx(width(page, "all"))
    page.keyboard.press("ArrowDown")
    assert details(page).startswith("login")


@pytest.mark.parametrize("name, height", [("scroll.svg", 120), ("scroll.html", 220)])
def test_the_search_and_the_details_stay_in_sight(pages: Pages, name: str, height: int) -> None:
    page = pages.open(name, "login.stat", viewport={"width": 900, "height": height})
    page.keyboard.press("2")
    tops = set()
    for top in (0, 40):
        page.evaluate(f"(document.getElementById('flame') || window).scrollTo(0, {top})")
        page.wait_for_function("document.querySelector('.search').getBoundingClientRect().top >= 0")
        for part in (".search", "#details", ".title"):
            box = page.locator(part).bounding_box()
            assert 0 <= box["y"] and box["y"] + box["height"] <= height, (top, part)
        tops.add(page.locator("#frames").bounding_box()["y"])
    assert len(tops) == 2


@pytest.mark.parametrize("name, words", [("deep.svg", ()), ("deep-icicle.svg", ("--icicle",)), ("deep.html", ())])
def test_the_keys_scroll(pages: Pages, name: str, words: tuple[str, ...]) -> None:
    label = [("deep.py", i, f"f{i}") for i in range(60)]
    stats = {label[i]: (1, 1, 0.125, (60 - i) / 8, {label[i - 1]: (1, 1, 0.125, (60 - i) / 8)}) for i in range(1, 60)}
    (pages.folder / "deep.stat").write_bytes(marshal.dumps({label[0]: (1, 1, 0.125, 7.5, {}), **stats}))
    page = pages.open(name, *words, "deep.stat", viewport={"width": 900, "height": 400})
    page.keyboard.press("2")
    there, back = ("ArrowDown", "ArrowUp") if words else ("ArrowUp", "ArrowDown")
    for key, count in ((there, 50), (back, 48)):
        for _ in range(count):
            page.keyboard.press(key)
        chosen = page.locator("#frames > g.at rect")
        page.wait_for_function(
            """() => {
                const at = document.querySelector("#frames .at rect").getBoundingClientRect();
                const header = document.querySelector(".title").parentElement.getBoundingClientRect();
                const details = document.getElementById("details").getBoundingClientRect();
                return header.bottom <= at.top && at.bottom <= details.top;
            }"""
        )
        assert chosen.is_visible()
    assert details(page).startswith("f1 (deep.py:1)")


@pytest.mark.parametrize("size", [1000, 500, 360])
def test_the_note_fits(pages: Pages, size: int) -> None:
    page = pages.open("note.svg", "login.stat", viewport={"width": size, "height": 300})
    note = page.locator("g > .note:not([id])")
    box = note.bounding_box()
    assert box["x"] + box["width"] <= size
    whole = "250.000 ms in 72 calls, width: cumulative time, recursion folded, colour: module"
    assert note.locator("title").text_content() == whole
    page.set_viewport_size({"width": 1000, "height": 300})
    page.wait_for_function("document.documentElement.getAttribute('width') === '1000'")
    assert note.evaluate("(note) => note.firstChild.textContent") == whole


def test_it_opens_at_the_root(pages: Pages) -> None:
    page = pages.open("root.svg", "login.stat", viewport={"width": 900, "height": 120})
    assert 0 < frame(page, "all").bounding_box()["y"] < 120
    page = pages.open("root-icicle.svg", "--icicle", "login.stat", viewport={"width": 900, "height": 120})
    assert 0 < frame(page, "all").bounding_box()["y"] < 120


def test_wide_letters_stay_in_their_frames(pages: Pages) -> None:
    page = pages.open("wide.svg", "long-names.stat", viewport={"width": 600, "height": 200})
    label = frame(page, "名前").locator("text")
    assert (label.text_content() or "").startswith("\\ufffe名前")
    assert label.evaluate("(label) => label.getBBox().width") <= width(page, "名前")


def test_an_icicle_hangs(pages: Pages) -> None:
    page = pages.open("icicle.svg", "--icicle", "login.stat")
    tops = [float(frame(page, name).locator("rect").get_attribute("y")) for name in ("all", "login", "get_table")]
    assert tops == [62, 80, 98]
    page.keyboard.press("ArrowDown")
    assert details(page).startswith("login")


def test_names_are_text(pages: Pages) -> None:
    page = pages.open("hostile.svg", "-d", "hostile.prof")
    assert visible(page)[1].startswith("</title></text>]]>\"'&<!--${x} (<script>alert(1)</script>.py:1)")
    assert page.locator("script").count() == 1
    frame(page, "<b>x</b>").click()
    assert "<b>x</b>" in details(page)


@pytest.mark.parametrize("scheme, paper", [("light", "rgb(255, 255, 255)"), ("dark", "rgb(21, 24, 29)")])
def test_light_and_dark(pages: Pages, scheme: str, paper: str) -> None:
    page = pages.open(f"{scheme}.svg", "login.stat", color_scheme=scheme)
    assert page.locator(".paper").evaluate("(paper) => getComputedStyle(paper).fill") == paper


def test_without_a_script_it_is_the_same_picture(pages: Pages) -> None:
    page = pages.open("plain.svg", "login.stat", java_script_enabled=False)
    assert page.locator("#frames > g").count() == 7
    root = ElementTree.parse(pages.folder / "plain.svg").getroot()
    labels = [label.text for label in root.iter(f"{SVG}text")]
    assert "login.stat (estimated from caller pairs)" in labels
    assert "factor…" in labels


def test_a_hundred_thousand_functions(pages: Pages) -> None:
    generator = Path(__file__).resolve().parents[1] / "bench" / "big_profile.py"
    subprocess.run([sys.executable, str(generator), str(pages.folder / "big.stat"), "100000"], check=True, timeout=300)
    started = time.monotonic()
    page = pages.open("big.svg", "big.stat")
    assert len(visible(page)) > 1
    print(f"made and shown in {time.monotonic() - started:.1f} s")
    assert (pages.folder / "big.svg").stat().st_size < 10_000_000
