"""The shipped boundaries against the official ones."""

import geopandas as gpd
import pytest
import shapely

from geo import boundaries
from geo.projections import BNG
from tests import reference

OFFICIAL = reference.FOLDER / "boundaries" / "lad_2024_ons.geojson"
FORMER = {"E08000016": "E08000038", "E08000019": "E08000039"}

pytestmark = pytest.mark.reference


@pytest.fixture(scope="module")
def areas():
    """Areas in the derived polygons, in the official ones, and in both, by authority."""
    if not OFFICIAL.exists():
        pytest.skip(f"no {OFFICIAL.name} in the folder of reference files (set REFERENCE_DATA)")
    official = gpd.read_file(OFFICIAL)
    official = official.set_geometry(official.make_valid()).to_crs(BNG)
    official.index = official["LAD24CD"].replace(FORMER)
    derived = boundaries.load(boundaries.FOLDER / "authorities.parquet", boundaries.DERIVED).frame
    derived = derived.set_index("gss_code")
    assert sorted(official.index) == sorted(derived.index)
    theirs = official.geometry.reindex(derived.index).to_numpy()
    ours = derived.geometry.to_numpy()
    both = shapely.area(shapely.intersection(ours, theirs))
    return shapely.area(ours), shapely.area(theirs), both


def test_overlap_with_the_official_authorities(areas):
    ours, theirs, both = areas
    overlap = both / (ours + theirs - both)
    assert overlap.mean() >= 0.916
    assert overlap.min() >= 0.5


def test_share_of_the_area_in_the_right_authority(areas):
    _, theirs, both = areas
    assert both.sum() / theirs.sum() >= 0.973
