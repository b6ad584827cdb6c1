"""Areas and sets of authorities as places: their refs, their people, and what is refused."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, box

from data.errors import InputError
from data.tables import table
from geo.areas.area import area_from, land_index
from geo.areas.corners import ALPHABET, MOST_CHARACTERS, encode
from geo.boundaries import authorities
from geo.projections import to_lonlat
from regions.areas import UNNAMED, area_place, is_own, prepare, read_ref, ref_of_area, ref_of_set, set_place
from regions.residents import homes

TOWN = box(-2.3, 53.4, -2.1, 53.5)
PEOPLE = table("local_authorities").set_index("gss_code")["population"]


def authority(code):
    """The outline of an authority in degrees."""
    shape = authorities().set_index("gss_code").geometry[code]
    return shapely.transform(shape, lambda xy: np.column_stack(to_lonlat(xy[:, 0], xy[:, 1])))


@pytest.fixture(scope="module")
def town(edition):
    area = area_from(TOWN)
    return area_place(edition, area, "Town", ref_of_area(area, "Town"))


def test_a_link_and_a_session_give_the_same_numbers(edition):
    odd = MultiPolygon([shapely.Point(-1.234567891, 52.3456789).buffer(0.123456789, quad_segs=12)])
    area = area_from(odd)
    ref = ref_of_area(area, "Mine")
    drawn, read = area_place(edition, area, "Mine", "mine:1"), read_ref(edition, ref)
    assert dict(drawn.weights) == dict(read.weights)
    assert drawn.population == read.population
    assert drawn.geometry.equals(read.geometry)
    assert read.ref == ref
    assert ref_of_area(area_from(odd), "Mine") == ref


def test_people_are_those_of_authorities_by_weight(town):
    expected = sum(PEOPLE[code] * weight for code, weight in town.weights.items())
    assert town.population == round(expected)
    assert 600_000 < town.population < 900_000
    assert town.population_year == "2023"
    assert town.level == "area"
    assert town.cut == frozenset(town.weights)
    assert "Estimated" in town.note
    assert "Manchester" in town.note
    assert "unit postcodes" in town.note


def test_an_authority_drawn_by_its_border_is_that_authority(edition):
    place = area_place(edition, area_from(authority("E08000003")), "", "mine:1")
    assert dict(place.weights) == {"E08000003": 1.0}
    assert place.population == PEOPLE["E08000003"]
    assert place.note == ""
    assert place.name == UNNAMED


def test_northern_ireland_is_counted_too(edition):
    place = area_place(edition, area_from(box(-6.0, 54.55, -5.85, 54.65)), "Belfast", "mine:1")
    assert 0.5 < place.weights["N09000003"] < 1


def test_sea_and_abroad_are_said_and_left_out(edition):
    place = area_place(edition, area_from(box(-7.6, 54.9, -7.0, 55.2)), "", "mine:1")
    assert set(place.weights) == {"N09000004", "N09000005"}
    assert "in the sea or abroad does not count" in place.note
    assert place.geometry.area < 0.8 * area_from(box(-7.6, 54.9, -7.0, 55.2)).area


def test_where_nobody_lives_is_said(edition):
    place = area_place(edition, area_from(box(-4.9, 57.9, -4.85, 57.93)), "", "mine:1")
    assert dict(place.weights) == {"S12000017": 0.0}
    assert place.population == 0
    assert "no residents" in place.note


def test_a_name_is_a_stranger_s_text(edition):
    area = area_from(TOWN)
    ref = ref_of_area(area, "  <b>A ~ B</b>\x00\n" + "x" * 200)
    place = read_ref(edition, ref)
    assert place.name == ("<b>A ~ B</b> " + "x" * 200)[:80]
    assert place.ref == ref
    assert read_ref(edition, place.ref).ref == place.ref


def test_an_outline_too_long_for_an_address_has_no_ref():
    wavy = shapely.Point(-2, 53).buffer(0.3, quad_segs=400)
    assert ref_of_area(area_from(wavy)) is None
    assert len(ref_of_area(area_from(TOWN))) < 60


def test_a_set_is_its_authorities(edition):
    place = set_place(edition, ["E08000006", " e08000003", "E08000006", ""])
    assert place.ref == "set:E08000003+E08000006"
    assert dict(place.weights) == {"E08000003": 1.0, "E08000006": 1.0}
    assert place.population == PEOPLE["E08000003"] + PEOPLE["E08000006"]
    assert place.name == "Manchester and Salford"
    assert (place.level, place.note, place.cut) == ("set", "", frozenset())
    shapes = authorities().set_index("gss_code").geometry[["E08000003", "E08000006"]]
    assert place.geometry.area == pytest.approx(shapes.area.sum())


def test_a_set_of_every_authority_is_the_country(edition):
    place = read_ref(edition, ref_of_set(PEOPLE.index, "All"))
    assert place.population == PEOPLE.sum()
    assert place.name == "All"
    assert place.population_year == "2021-2023"


def test_a_set_without_a_name_is_called_by_its_members(edition):
    names = [set_place(edition, list(PEOPLE.index[:number])).name for number in (1, 2, 3, 5)]
    assert names[0] == "Hartlepool"
    assert names[1] == "Hartlepool and Middlesbrough"
    assert names[2] == "Hartlepool, Middlesbrough and Redcar and Cleveland"
    assert names[3] == "Hartlepool, Middlesbrough and 3 more"


@pytest.mark.parametrize(
    ("ref", "words"),
    [
        ("set:", "the set is empty"),
        ("set:+++~Name", "the set is empty"),
        ("set:E08000003+E08000999", "'E08000999' (near: "),
        ("set:Salfrod", "Salford (E08000006)"),
        ("set:" + "+".join(["E08000003"] * 100_000), "more than 400"),
        ("set:" + "x" * 100_000, "unknown in a set"),
        ("set:{{7*7}}+<script>", "'{{7*7}}'"),
        ("area:", "is no area"),
        ("area:%%%", "'%%%' is no area"),
        ("area:abc", "damaged or cut short"),
        ("area:" + "a" * 100_000, "too long"),
        ("area:~" + "n" * 100_000, "is no area"),
        ("mine:1", "'mine:1' is no ref of an area"),
        ("", "'' is no ref of an area"),
    ],
)
def test_refs_that_are_none_are_refused_in_words(edition, ref, words):
    with pytest.raises(InputError) as fault:
        read_ref(edition, ref)
    assert words in str(fault.value)
    assert len(str(fault.value)) < 1_000


def test_an_area_that_the_rules_refuse_is_refused_from_a_link_too(edition):
    for area, words in (
        (box(2.2, 48.8, 2.4, 48.9), "outside the United Kingdom"),
        (shapely.Polygon([(-2.3, 53.4), (-2.2, 53.5), (-2.2, 53.4), (-2.3, 53.5)]), "crosses itself"),
        (box(-2.3, 53.4, -2.2999, 53.4001), "hectare"),
    ):
        with pytest.raises(InputError, match=words):
            read_ref(edition, f"area:{encode(area)}~Name")


hostile = st.text(max_size=80) | st.text(ALPHABET + ".!~+", max_size=80)


@settings(deadline=None)
@given(st.sampled_from(["set:", "area:", ""]), hostile)
def test_no_ref_does_worse_than_a_refusal(edition, begin, text):
    try:
        place = read_ref(edition, begin + text)
    except InputError:
        return
    assert is_own(place.ref)


def test_refs_stay_short():
    area = area_from(shapely.Point(-1.5, 52.5).buffer(1.2, quad_segs=35))
    ref = ref_of_area(area)
    assert len(ref) <= MOST_CHARACTERS + len("area:")
    assert len(ref) > 600


def test_what_the_first_area_needs_can_be_made_ready():
    prepare()
    assert homes.cache_info().currsize == 1
    assert land_index.cache_info().currsize == 1


def test_the_same_ref_is_the_same_place_and_a_fault_is_not_kept(edition):
    ref = "set:E08000003+E08000006~Two"
    assert read_ref(edition, ref) is read_ref(edition, ref)
    assert read_ref(edition, ref) is not read_ref(edition, ref + " more")
    before = read_ref.cache_info().currsize
    for _ in range(2):
        with pytest.raises(InputError):
            read_ref(edition, "set:nothing")
    assert read_ref.cache_info().currsize == before
