"""Page furniture that Streamlit has no setting for: spacing, the sentence, the map's height."""

STYLE = """
<style>
.stMainBlockContainer { padding: 3.7rem 1.2rem 1rem; max-width: none; }
.stMainBlockContainer > div > .stVerticalBlock { gap: .45rem; }
h1.sentence { font-size: 1.35rem; line-height: 1.3; font-weight: 600; padding: 0; margin: .15rem 0 .3rem; }
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
dl.terms { display: grid; grid-template-columns: minmax(9rem, 15rem) 1fr; gap: .35rem 1rem; margin: 0; }
dl.terms dt { font-weight: 600; }
dl.terms dd { margin: 0; }
dl.facts dd small { display: block; opacity: .75; }
@media (max-width: 700px) {
  dl.terms { grid-template-columns: 1fr; gap: 0; }
  dl.terms dd { margin-bottom: .5rem; }
  .stMainBlockContainer { padding: 3.8rem .6rem 1rem; }
  h1.sentence { font-size: 1.05rem; }
  p.figures { font-size: .8rem; }
  iframe[title="streamlit_folium.st_folium"] { height: max(380px, calc(100dvh - 250px)); }
}
</style>
"""
