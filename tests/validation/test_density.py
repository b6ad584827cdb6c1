"""DBSCAN beside the labels of R's dbscan and of scikit-learn on their own examples."""

import numpy as np
import pytest
from sklearn.cluster import DBSCAN
from sklearn.datasets import make_blobs, make_moons
from sklearn.preprocessing import StandardScaler

from clusters.density.dbscan import dbscan
from tests.validation.published import found, read_r


def theirs(points, eps, least):
    return DBSCAN(eps=eps, min_samples=least).fit(points).labels_.tolist()


def test_the_demonstration_of_scikit_learn():
    centres = [[1, 1], [-1, -1], [1, -1]]
    blobs, _ = make_blobs(n_samples=750, centers=centres, cluster_std=0.4, random_state=0)
    blobs = StandardScaler().fit_transform(blobs)
    ours = dbscan(*blobs.T, 0.3, 10)
    assert ours.tolist() == theirs(blobs, 0.3, 10)
    # The page of the demonstration prints 3 clusters and 18 points of noise.
    assert (ours.max() + 1, (ours < 0).sum()) == (3, 18)


@pytest.mark.parametrize("noise", [0.0, 0.05, 0.1])
def test_moons_of_scikit_learn(noise):
    moons, _ = make_moons(n_samples=500, noise=noise, random_state=30)
    assert dbscan(*moons.T, 0.2, 5).tolist() == theirs(moons, 0.2, 5)


def from_r(name):
    table = read_r(found("dbscan", "data", f"{name}.rdata").read_bytes(), ".rda")[name]
    return table[["X", "Y"]].to_numpy(float)


@pytest.mark.reference
def test_moons_of_the_vignette_of_r():
    moons = from_r("moons")
    ours = dbscan(*moons.T, 0.45, 5)
    assert ours.tolist() == theirs(moons, 0.45, 5)
    # "The clustering contains 3 cluster(s) and 0 noise points": 50, 25 and 25.
    assert np.bincount(ours).tolist() == [50, 25, 25]


@pytest.mark.reference
@pytest.mark.parametrize(("eps", "least"), [(6, 8), (8, 20), (20, 25), (30, 25)])
def test_the_8000_points_of_ds3(eps, least):
    points = from_r("DS3")
    assert len(points) == 8_000
    assert dbscan(*points.T, eps, least).tolist() == theirs(points, eps, least)
