"""The page: table, selection, flame graph, call graph, the run."""

from __future__ import annotations

import hashlib
import marshal
import re
import subprocess
import sys
import time

import pytest
from conftest import TESTS, Pages
from playwright.sync_api import Page

VENDOR = TESTS.parent / "tools" / "pstat" / "vendor"


def labels(page: Page) -> list[str]:
    """The functions in the visible part of the table, in their order."""
    rows = page.locator("#table .slick-row").evaluate_all(
        """(rows) => rows.map((row) => [row.getBoundingClientRect().top, row.lastElementChild.textContent])"""
    )
    return [label for _top, label in sorted(rows)]


def selected(page: Page) -> str:
    return page.locator("#selected h2").text_content() or ""


def tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name).click()


def test_the_table_has_the_columns_of_pstats(pages: Pages) -> None:
    page = pages.open("table.html", "login.stat")
    columns = [" ".join(text.split()) for text in page.locator(".slick-column-name").all_text_contents()]
    assert columns == ["ncalls", "tottime", "percall", "cumtime", "percall", "filename:lineno(function)"]
    cells = page.locator("#table .slick-row").first.locator(".slick-cell").all_text_contents()
    assert cells == ["1", "0.002", "0.002", "0.250", "0.250", "views.py:12(login)"]
    assert len(labels(page)) == 6
    assert "52/1" in page.locator("#table .slick-cell").all_text_contents()


def test_a_click_on_a_heading_sorts(pages: Pages) -> None:
    page = pages.open("sort.html", "login.stat")
    assert labels(page)[:2] == ["views.py:12(login)", "views.py:31(get_table)"]
    page.locator(".slick-header-column").first.click()
    assert labels(page)[0] == "views.py:12(login)"
    page.locator(".slick-header-column").first.click()
    assert labels(page)[0] == "odds.py:3(factorial)"
    page.locator(".slick-header-column").last.click()
    assert labels(page) == sorted(labels(page))


def test_search_narrows_the_table(pages: Pages) -> None:
    page = pages.open("find.html", "login.stat")
    page.keyboard.press("/")
    page.keyboard.type("GET_")
    assert labels(page) == ["views.py:31(get_table)", "db.py:7(get_db_user)"]
    assert page.locator("#count").text_content() == "2 of 6 functions"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert selected(page) == "db.py:7(get_db_user)"
    page.locator("#find").fill("(")  # not an expression: the text itself
    assert len(labels(page)) == 4
    page.locator("#find").press("Escape")
    assert len(labels(page)) == 6


def test_selecting_shows_callers_and_callees(pages: Pages) -> None:
    page = pages.open("select.html", "login.stat")
    assert selected(page) == "views.py:12(login)"
    page.locator("#table .slick-cell", has_text="get_table").click()
    assert selected(page) == "views.py:31(get_table)"
    assert page.locator("#selected h3").all_text_contents() == ["Callers (1)", "Callees (3)"]
    pairs = page.locator("#selected tbody tr").evaluate_all(
        "(rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent))"
    )
    assert pairs[0] == ["1", "0.003", "0.240", "views.py:12(login)"]
    assert pairs[1] == ["7", "0.011", "0.226", "db.py:7(get_db_user)"]
    page.locator("#selected .link", has_text="get_db_user").click()
    assert selected(page) == "db.py:7(get_db_user)"
    assert "get_db_user" in (page.locator("#table .slick-row.active").text_content() or "")


def test_frames_and_boxes_select(pages: Pages) -> None:
    page = pages.open("views.html", "login.stat")
    page.keyboard.press("2")
    page.locator("#frames > g", has_text="factorial").first.click()
    assert selected(page) == "odds.py:3(factorial)"
    page.keyboard.press("3")
    assert page.locator("#graph .box").count() == 5
    page.locator("#graph .box", has_text="get_db_user").click()
    assert selected(page) == "db.py:7(get_db_user)"
    assert page.locator("#graph .box.chosen").count() == 1


def test_frames_of_the_selected_function_are_marked(pages: Pages) -> None:
    page = pages.open("marks.html", "login.stat")
    page.locator("#table .slick-cell", has_text="execute").click()
    page.keyboard.press("2")
    marked = page.locator("#frames > g.chosen title").all_text_contents()
    assert [title.split("\n")[0] for title in marked] == ["{method 'execute' of 'sqlite3.Connection' objects}"] * 2
    page.locator("#frames > g", has_text="factorial").first.click()
    assert page.locator("#frames > g.chosen").count() == 1


def test_the_run_is_told(pages: Pages) -> None:
    page = pages.open("run.html", "async.stat")
    tab(page, "Run")
    text = page.locator("#run").inner_text()
    assert "async.stat" in text and "paths\nall" in text and "MainThread" in text


def test_facts_may_be_anything(pages: Pages) -> None:
    page = pages.open("facts.html", "odd-facts.stat")
    tab(page, "Run")
    text = page.locator("#run").inner_text()
    assert "started\n1e+300\n" in text and "enabled\nfor long\n" in text
    assert "compensated\nyes\n" in text and "constructor\nx" in text


def test_tabs_are_reached_by_keys(pages: Pages) -> None:
    page = pages.open("tabs.html", "login.stat")
    page.get_by_role("tab", name="Functions").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.get_by_role("tab", selected=True).text_content() == "Call graph"
    assert page.locator("#views > section:visible").evaluate_all("(s) => s.map((e) => e.id)") == ["graph"]


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.dataset.id || document.activeElement.id || ''")


def test_tab_goes_through_the_table_and_enter_sorts(pages: Pages) -> None:
    page = pages.open("keys.html", "login.stat")
    page.locator("#find").focus()
    stops = []
    for _ in range(8):
        page.keyboard.press("Tab")
        stops.append(focused(page))
    assert stops == ["", "ncalls", "tottime", "own", "cumtime", "whole", "label", ""]
    assert page.evaluate("document.activeElement.matches('#selected .link')")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    assert labels(page) == sorted(labels(page))
    heading = page.locator(".slick-header-column[data-id=label]")
    assert heading.get_attribute("aria-sort") == "ascending"
    page.keyboard.press("Space")
    assert labels(page) == sorted(labels(page), reverse=True)
    assert heading.get_attribute("aria-sort") == "descending"
    assert page.locator("[data-id=cumtime]").get_attribute("aria-sort") == "none"


def test_a_narrow_window_keeps_what_can_be_read(pages: Pages) -> None:
    page = pages.open("narrow.html", "login.stat", viewport={"width": 400, "height": 700})
    page.wait_for_function("document.querySelectorAll('.slick-header-column').length === 4")
    cells = page.locator("#table .slick-row").first.locator(".slick-cell")
    assert cells.all_text_contents() == ["1", "0.002", "0.250", "views.py:12(login)"]
    assert all(cell.evaluate("(c) => c.scrollWidth <= c.clientWidth") for cell in cells.all()[:3])
    page.set_viewport_size({"width": 1200, "height": 700})
    page.wait_for_function("document.querySelectorAll('.slick-header-column').length === 6")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_keys_walk_through_the_call_graph(pages: Pages) -> None:
    page = pages.open("walk.html", "login.stat", viewport={"width": 900, "height": 400})
    page.keyboard.press("3")
    seen = []
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp", "ArrowUp", "ArrowUp"):
        page.keyboard.press(key)
        seen.append(selected(page).split("(")[-1].rstrip(")"))
    assert seen[:2] + seen[3:] == ["get_table", "get_db_user", "get_db_user", "get_table", "login"]
    assert page.locator("#graph .box:focus").text_content().startswith("views.py:12(login)")


def test_the_call_graph_grows_and_shrinks(pages: Pages) -> None:
    page = pages.open("scale.html", "login.stat", viewport={"width": 900, "height": 400})
    page.keyboard.press("3")
    picture = page.locator("#graph-picture svg")
    whole = picture.bounding_box()["height"]
    page.keyboard.press("0")
    around = page.locator("#graph-picture")
    assert around.evaluate("(e) => e.scrollHeight <= e.clientHeight + 24 && e.scrollWidth <= e.clientWidth")
    page.get_by_role("button", name="Fit").click()
    small = picture.bounding_box()["height"]
    assert small < whole
    page.keyboard.press("+")
    assert picture.bounding_box()["height"] == pytest.approx(1.25 * small, abs=1)
    page.keyboard.press("-")
    assert picture.bounding_box()["height"] == pytest.approx(small, abs=1)


def test_long_names_stay_in_their_boxes(pages: Pages) -> None:
    page = pages.open("long.html", "long-names.stat")
    page.keyboard.press("3")
    boxes = page.locator("#graph .box").evaluate_all(
        """(boxes) => boxes.map((box) => [box.querySelector("rect").getBBox().width,
           Math.max(...[...box.querySelectorAll("text")].map((text) => text.getBBox().width))])"""
    )
    assert len(boxes) == 4
    assert all(text < box for box, text in boxes)
    assert page.locator("#selected h2").bounding_box()["height"] < 250


def test_keys_of_the_flame_graph(pages: Pages) -> None:
    page = pages.open("flame-keys.html", "login.stat")
    page.get_by_role("tab", name="Functions").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    assert focused(page) == "flame-svg"
    for key in ("ArrowUp", "ArrowUp", "Enter"):
        page.keyboard.press(key)
    assert selected(page) == "views.py:31(get_table)"


def test_search_leads_to_the_table(pages: Pages) -> None:
    page = pages.open("search.html", "login.stat")
    for view in "34":
        page.keyboard.press(view)
        page.keyboard.press("/")
        assert focused(page) == "find"
        page.keyboard.press("Escape")


def test_control_characters_are_shown(pages: Pages) -> None:
    page = pages.open("control.html", "names.stat")
    assert "odd.py:4(\\x1b[2J\\x0a\\x85)" in labels(page) and "odd.py:5(\\u202egnp)" in labels(page)


def test_names_are_text(pages: Pages) -> None:
    page = pages.open("hostile.html", "-d", "hostile.prof")
    hostile = "<script>alert(1)</script>.py:1(</title></text>]]>\"'&<!--${x})"
    assert labels(page)[0] == hostile
    assert selected(page) == hostile
    page.keyboard.press("2")
    page.keyboard.press("3")
    assert hostile[:20] in (page.locator("#graph .box").first.text_content() or "")
    assert page.locator("script").count() == 2
    assert page.locator("b").count() == 0


def test_the_policy_stops_other_scripts(pages: Pages) -> None:
    path = pages.make("policy.html", "login.stat")
    path.write_text(path.read_text().replace("<main>", "<main><script>document.title = 'run'</script>"))
    page = pages.browser.new_page()
    page.goto(path.as_uri())
    assert page.title() == "login.stat"
    page.close()


@pytest.mark.parametrize("scheme, paper", [("light", "rgb(255, 255, 255)"), ("dark", "rgb(21, 24, 29)")])
def test_light_and_dark(pages: Pages, scheme: str, paper: str) -> None:
    page = pages.open(f"{scheme}.html", "login.stat", color_scheme=scheme)
    assert page.locator("body").evaluate("(body) => getComputedStyle(body).backgroundColor") == paper


def test_an_empty_profile(pages: Pages) -> None:
    page = pages.open("empty.html", "empty.stat")
    for key in "1234":
        page.keyboard.press(key)
    assert page.locator("#count").text_content() == "0 of 0 functions"


def test_a_hundred_thousand_functions(pages: Pages) -> None:
    generator = TESTS / "bench" / "big_profile.py"
    subprocess.run([sys.executable, str(generator), str(pages.folder / "big.stat"), "100000"], check=True, timeout=300)
    started = time.monotonic()
    page = pages.open("big.html", "big.stat")
    assert len(labels(page)) > 10
    print(f"made and shown in {time.monotonic() - started:.1f} s")
    assert (pages.folder / "big.html").stat().st_size < 10_000_000
    assert "left out here: the 80,000 functions" in (page.locator("header p").text_content() or "")
    assert "80,000 more are left out" in (page.locator("#count").text_content() or "")


def test_long_names_make_no_large_page(pages: Pages) -> None:
    labels_of = [(f"module{i}.py", 1, f"{i}{'x' * 500}") for i in range(30_000)]
    stats = {labels_of[0]: (1, 1, 0.0, 1.0, {})}
    for i, label in enumerate(labels_of[1:], 1):
        caller = labels_of[(i - 1) // 3]
        stats[label] = (1, 1, 0.5 / i, 1.0 / i, {caller: (1, 1, 0.5 / i, 1.0 / i)})
    (pages.folder / "wide.stat").write_bytes(marshal.dumps(stats))
    page = pages.open("wide.html", "wide.stat")
    assert len(labels(page)) > 10
    assert (pages.folder / "wide.html").stat().st_size < 10_000_000
    told = page.locator("#count").inner_text()
    left_out = int(re.findall(r"\(([\d,]+) more are left out\)", told)[0].replace(",", ""))
    assert 0 < left_out < 25_000


def test_vendored_files_are_unchanged() -> None:
    listed = dict(re.findall(r"`([\w./]+)` \| `([0-9a-f]{64})`", (VENDOR / "README.md").read_text(encoding="utf-8")))
    found = {path.relative_to(VENDOR).as_posix() for path in VENDOR.glob("*/*") if path.suffix in (".js", ".css")}
    assert found == set(listed)
    for name, checksum in listed.items():
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == checksum, name
    assert {path.name for path in VENDOR.glob("*/LICENSE")} == {"LICENSE"}


def test_pages_have_the_licences_of_what_they_contain(pages: Pages) -> None:
    text = pages.make("licences.html", "login.stat").read_text(encoding="utf-8")
    licences = [path.read_text(encoding="utf-8") for path in VENDOR.glob("*/LICENSE")]
    assert len(licences) == 2
    assert all("\n".join(licence.splitlines()) in text for licence in licences)
