import pandas as pd

from edition.town_only import REACH_M, with_town_firms


def place(label="quantum", **more):
    return {"label": label, "easting": 0.0, "northing": 0.0, "radius_m": 600.0, "reason": "3 firms"} | more


def firm(**more):
    told = {"is8": "digital", "technologies": ["quantum"], "easting": 0.0, "northing": 0.0, "point": False}
    return told | more


def reasons(places, firms):
    return with_town_firms(pd.DataFrame(places), pd.DataFrame(firms))["reason"].tolist()


def test_firms_known_only_to_a_town_nearby_are_said():
    firms = [
        firm(),
        firm(easting=REACH_M),
        firm(easting=REACH_M + 1),
        firm(technologies=[]),
        firm(point=True),
    ]
    wide = place(radius_m=19_200.0)
    assert reasons([place(), wide, place("digital"), place("space")], firms) == [
        "3 firms; 2 more firms of the kind known only to a town nearby",
        "3 firms; 3 more firms of the kind known only to a town nearby",
        "3 firms; 3 more firms of the kind known only to a town nearby",
        "3 firms",
    ]


def test_nothing_is_said_where_there_are_none():
    assert reasons([place()], [firm(point=True)]) == ["3 firms"]
