"""Which columns are read, and what is said of those that are missing or stand there twice."""

from __future__ import annotations

from intake.columns import Columns
from intake.reading import open_register
from tests.intake.small_files import parquet, read, refusal, text


def test_the_place_is_the_first_complete_one(tmp_path):
    both = text(tmp_path, "sector,easting,northing,lon,lat,postcode\n")
    register = open_register(both)
    assert (register.place, register.has_postcode) == ("grid", True)
    assert dict(register.columns).keys() == {"sector", "easting", "northing", "postcode"}
    assert open_register(text(tmp_path, "sector,easting,lon,lat\n")).place == "lonlat"
    alone = open_register(text(tmp_path, "sector,easting,postcode\n"))
    assert (alone.place, alone.has_postcode) == ("postcode", False)


def test_named_columns_go_before_those_found(tmp_path):
    path = text(tmp_path, "sector,easting,northing,x,y\na,1,2,3,4\n")
    register = open_register(path, Columns(lon="x", lat="y"))
    assert register.place == "lonlat"
    assert register.column("lon") == "x"
    other = open_register(path, Columns(lon="easting", lat="northing"))
    assert read(other)[0] == [{"sector": "a", "lon": "1", "lat": "2"}]
    swapped = open_register(path, Columns(easting="northing", northing="easting"))
    assert read(swapped)[0] == [{"sector": "a", "easting": "2", "northing": "1"}]


def test_missing_columns_are_told_with_what_is_like_them(tmp_path):
    said = refusal(text(tmp_path, "Sectors,east,Postcode\n"))
    assert "no column 'sector' (did you mean 'Sectors'? --sector-column names it)" in said
    assert "--postcode-column" in said
    assert "'Postcode'" in said
    assert "its columns are 'Sectors', 'east', 'Postcode'" in said
    said = refusal(text(tmp_path, "sector,easting,north\n"))
    assert "no column 'northing' (did you mean 'north'? --northing-column names it)" in said
    said = refusal(text(tmp_path, "sector,postcode\n"), columns=Columns(firm_id="crn"))
    assert "no column 'crn' (--firm-id-column names it)" in said


def test_a_pair_that_was_named_in_part(tmp_path):
    path = text(tmp_path, "sector,easting,northing,x\n")
    assert "no column 'lat' (--lat-column names it)" in refusal(path, columns=Columns(lon="x"))


def test_one_column_of_two_roles(tmp_path):
    twice = Columns(sector="x", firm_id="x")
    rows, _ = read(open_register(text(tmp_path, "x,postcode\n1,2\nbroken\n"), twice))
    assert [(row["sector"], row["firm_id"]) for row in rows] == [("1", "1"), (None, None)]
    rows, _ = read(open_register(parquet(tmp_path / "f.parquet", x=["1"], postcode=["2"]), twice))
    assert rows == [{"sector": "1", "firm_id": "1", "postcode": "2"}]


def test_doubled_columns(tmp_path):
    said = refusal(text(tmp_path, "sector,sector,postcode\n"))
    assert "column 'sector' stands there 2 times" in said
    rows, _ = read(open_register(text(tmp_path, "sector,,,postcode\na,b,c,OX11\n")))
    assert rows == [{"sector": "a", "postcode": "OX11"}]


def test_a_header_of_many_columns_is_not_quoted_whole(tmp_path):
    said = refusal(text(tmp_path, ",".join(f"c{n}" for n in range(5000)) + "\n"))
    assert "and 4970 more" in said
    assert len(said) < 1000
