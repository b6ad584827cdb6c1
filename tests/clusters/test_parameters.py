import pytest

from clusters.parameters import ScanParameters
from data.errors import InputError


def test_all_faults_are_named_at_once_with_their_values():
    with pytest.raises(InputError) as fault:
        ScanParameters(cell_m=-5, min_firms=0, level=2)
    for value in ("cell_m is -5", "min_firms is 0", "level is 2"):
        assert value in str(fault.value)


def test_too_few_relabellings_for_the_level_are_refused():
    assert ScanParameters(relabellings=19).relabellings == 19
    with pytest.raises(InputError, match="relabellings is 18"):
        ScanParameters(relabellings=18)
