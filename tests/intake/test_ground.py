"""What places are judged by."""

from __future__ import annotations

from geo.postcodes import NO_METRES


def test_ground_knows_every_authority(ground):
    assert len(ground.la_codes) == 361
    placed = ground.directory.eastings != NO_METRES
    assert (ground.authority[ground.directory.authority[placed]] >= 0).all()
    assert ground.authority[-1] == -1
