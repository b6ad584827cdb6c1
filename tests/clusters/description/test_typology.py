import pandas as pd
import pytest

from clusters.description.typology import classify, cluster_type
from data.errors import TableError
from tests.clusters.places import FAR, cluster, evidence, members, project

NO_LABELS = pd.DataFrame({"firm_id": [], "label": [], "kind": []})
TWO = (("p1", "Alpha"), ("p1", "Beta"))
SAME = (("p1", "pottery"),)


def families(number):
    return pd.DataFrame(
        {"firm_id": [f"f{i}" for i in range(number)], "label": "glazing", "kind": "technology"}
    )


def criteria(labels=NO_LABELS, known=None, label="pottery"):
    return classify(cluster(label), members(), members(), labels, known).criteria.loc["c"]


@pytest.mark.parametrize(
    ("related", "collaborating", "kind"),
    [
        (False, False, "Diverse"),
        (True, False, "Specialised"),
        (False, True, "R&D Collaborating"),
        (True, True, "R&D Collaborating"),
    ],
)
def test_types(related, collaborating, kind):
    assert cluster_type(related, collaborating) == kind


@pytest.mark.parametrize(("sharing", "related"), [(0, False), (1, False), (2, True), (6, True)])
def test_a_family_shared_by_a_third_relates(sharing, related):
    found = criteria(families(sharing))
    assert found["related"] == related
    assert found["type"] == ("Specialised" if related else "Diverse")


def test_a_technology_relates_its_own_cluster():
    assert criteria(families(1), label="glazing")["related"]


@pytest.mark.parametrize(
    ("known", "active", "collaborating"),
    [
        (evidence(), False, False),
        (evidence(assets=[("a", "Kiln Lab", "university", 0.0, 0.0)]), True, False),
        (evidence(assets=[("a", "Kiln Lab", "university", FAR, 0.0)]), False, False),
        (evidence([project()], TWO, labels=SAME), True, True),
        (evidence([project()], TWO[:1], labels=SAME), True, False),
        (evidence([project()], TWO, labels=(("p1", "brewing"),)), True, False),
        (evidence([project(precision="town")], TWO, labels=SAME), False, False),
        (evidence([project(programme="GROWTH")], TWO, labels=SAME), False, False),
        (evidence([project(at=FAR)], TWO, labels=SAME), False, False),
        (evidence([project(at=FAR)], (("p1", "KILN 3"), ("p1", "Beta"))), True, True),
        (evidence([project(at=FAR)], (("p1", "KILN 3"), ("p1", "Kiln 3 Limited"))), True, False),
        (evidence([project(at=FAR, programme="GROWTH")], (("p1", "Kiln 3"), ("p1", "Beta"))), False, False),
    ],
)
def test_truth_table_of_evidence(known, active, collaborating):
    found = criteria(known=known)
    assert found["co_located"]
    assert found["rd_active"] == active
    assert found["collaborating"] == collaborating
    assert found["type"] == ("R&D Collaborating" if collaborating else "Diverse")


def test_a_group_name_names_none_of_its_sites():
    known = evidence([project(at=FAR)], (("p1", "Wedge"), ("p1", "Beta")))
    firms = members().assign(name=[f"Wedge (Works {i})" for i in range(6)], company_group="Wedge")
    found = classify(cluster(), firms, firms, NO_LABELS, known).criteria.loc["c"]
    assert not found["collaborating"]
    lone = firms.assign(company_group="")
    assert classify(cluster(), lone, lone, NO_LABELS, known).criteria.loc["c", "collaborating"]


def test_each_criterion_met_has_its_evidence():
    known = evidence(
        [project()], (("p1", "Kiln 1"), ("p1", "Beta")), [("a", "Kiln Lab", "psre", 0.0, 0.0)], SAME
    )
    found = classify(cluster(), members(), members(), families(3), known)
    listed = found.evidence.groupby("criterion")["kind"].agg(sorted).to_dict()
    assert listed == {
        "collaborating": ["participant", "project"],
        "rd_active": ["asset", "participant", "project"],
        "related": ["technology"],
    }
    assert "Kiln 1 in Project p1" in set(found.evidence["text"])


def test_without_evidence_two_criteria_are_not_assessed():
    found = criteria(families(3))
    assert found["type"] == "Specialised"
    assert found[["rd_active", "collaborating"]].isna().all()


def test_missing_columns_are_named_together():
    whole = evidence()
    with pytest.raises(TableError, match=r"projects lacks \['nested_in'\].*assets lacks \['type'\]"):
        type(whole)(
            whole.projects.drop(columns="nested_in"),
            whole.participants,
            whole.programmes,
            whole.assets.drop(columns="type"),
            whole.project_labels,
        )
