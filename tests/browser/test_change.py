"""What changed from one profile to another: the differential flame graph in a browser."""

from __future__ import annotations

import pytest
from conftest import Pages
from playwright.sync_api import Page
from test_flame import details, frame, visible, width

LETTERS = "#16191d"
COMPARED = ("login.stat", "--diff", "base.stat")


def luminance(colour: str) -> float:
    """Of "#rrggbb", as the Web Content Accessibility Guidelines have it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def legend(page: Page) -> dict[str, str]:
    """The colours of the steps."""
    return dict(
        page.locator("#legend > g").evaluate_all(
            """(steps) => steps.map((g) => [g.textContent, g.querySelector("rect").getAttribute("fill")])"""
        )
    )


def fill(page: Page, name: str) -> str:
    return frame(page, name).locator("rect").get_attribute("fill") or ""


def test_widths_are_those_of_now_and_colours_the_change(pages: Pages) -> None:
    page = pages.open("change.svg", *COMPARED, "--match", "name", viewport={"width": 1000, "height": 600})
    title = page.locator(".title").first.text_content()
    assert title == "login.stat compared with base.stat (estimated from caller pairs)"
    steps = legend(page)
    assert width(page, "all") == 980
    assert width(page, "get_table") == pytest.approx(980 * 0.2405 / 0.25, abs=0.01)
    assert fill(page, "get_db_user") == steps["+30 %"]  # 170 of 250 ms
    assert fill(page, "factorial") == steps["+2 %"]  # 12 of 250 ms
    back = pages.open("change-back.svg", "base.stat", "--diff", "login.stat", "--match", "name")
    assert fill(back, "get_db_user") == steps["−30 %"]
    assert fill(back, "binomial") == steps["+2 %"]
    same = pages.open("same.svg", "login.stat", "--diff", "login.stat")
    assert {fill(same, name) for name in visible(same)} == {steps["0"]}


def test_details_have_both_values(pages: Pages) -> None:
    page = pages.open("change-details.svg", *COMPARED, "--match", "name")
    frame(page, "get_db_user").hover()
    assert details(page) == (
        "get_db_user (db.py:7) · about 225.500 ms, 90.20 %; was about 54.950 ms · +170.550 ms (4.10 times)"
        " · about 10.500 ms itself, was 1.758 ms · about 7 calls, was 2"
    )
    frame(page, "get_table").hover()
    assert details(page).endswith(" · gone from here: binomial (odds.py:30), was about 10.550 ms")
    assert page.locator(".gone").all_text_contents() == ["binomial (odds.py:30): was 12.000 ms in 3 calls"]
    assert page.locator("#frames > g.new").evaluate_all("(all) => all.map((g) => g.frame.name)") == [
        "factorial (odds.py:3)",
        "{method 'execute' of 'sqlite3.Connection' objects}",
    ]


def test_it_zooms_and_searches_as_others_do(pages: Pages) -> None:
    page = pages.open("change-zoom.svg", *COMPARED, viewport={"width": 1000, "height": 600})
    everything = visible(page)
    frame(page, "factorial").click()
    assert width(page, "factorial") == pytest.approx(980)
    page.keyboard.press("Escape")
    assert visible(page) == everything
    page.keyboard.press("/")
    page.keyboard.type("get_db_user")
    assert page.locator("#found").text_content() == "1 found, 90.2 %"


def test_the_legend_stays_in_sight(pages: Pages) -> None:
    page = pages.open("change-scroll.svg", *COMPARED, viewport={"width": 1000, "height": 200})
    page.evaluate("window.scrollTo(0, 60)")
    page.wait_for_function("document.querySelector('#legend').getBoundingClientRect().top >= 60")
    assert page.evaluate("window.scrollY") > 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_can_be_read_and_told_apart(pages: Pages, scheme: str) -> None:
    page = pages.open(f"change-{scheme}.svg", *COMPARED, color_scheme=scheme)
    steps = legend(page)
    assert steps.pop("new") == "none"
    assert list(steps) == ["−30 %", "−10 %", "−2 %", "−0.5 %", "0", "+0.5 %", "+2 %", "+10 %", "+30 %"]
    for colour in steps.values():
        assert (luminance(colour) + 0.05) / (luminance(LETTERS) + 0.05) > 4.5
    # Blue is what all but the fewest can tell from red and orange; stronger is darker on each side.
    for text, colour in steps.items():
        red, blue = int(colour[1:3], 16), int(colour[5:7], 16)
        assert text == "0" or (red > blue) == text.startswith("+")
    shades = [luminance(colour) for colour in steps.values()]
    assert shades[:5] == sorted(shades[:5]) and shades[5:] == sorted(shades[5:], reverse=True)


def test_hostile_names_are_text(pages: Pages) -> None:
    page = pages.open("change-hostile.svg", "login.stat", "--diff", "hostile.prof", "-d")
    gone = page.locator(".gone").first.text_content() or ""
    assert gone.startswith("</title></text>]]>\"'&<!--${x} (<script>alert(1)</script>.py:1): was 1.000 s")
    assert page.locator("script").count() == 1
    back = pages.open("change-hostile-new.svg", "hostile.prof", "--diff", "login.stat", "-d")
    assert visible(back)[1].startswith("</title></text>]]>\"'&<!--${x} (<script>alert(1)</script>.py:1)")
    assert back.locator("script").count() == 1


def test_two_players_and_seven(pages: Pages) -> None:
    page = pages.open("players.svg", "players-7.prof", "--diff", "players-2.prof")
    assert page.locator(".title").first.text_content() == "players-7.prof compared with players-2.prof"
    steps = legend(page)
    frame(page, "get_db_user").hover()
    assert details(page) == (
        "get_db_user (db.py:7) · 22.750 ms, 90.10 %; was 6.500 ms · +16.250 ms (3.50 times)"
        " · 1.750 ms itself, was 500.000 µs · 7 calls, was 2"
    )
    assert {name: fill(page, name) for name in ("get_table", "get_db_user", "execute", "decode")} == {
        **{name: steps["+30 %"] for name in ("get_table", "get_db_user", "execute")},
        "decode": steps["0"],
    }
    assert page.locator(".gone, #frames .new").count() == 0
