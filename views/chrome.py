"""Page furniture that Streamlit has no setting for: spacing, the sentence, how files go that buttons make."""

from __future__ import annotations

from html import escape

import streamlit as st

from data.product import PRODUCT
from layers.scripts import PAGE_STYLE_SHEETS, page_script_url, style_sheet

STYLE = """
<style>
.stMainBlockContainer { padding: 3.7rem 1.2rem 1rem; max-width: none; }
.stMainBlockContainer > div > .stVerticalBlock { gap: .45rem; }
h1.sentence { font-size: 1.35rem; line-height: 1.3; font-weight: 600; padding: 0; margin: .15rem 0 .3rem; }
.stMainBlockContainer h3 { font-size: 1.15rem; font-weight: 650; padding: 1.1rem 0 .2rem; }
.stMainBlockContainer h2 { font-size: 1.2rem; font-weight: 650; padding: 1.1rem 0 .2rem; }
p.brand {
  margin: 0; font-size: .8rem; font-weight: 700; letter-spacing: .01em;
  color: inherit;
}
p.brand span { font-weight: 400; opacity: .75; color: inherit; margin-left: .3em; }
p.figures { margin: 0; opacity: .82; font-size: .93rem; }
iframe[title="streamlit_folium.st_folium"] {
  width: 100%; height: max(420px, calc(100dvh - 222px));
  border: 1px solid rgb(128 128 128 / 30%); border-radius: 6px;
}
[data-testid="stSidebar"] [data-testid="stButtonGroup"] button { padding-inline: .5rem; }
[data-testid="stSidebarUserContent"] { padding-top: .4rem; }
[data-testid="stSidebarUserContent"] .stVerticalBlock { gap: .75rem; }
.st-key-funding-picture iframe[title="streamlit_folium.st_folium"] { height: 420px; }
[class*="st-key-cluster-picture"] iframe[title="streamlit_folium.st_folium"] { height: 460px; }
.st-key-picker iframe[title="streamlit_folium.st_folium"] { height: 460px; }
.stHtml h3 { font-size: 1.05rem; font-weight: 600; margin: .5rem 0 .1rem; padding: 0; }
/* The table's own download runs in the browser, where no cell is kept from being run as a formula, and leaves
   filters and sources behind: the links above each table do both. Search and full screen stay. */
[data-testid="stElementToolbarButton"]:has(button[aria-label="Download as CSV"]) { display: none; }
/* Beside it a table shows its own tools, under the pointer and on phones: the links leave it that corner. */
[class*="st-key-take-"]:not([class*="st-key-take-chart"], .st-key-take-away) { padding-right: 7.2rem; }
/* What is not seen takes no place between others. */
.stElementContainer:has(> .stHtml > style) { display: none; }
div.criterion { margin: 0 0 .55rem; }
div.criterion small { font-weight: 400; opacity: .8; }
div.criterion ul { margin: 0; padding-left: 1.1rem; font-size: .92rem; }
div.criterion li { padding: 0; margin: 0; overflow-wrap: anywhere; }
div.criterion summary { cursor: pointer; font-size: .88rem; opacity: .8; }
div.share { height: 5px; border-radius: 3px; background: rgb(128 128 128 / 25%); margin: 0 0 .4rem; }
div.share i { display: block; height: 100%; border-radius: 3px; background: currentcolor; opacity: .7; }
ul.sources a { color: inherit; }
ul.sources { margin: 0; padding-left: 1.1rem; font-size: .9rem; overflow-wrap: anywhere; }
p.sources { margin: 0 0 .2rem; }
dl.terms {
  display: grid; grid-template-columns: minmax(9rem, 15rem) 1fr; gap: .35rem 1rem; margin: 0; padding: 0;
}
dl.terms dt { font-weight: 600; }
dl.terms dd { margin: 0; }
dl.facts dd small { display: block; opacity: .75; }
.wide-table { overflow-x: auto; margin: 0 0 .5rem; }
table.compare {
  border-collapse: collapse; width: 100%; font-size: .92rem; font-variant-numeric: tabular-nums;
}
table.compare caption {
  caption-side: bottom; text-align: left; font-size: .82rem; opacity: .8; padding: .4rem 0 0;
}
/* The table may be wider than the page: its caption is not. */
table.compare caption span { display: inline-block; position: sticky; left: 0; max-width: min(100%, 92vw); }
table.compare th, table.compare td {
  padding: .32rem .6rem; text-align: right; vertical-align: top; border: 0;
  border-bottom: 1px solid rgb(128 128 128 / 22%); font-weight: 400;
}
table.compare thead th {
  font-weight: 600; vertical-align: bottom; min-width: 8.2rem; line-height: 1.25;
}
table.compare th:first-child {
  text-align: left; position: sticky; left: 0; min-width: 10.5rem; max-width: 15rem; z-index: 1;
  background: var(--icm-paper, Canvas);
}
table.compare tr.group th { font-weight: 700; font-size: .82rem; padding-top: .9rem; opacity: .85; }
table.compare summary { cursor: pointer; list-style: none; }
table.compare summary::after { content: "\\00a0\\25be"; opacity: .6; }
table.compare th details small { white-space: normal; padding: .15rem 0 .2rem; max-width: 20rem; }
table.compare small { display: block; font-size: .78rem; opacity: .75; font-weight: 400; }
table.compare .against { background: rgb(128 128 128 / 9%); }
table.compare td.top small, table.compare td.low small { opacity: 1; font-weight: 600; }
table.compare td.few { opacity: .75; font-style: italic; }
@media (max-width: 700px) {
  [class*="st-key-take-"] { justify-content: flex-start !important; }
  dl.terms { grid-template-columns: 1fr; gap: 0; }
  dl.terms dd { margin-bottom: .5rem; }
  .stMainBlockContainer { padding: 3.8rem .6rem 1rem; }
  h1.sentence { font-size: 1.05rem; }
  .st-key-compare-top > div:has(> .st-key-compare-maps) { order: -1; }
  p.figures { font-size: .8rem; }
  iframe[title="streamlit_folium.st_folium"] { height: max(380px, calc(100dvh - 250px)); }
}
</style>
"""


def heading(where: str, title: str, *figures: str, name: str = PRODUCT) -> None:
    """Write the head of a page: where one is, what is shown, and lines of figures below; all are text.

    Parameters
    ----------
    where
        Beside the name: the page, or what kind of thing it is of.
    title
        The page in a sentence.
    figures
        Lines below it.
    name
        In bold: of the product, or of the kind of thing.
    """
    small = "".join(f'<p class="figures">{escape(line)}</p>' for line in figures)
    st.html(
        f'<p class="brand">{escape(name)} <span>{escape(where)}</span></p>'
        f'<h1 class="sentence">{escape(title)}</h1>{small}'
    )


def furnish() -> None:
    """Bring the style of the pages, and the script that says how files go: all in one, as each costs bytes.

    Without the script the links to files open as any link does.
    """
    looks = style_sheet(PAGE_STYLE_SHEETS)
    text = f'{STYLE}<style>{looks}</style><script src="{page_script_url()}"></script>'
    st.html(text, unsafe_allow_javascript=True)
