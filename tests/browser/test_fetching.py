"""What the map does when it is moved before its data are there, or when they do not come, in Chromium."""

from __future__ import annotations

import pytest

from layers.scripts import script

pytestmark = pytest.mark.browser
# Answers of these addresses come in two parts: the body waits until it is let go, or until nobody wants it.
HALVES = """(part) => {
    window.halves = [];
    const real = window.fetch;
    window.fetch = async (url, { signal } = {}) => {
        if (!String(url).includes(part)) return real(url, { signal });
        const bytes = new Uint8Array(await (await real(url)).arrayBuffer());
        signal?.throwIfAborted();
        const body = new ReadableStream({
            start(stream) {
                const half = { url: String(url), ended: false, go: () => {
                    if (half.ended) return;
                    half.ended = true;
                    stream.enqueue(bytes);
                    stream.close();
                } };
                signal?.addEventListener("abort", () => {
                    if (half.ended) return;
                    half.ended = true;
                    stream.error(signal.reason);
                });
                window.halves.push(half);
            },
        });
        return new Response(body, { headers: { "Content-Type": "application/json" } });
    };
}"""
# Move, and wait until the body is waited for; or not long, if nothing is asked.
MOVE = """async ([lat, lng]) => {
    const begun = window.halves.length;
    window.icm.goto([lat, lng], 8);
    for (let turn = 0; turn < 100 && window.halves.length === begun; turn += 1) {
        await new Promise((done) => setTimeout(done, 20));
    }
}"""
CALM = "() => window.icm.pending === 0"
# A fetcher of its own, with answers that come when the test says so.
ALONE = """(run) => {
    const calls = [];
    const real = window.fetch;
    window.fetch = (url, { signal } = {}) => new Promise((resolve, reject) => {
        const call = { url, ended: false, answer: (text, options) => resolve(new Response(text, options)) };
        signal?.addEventListener("abort", () => {
            call.ended = true;
            reject(signal.reason);
        });
        calls.push(call);
    });
    const said = (promise) => promise.then((body) => body, (fault) => `${fault.name}: ${fault.message}`);
    return eval(run)(ICM.fetcher(), calls, said).finally(() => (window.fetch = real));
}"""


@pytest.fixture
def firms(new_atlas, server):
    """A map of firms alone, whose answers come in halves from then on."""
    atlas = new_atlas().open(f"{server.address}/?show=firms&at=51.5,-0.1,8")
    assert atlas.drawn("firms")["symbols"] > 0
    atlas.frame.evaluate(HALVES, "firms/grid")
    return atlas


@pytest.fixture
def alone(new_atlas):
    """An empty page with the fetcher."""
    page = new_atlas().page
    page.add_script_tag(content=script(("core",)))
    return page


def test_quick_moves_throw_nothing_and_leave_no_empty_ground(firms):
    leeds, cardiff = [53.8, -1.55], [51.48, -3.18]
    firms.frame.evaluate(MOVE, leeds)
    firms.frame.evaluate(MOVE, cardiff)
    firms.frame.evaluate("() => window.halves.forEach((half) => half.go())")
    firms.wait(CALM)
    there = firms.drawn("firms")
    assert there["symbols"] > 0
    # Where the first answer was let fall, it is asked for again.
    firms.frame.evaluate(MOVE, leeds)
    firms.frame.evaluate("() => window.halves.forEach((half) => half.go())")
    firms.wait(CALM)
    back = firms.drawn("firms")
    assert back["symbols"] > 0
    assert back != there
    assert firms.report()["fault"] is None
    assert firms.faults == []


def test_a_move_there_and_back_ends_with_what_is_there(firms, server):
    """The address that was let fall is asked for again before the first call has ended."""
    firms.frame.evaluate(
        """async () => {
            window.icm.goto([53.8, -1.55], 8);
            window.icm.goto([51.48, -3.18], 8);
            window.icm.goto([53.8, -1.55], 8);
            for (let turn = 0; turn < 100 && (window.icm.pending || !turn); turn += 1) {
                await new Promise((done) => setTimeout(done, 20));
                window.halves.forEach((half) => half.go());
            }
        }"""
    )
    last = firms.frame.evaluate("() => window.halves.at(-1).url")
    rows = firms.page.request.get(f"{server.address}{last}").json()["rows"]
    assert firms.drawn("firms")["symbols"] == len(rows) > 0
    assert firms.faults == []


def test_an_answer_that_two_maps_wait_for_is_not_ended_by_one_of_them(alone):
    first, second, calls, ended = alone.evaluate(
        ALONE,
        """async (load, calls, said) => {
            const leaving = new AbortController();
            const first = said(load("/a", leaving.signal));
            const second = said(load("/a", new AbortController().signal));
            leaving.abort();
            calls[0].answer('{"rows": [1]}');
            return [await first, await second, calls.length, calls[0].ended];
        }""",
    )
    assert first.startswith("AbortError")
    assert second == {"rows": [1]}
    assert (calls, ended) == (1, False)


def test_a_call_that_nobody_waits_for_ends_and_is_begun_anew(alone):
    first, second, calls, ended = alone.evaluate(
        ALONE,
        """async (load, calls, said) => {
            const leaving = new AbortController();
            const first = said(load("/a", leaving.signal));
            leaving.abort();
            const second = said(load("/a", new AbortController().signal));
            calls[1].answer('{"rows": [2]}');
            return [await first, await second, calls.length, calls[0].ended];
        }""",
    )
    assert first.startswith("AbortError")
    assert second == {"rows": [2]}
    assert (calls, ended) == (2, True)


def test_an_answer_stays_although_whoever_asked_for_it_has_gone_on(alone):
    first, second, calls = alone.evaluate(
        ALONE,
        """async (load, calls, said) => {
            const leaving = new AbortController();
            const first = said(load("/a", leaving.signal));
            calls[0].answer('{"rows": [3]}');
            const body = await first;
            leaving.abort();
            return [body, await said(load("/a")), calls.length];
        }""",
    )
    assert first == second == {"rows": [3]}
    assert calls == 1


@pytest.mark.parametrize(
    ("text", "status", "words"),
    [
        ('{"rows": [', 200, "Error: The map's data came, but not whole."),
        ("<html>", 200, "Error: The map's data came, but not whole."),
        ('{"detail": "zoom is 99"}', 422, "Error: zoom is 99"),
        ("<html>", 502, "Error: The map's data did not come (502)."),
    ],
)
def test_what_is_no_answer_is_said_and_asked_for_again(alone, text, status, words):
    first, second, calls = alone.evaluate(
        ALONE,
        f"""async (load, calls, said) => {{
            const first = said(load("/a"));
            calls[0].answer({text!r}, {{ status: {status} }});
            const words = await first;
            const second = said(load("/a"));
            calls[1].answer('{{"rows": [4]}}');
            return [words, await second, calls.length];
        }}""",
    )
    assert first == words
    assert second == {"rows": [4]}
    assert calls == 2
