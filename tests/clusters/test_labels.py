import pandas as pd

from clusters.labels import labels_of


def test_sector_and_families_become_rows_with_titles():
    firms = pd.DataFrame(
        {
            "firm_id": ["a", "b"],
            "is8": ["life-sciences", "defence"],
            "technologies": [["space", "quantum"], []],
        }
    )
    found = labels_of(firms, "firm_id").set_index(["firm_id", "label"])
    assert found["kind"].to_dict() == {
        ("a", "life-sciences"): "sector",
        ("b", "defence"): "sector",
        ("a", "space"): "technology",
        ("a", "quantum"): "technology",
    }
    assert found["title"]["a", "life-sciences"] == "Life sciences"
