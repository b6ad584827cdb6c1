"""What tests of results share: one that is written already."""

import pytest

from clusters.results.writing import write_results
from tests.clusters.results.small_results import full_results


@pytest.fixture(scope="session")
def ready(tmp_path_factory):
    """A result that is only copied."""
    folder = tmp_path_factory.mktemp("ready") / "out"
    write_results(folder, full_results())
    return folder
