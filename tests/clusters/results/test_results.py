"""Tables of a result are checked together."""

from dataclasses import replace

import pandas as pd
import pytest

from data.errors import TableError
from tests.clusters.results.small_results import some_results


def test_tables_are_checked_together():
    whole = some_results()
    with pytest.raises(TableError) as caught:
        replace(
            whole,
            clusters=pd.concat([whole.clusters.to_crs(4326)] * 2),
            members=whole.members.assign(cluster_id="nowhere").drop(columns="core"),
            labels=whole.labels.drop(columns="reason"),
            report={"format": "mine"},
        )
    for words in (
        "the table of members lacks ['core']",
        "the table of labels lacks ['reason']",
        "the clusters are in EPSG:4326: they must be in EPSG:27700",
        "cluster_id 'cluster_id 0' is given twice",
        "members name the cluster 'nowhere', which is not there",
        "the report's format is 'mine'",
    ):
        assert words in str(caught.value)
