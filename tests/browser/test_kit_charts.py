"""Charts of the kit: what they show, what they tell those who cannot see them, and that nothing makes them fail."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from backend.kit.bundle import dressed, whole
from tests.browser.conftest import Visit
from tests.browser.kit_pages import opened, over

pytestmark = pytest.mark.browser

WEEK = '<div class="chart bar" data-values=12,19,8 data-labels=Mon,Tue,Wed></div>'
KINDS = ["bar", "line", "area", "pie", "donut", "spark", "spark bar", ""]
INPUTS = [
    "12,19,8", "5", "0", "0,0,0", "-3,4,-8", "-1,-2", "1,2;3,4;5,6", "1,2;3", "", " ", "hello", "1,,3", ",", ";;;",
    "NaN,Infinity", "1e300,1", "0.0001,0.0002", "[1,2,3]", "[[1,2],[3,4]]", "Mon 12 %, Tue 19 %",
    "<b>1</b>,2", "9" * 400, "1;" * 90,
    ",".join(map(str, range(60))), ",".join(f"{'a very long label' * 9} {n}" for n in range(5)),
]  # fmt: skip
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
BROKEN = re.compile(r'="[^"]*(?:NaN|Infinity|undefined|null)[^"]*"')
TOLD = re.compile(r'aria-label="[^"]*"')
HEIGHTS = "() => [...document.querySelectorAll('.chart path.c0')].map(bar => Math.round(bar.getBBox().height))"


def chart(kind: str, values: str, more: str = "") -> str:
    said = values.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    return f'<div class="chart {kind}" data-values="{said}" {more}></div>'


def told(page: Page) -> str | None:
    return page.locator(".chart > svg").first.get_attribute("aria-label")


def test_bars_are_as_high_as_their_values_and_say_them(chromium: Browser) -> None:
    with opened(chromium, over(WEEK)) as page:
        expect(page.get_by_role("img", name="Mon 12, Tue 19, Wed 8")).to_be_visible()
        low, high, least = page.evaluate(HEIGHTS)
        assert low / high == pytest.approx(12 / 19, abs=0.02)
        assert least / high == pytest.approx(8 / 19, abs=0.02)
        assert page.locator(".chart text").all_text_contents() == ["12", "19", "8", "Mon", "Tue", "Wed"]


def test_a_script_changes_a_chart_by_its_attributes_alone(chromium: Browser) -> None:
    names = "const names = ['chart line', 'chart area', 'series'];"
    with opened(chromium, over(WEEK + "<div id=more></div>", names)) as page:
        expect(page.locator(".chart path")).to_have_count(3)
        page.evaluate("document.querySelector('.chart').dataset.values = [1, 2, 3, 4]")
        expect(page.locator(".chart path")).to_have_count(4)
        assert told(page) == "Mon 1, Tue 2, Wed 3, 4"
        page.evaluate("document.querySelector('.chart').className = 'chart line'")
        expect(page.locator(".chart path.line")).to_have_count(1)
        page.evaluate("document.querySelector('.chart').replaceChildren()")
        expect(page.locator(".chart path.line")).to_have_count(1)
        page.evaluate("""() => {
          const later = Object.assign(document.createElement('figure'), { className: 'chart area' });
          more.append(later);
          later.dataset.values = '4,5;2,3';
          later.dataset.series = 'This year,Last year';
        }""")
        expect(page.get_by_role("img", name="This year: 4, 5; Last year: 2, 3")).to_be_visible()


@pytest.mark.parametrize("kind", KINDS)
def test_no_input_breaks_a_chart(chromium: Browser, kind: str) -> None:
    body = "".join(chart(kind, values) for values in INPUTS)
    with opened(chromium, over(body), viewport={"width": 320, "height": 20_000}) as page:
        expect(page.locator(".chart > svg[viewBox]")).to_have_count(len(INPUTS))
        drawn = page.evaluate("[...document.querySelectorAll('.chart > svg')].map(svg => svg.outerHTML)")
        assert [broken for svg in drawn for broken in BROKEN.findall(svg.replace(TOLD.search(svg)[0], ""))] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("width", [320, 1200])
@pytest.mark.parametrize("kind", ["bar", "line", "area", "pie", "donut"])
def test_words_of_a_chart_stay_in_it_and_apart(chromium: Browser, kind: str, width: int) -> None:
    days = "Monday 1200,Tuesday 3900,Wednesday 800,Thursday 4400,Friday 2100,Saturday 90,Sunday 1700"
    year = ",".join(f"{month} {n * 37 % 90}" for n, month in enumerate(MONTHS))
    with opened(
        chromium, over(chart(kind, days) + chart(kind, year)), viewport={"width": width, "height": 900}
    ) as page:
        expect(page.locator(".chart > svg[viewBox]")).to_have_count(2)
        assert page.evaluate(OUTSIDE) == []


OUTSIDE = """() => [...document.querySelectorAll('.chart > svg')].flatMap(svg => {
  const { left, right } = svg.getBoundingClientRect();
  const boxes = [...svg.querySelectorAll('text')].map(text => [text.textContent, text.getBoundingClientRect()]);
  const out = boxes.filter(([, box]) => box.left < left - 6 || box.right > right + 6);
  const over = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  const met = boxes.filter(([, a], i) => boxes.slice(i + 1).some(([, b]) => over(a, b)));
  return [...out, ...met].map(([text]) => text);
})"""


def test_a_donut_tells_of_many_parts_as_eight(chromium: Browser) -> None:
    with opened(chromium, over(chart("donut", ",".join(f"P{n} {n}" for n in range(1, 21))))) as page:
        expect(page.locator(".chart .slice")).to_have_count(8)
        expect(page.locator(".chart .total")).to_have_text("210")


def test_of_five_thousand_charts_those_in_view_are_drawn(chromium: Browser) -> None:
    body = "".join(f'<div class="chart line" data-values="{n},2,3" data-labels="a,b,c"></div>' for n in range(5000))
    with opened(chromium, over(body)) as page:
        expect(page.locator(".chart > svg[viewBox]").first).to_be_visible()
        assert page.evaluate("document.querySelectorAll('.chart path.line').length") < 30
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        expect(page.locator(".chart").last.locator("path.line")).to_have_count(1)
        assert page.evaluate("document.querySelectorAll('.chart path.line').length") < 60


def test_a_megabyte_of_values_is_drawn_in_as_many_points_as_can_be_seen(chromium: Browser) -> None:
    script = """const values = Array.from({ length: 200_000 }, (_, at) => (at === 123_456 ? 5000 : at % 1000));
      for (const kind of ['bar', 'line', 'donut']) {
        const host = Object.assign(document.createElement('div'), { className: `chart ${kind}` });
        host.dataset.values = values;
        document.querySelector('main').append(host);
      }"""
    with opened(chromium, over(chart("area", "1"), script), viewport={"width": 800, "height": 1600}) as page:
        expect(page.locator(".chart > svg[viewBox]")).to_have_count(4)
        assert page.evaluate("document.querySelector('.chart.line').dataset.values.length") > 700_000
        assert page.evaluate("document.querySelector('.line path.line').getAttribute('d').length") < 40_000
        assert page.evaluate("document.querySelectorAll('.bar path').length") < 300
        assert "5,000" in page.locator(".chart.line text").all_text_contents()
        page.evaluate("document.querySelector('.chart.line').dataset.values += ',9000'")
        expect(page.locator(".chart.line text", has_text="10K")).to_have_count(1)


@pytest.mark.parametrize("kind", KINDS)
def test_a_chart_has_its_room_before_it_is_drawn(chromium: Browser, kind: str) -> None:
    page: Any = chromium.new_page(viewport={"width": 400, "height": 900})
    body = over(f"{chart(kind, '1,2,3')}<p id=after>After")
    page.set_content(body.replace("<head>", f"<head><style>{whole()}</style>"))
    waiting = page.locator("#after").bounding_box()
    assert page.locator(".chart > svg").count() == 0
    page.close()
    with opened(chromium, body, viewport={"width": 400, "height": 900}) as live:
        expect(live.locator(".chart > svg[viewBox]")).to_have_count(1)
        assert live.locator("#after").bounding_box() == waiting


def test_a_page_that_left_the_service_draws_its_charts_and_prints_them_all(chromium: Browser) -> None:
    page = chromium.new_page()
    page.set_content(dressed(over(WEEK * 100)))
    expect(page.locator(".chart > svg[viewBox]").first).to_be_visible()
    assert page.locator(".chart path").count() < 100
    page.pdf()
    assert page.locator(".chart path").count() == 300
    assert page.locator("script").count() == 0
    page.close()


def test_a_name_that_the_page_gives_a_chart_is_kept_beside_its_values(chromium: Browser) -> None:
    with opened(chromium, over(WEEK.replace("<div", "<div role=img aria-label=Visits"))) as page:
        expect(
            page.get_by_role("figure", name="Visits").get_by_role("img", name="Mon 12, Tue 19, Wed 8")
        ).to_be_visible()


def test_a_drawing_of_the_pages_own_is_left_alone(chromium: Browser) -> None:
    own = "<div class=chart id=own><svg viewBox='0 0 9 9'><path d='M0 0h9v9z'/></svg></div>"
    own += "<canvas class=chart data-values=1></canvas>"
    with opened(chromium, over(WEEK + own)) as page:
        expect(page.locator(".chart > svg[role]")).to_have_count(1)
        assert page.locator("#own path").count() == 1


def test_in_the_shell_a_chart_waits_in_the_draft_and_is_drawn_in_the_page(visit: Visit) -> None:
    visit.service.engine.write = lambda prompt: over(WEEK)
    visit.ask("visits of a week")
    live = visit.ready("Kit")
    expect(live.get_by_role("img", name="Mon 12, Tue 19, Wed 8")).to_be_visible()
    assert visit.draft().locator(".chart").count() == 1
    assert visit.draft().locator("svg").count() == 0
    height = "document.querySelector('.chart').getBoundingClientRect().height"
    assert visit.draft().evaluate(height) == live.evaluate(height) > 100
