"""Synthetic registers: real places, honest plants, sizes as asked, files that say the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from benchmarks import register_ground, register_plants, register_shape
from benchmarks import registers as module
from benchmarks.registers import firm_ids, labels, main, make, shuffled, summary, table, write
from data.errors import InputError
from geo.postcodes import geocode
from geo.projections import to_bng

FIRMS = 300_000
PLANTS = 40


@pytest.fixture(scope="module")
def register():
    return make(FIRMS, plants=PLANTS, seed=3)


@pytest.fixture(scope="module")
def small():
    return make(4_000, sectors=12, plants=5, seed=1)


def same(one, other) -> bool:
    arrays = ("place", "sector", "second", "plant")
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in arrays)


def within(register, plant) -> np.ndarray:
    away = np.hypot(register.easting - float(plant["easting"]), register.northing - float(plant["northing"]))
    return away <= plant["radius_m"]


def test_the_register_has_the_size_asked_for_and_its_codes_mean_something(register):
    assert len(register) == len(register.sector) == len(register.second) == len(register.plant) == FIRMS
    assert set(np.unique(register.sector)) == set(range(40))
    assert register.sectors[0] == "S01"
    assert register.sectors[-1] == "S40"
    assert register.plant.max() == PLANTS - 1


def test_the_same_seed_gives_the_same_register_and_another_does_not(small):
    again = make(4_000, sectors=12, plants=5, seed=1)
    assert same(small, again)
    pd.testing.assert_frame_equal(small.plants, again.plants)
    assert not same(small, make(4_000, sectors=12, plants=5, seed=2))


def test_firms_stand_on_the_points_of_their_postcodes(register):
    firms = table(register, slice(0, 3_000)).to_pandas()
    found = geocode(firms["postcode"])
    assert (found["location_precision"] == "postcode").all()
    assert (found["easting"] == firms["easting"]).all()
    assert (found["northing"] == firms["northing"]).all()


def test_northern_ireland_is_left_out(register):
    assert not any(text.startswith("BT") for text in table(register)["postcode"].to_pylist())


def test_rows_are_in_no_order(register):
    row = np.arange(FIRMS)
    for column in (register.easting, register.northing, register.sector, register.plant):
        assert abs(np.corrcoef(row, column)[0, 1]) < 0.01
    planted = np.flatnonzero(register.planted)
    assert abs(planted.mean() / FIRMS - 0.5) < 0.05


def test_firms_gather_on_few_points_and_in_large_towns(register):
    came = summary(register)
    count = np.sort(np.bincount(register.place))[::-1]
    assert count[: FIRMS // 100].sum() > 0.2 * FIRMS
    assert came["points"] == (count > 0).sum()
    london = np.hypot(register.easting - 530_000.0, register.northing - 180_000.0) < 25_000
    assert 0.15 < london.mean() < 0.35


def test_concentration_on_points_is_that_of_a_real_census():
    """South Yorkshire, census of 75,740 firms: 9 in 10 points have up to 6 firms, 99 in 100 up to 42."""
    count = np.bincount(make(5_600_000, plants=0).place)
    count = count[count > 0]
    assert 900_000 < len(count) < 1_200_000
    assert 30 < np.quantile(count, 0.99) < 55
    assert 200 < np.quantile(count, 0.999) < 400


def test_agents_have_many_firms_and_a_mix_of_their_own(register):
    agents = register.agents
    assert len(agents) == round(60 * np.sqrt(FIRMS / 5_000_000))
    assert agents["firms"].max() == np.bincount(register.place).max()
    assert abs(agents["firms"].max() / (18_000 * FIRMS / 5_000_000) - 1) < 0.1
    largest = register.sector[register.place == agents["place"].iloc[0]]
    nation = np.bincount(register.sector, minlength=40) / FIRMS
    quotient = np.bincount(largest, minlength=40) / len(largest) / nation
    assert quotient.max() > 1.5
    assert not len(make(20_000, plants=0, agents=False).agents)


def test_sectors_have_unequal_sizes_and_a_gradient(register):
    sizes = np.bincount(register.sector)
    assert sizes[0] > 5 * sizes[-1]
    london = np.hypot(register.easting - 530_000.0, register.northing - 180_000.0) < 15_000
    quotient = np.bincount(register.sector[london]) / london.sum() / (sizes / FIRMS)
    assert quotient.max() > 1.3
    assert quotient.min() < 0.75


def test_no_gradient_looks_like_a_cluster():
    """What a sector is expected to have at a place is near what it has within 20 km."""
    ground, sectors = register_ground.ground_of_registers(), 8
    shares = register_ground.profile_shares(ground, sectors, np.random.default_rng(0))
    profile = np.repeat(np.arange(len(ground.profiles)), np.diff(ground.starts))
    rng = np.random.default_rng(1)
    some = rng.choice(len(profile), 100, p=ground.weight / ground.weight.sum())
    above = []
    for row in some:
        point = (ground.eastings[row], ground.northings[row])
        near = np.array(register_plants.tree_of_places().query_ball_point(point, 20_000))
        ring = np.average(shares[profile[near]], axis=0, weights=ground.weight[near])
        above.append(shares[profile[row]] / ring)
    assert np.quantile(above, 0.99) < 1.3
    assert np.max(above) < 1.6


def test_second_sectors_are_carried_by_the_share_asked_for_and_differ(register):
    carries = register.second != -1
    assert 0.04 < carries.mean() < 0.055
    assert (register.second[carries] != register.sector[carries]).all()
    assert not (make(5_000, plants=0, second_share=0).second != -1).any()
    rows, codes = labels(register)
    assert len(rows) == FIRMS + carries.sum()
    assert (np.bincount(rows) == 1 + carries).all()
    assert (codes[:FIRMS] == register.sector).all()
    assert (codes[FIRMS:] == register.second[carries]).all()


def test_planted_firms_are_of_the_sector_within_the_radius_and_counted(register):
    assert len(register.plants) == PLANTS
    for plant in register.plants.to_dict("records"):
        members = register.plant == plant["plant"]
        assert members.sum() == plant["firms"] >= register_shape.LEAST_FIRMS
        assert within(register, plant)[members].all()
        assert {register.sectors[code] for code in register.sector[members]} == {plant["sector"]}


def test_the_table_of_plants_is_what_can_be_counted_again(register):
    for plant in register.plants.to_dict("records")[:12]:
        near = within(register, plant)
        code = register.sectors.index(plant["sector"])
        carries = (register.sector == code) | (register.second == code)
        assert (near & carries).sum() == plant["carriers"]
        assert (near & ~register.planted).sum() == plant["background"]
        assert plant["lq"] == pytest.approx(carries[near].mean() / carries.mean())


def test_quotients_come_out_as_drawn_where_there_are_firms_enough(register):
    plants = register.plants[register.plants["firms"] > 2 * register_shape.LEAST_FIRMS]
    assert len(plants) > 5
    ratio = plants["lq"] / plants["lq_drawn"]
    assert ratio.between(0.7, 1.1).all()
    assert 0.9 < ratio.median() < 1.05
    assert register.plants["lq_drawn"].between(2, 8).all()
    assert register.plants["radius_m"].between(300, 3_000).all()


def test_planted_firms_decline_from_the_centre():
    register = make(200_000, plants=25, seed=5)
    away = []
    for plant in register.plants.to_dict("records"):
        members = register.plant == plant["plant"]
        east = register.easting[members] - float(plant["easting"])
        away.append(np.hypot(east, register.northing[members] - float(plant["northing"])) / plant["radius_m"])
    # Strewn evenly over a disc, half of them would lie beyond 0.71 of the radius.
    assert np.median(np.concatenate(away)) < 0.6


def test_plants_of_a_sector_keep_apart():
    plants = make(100_000, sectors=6, plants=60).plants
    for _, group in plants.groupby("sector"):
        point = group["easting"].to_numpy() + 1j * group["northing"].to_numpy()
        apart = np.abs(np.subtract.outer(point, point))[np.triu_indices(len(point), 1)]
        assert (apart >= register_shape.APART_M).all()


def test_plants_find_room_even_with_few_firms_or_many_sectors():
    few = make(10_000, plants=40)
    assert len(few.plants) == 40
    assert len(few) == 10_000
    many = make(50_000, sectors=2_000, plants=12)
    assert len(many.plants) == 12
    assert many.sectors[-1] == "S2000"
    assert (many.plants["firms"] >= register_shape.LEAST_FIRMS).all()


def test_shuffling_moves_labels_together_and_nothing_else(register):
    dealt = shuffled(register, 1)
    assert (dealt.place == register.place).all()
    assert not dealt.planted.any()
    assert not len(dealt.plants)
    before, after = (np.sort(one.sector.astype(np.int64) * 100 + one.second) for one in (register, dealt))
    assert (before == after).all()
    assert (dealt.sector == register.sector).mean() < 0.1
    assert same(dealt, shuffled(register, 1))
    assert not same(dealt, shuffled(register, 2))
    # The register itself is as it was, and its strongest plant is gone from the other.
    assert register.planted.any()
    plant = register.plants.loc[register.plants["firms"].idxmax()]
    near, code = within(register, plant), register.sectors.index(plant["sector"])
    quotient = (dealt.sector[near] == code).mean() / (dealt.sector == code).mean()
    assert quotient < 0.7 * plant["lq"]


@pytest.mark.parametrize(
    ("asked", "quoted"),
    [
        ({"firms": 0}, "firms is 0"),
        ({"firms": 100_000_000}, "firms is 100000000"),
        ({"firms": 10, "sectors": 0}, "sectors is 0"),
        ({"firms": 10, "sectors": 10_001}, "sectors is 10001"),
        ({"firms": 10, "plants": -1}, "plants is -1"),
        ({"firms": 10, "second_share": 1.5}, "second_share is 1.5"),
        ({"firms": 10, "second_share": float("nan")}, "second_share is nan"),
        ({"firms": 10, "seed": -1}, "seed is -1"),
        ({"firms": 500, "plants": 240}, "500 firms cannot hold 240"),
        ({"firms": 5_000, "sectors": 1, "plants": 1}, "1 sectors are too few"),
    ],
)
def test_what_cannot_be_is_refused_in_words(asked, quoted):
    with pytest.raises(InputError, match=quoted):
        make(**asked)


@pytest.mark.parametrize(("firms", "sectors"), [(1, 1), (1, 40), (7, 3)])
def test_tiny_registers_are_made_whole(firms, sectors):
    register = make(firms, sectors, plants=0)
    assert len(register) == firms
    assert summary(register)["firms"] == firms
    assert table(register).num_rows == firms


def test_ids_are_eight_digits_once_each_and_the_same_in_any_slice(register):
    ids = firm_ids(register).to_pandas()
    assert ids.is_unique
    assert ids.str.fullmatch(r"\d{8}").all()
    part = firm_ids(register, slice(1_000, 1_100)).to_pandas()
    assert (part.to_numpy() == ids[1_000:1_100].to_numpy()).all()
    assert not ids.is_monotonic_increasing


def read(folder, form: str) -> pd.DataFrame:
    paths = sorted((folder / "firms").glob(f"*.{form}"))
    texts = pyarrow.csv.ConvertOptions(column_types={"firm_id": pyarrow.string()})
    tables = [
        pq.read_table(path) if form == "parquet" else pyarrow.csv.read_csv(path, convert_options=texts)
        for path in paths
    ]
    return pd.concat([one.to_pandas() for one in tables], ignore_index=True)


@pytest.mark.parametrize("form", ["parquet", "csv"])
@pytest.mark.parametrize("files", [1, 3])
def test_files_hold_the_register(small, tmp_path, monkeypatch, form, files):
    monkeypatch.setattr(module, "ROWS", 700)
    folder = tmp_path / "made" / "register"
    write(small, folder, files, form)
    names = sorted(path.name for path in (folder / "firms").iterdir())
    assert names == [f"part-{number:03}.{form}" for number in range(files)]
    firms = read(folder, form)
    assert list(firms) == ["firm_id", "sector", "easting", "northing", "postcode"]
    assert (firms["easting"].to_numpy() == small.easting).all()
    assert (firms["northing"].to_numpy() == small.northing).all()
    assert (firms["firm_id"].to_numpy() == firm_ids(small).to_pandas().to_numpy()).all()
    texts = [
        small.sectors[one] + (f";{small.sectors[two]}" if two >= 0 else "")
        for one, two in zip(small.sector, small.second, strict=True)
    ]
    assert firms["sector"].tolist() == texts


def test_truth_and_plants_are_beside_the_firms(small, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "ROWS", 700)
    write(small, tmp_path / "register")
    truth = pd.read_parquet(tmp_path / "register/truth.parquet")
    firms = read(tmp_path / "register", "parquet")
    assert (truth["firm_id"].to_numpy() == firms["firm_id"].to_numpy()[small.planted]).all()
    assert (truth["plant"].to_numpy() == small.plant[small.planted]).all()
    plants = pd.read_csv(tmp_path / "register/plants.csv")
    pd.testing.assert_frame_equal(plants, small.plants, check_dtype=False)
    assert truth["plant"].value_counts().sort_index().tolist() == plants["firms"].tolist()
    agents = pd.read_csv(tmp_path / "register/agents.csv")
    assert (geocode(agents["postcode"])["easting"] == agents["easting"]).all()


def test_places_may_be_written_as_degrees_or_as_postcodes_alone(small):
    degrees = table(small, coordinates="lonlat").to_pandas()
    assert list(degrees) == ["firm_id", "sector", "lon", "lat", "postcode"]
    east, north = to_bng(degrees["lon"].to_numpy(), degrees["lat"].to_numpy())
    assert np.abs(east - small.easting).max() < 0.2
    assert np.abs(north - small.northing).max() < 0.2
    alone = table(small, coordinates="postcode").to_pandas()
    assert list(alone) == ["firm_id", "sector", "postcode"]
    assert (geocode(alone["postcode"])["northing"] == small.northing).all()


def test_the_same_register_is_written_in_the_same_bytes(small, tmp_path):
    for name in ("one", "two"):
        write(small, tmp_path / name)
    one, two = (
        sorted(path for path in (tmp_path / name).rglob("*") if path.is_file()) for name in ("one", "two")
    )
    assert len(one) == 4
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]


def test_a_former_register_gives_way_and_nothing_else_does(small, tmp_path):
    folder = tmp_path / "register"
    write(small, folder, files=3)
    write(small, folder, files=2)
    assert len(list((folder / "firms").iterdir())) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["register"]
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.txt").write_text("ten years")
    with pytest.raises(InputError, match="other is there and holds no register"):
        write(small, other)
    assert (other / "thesis.txt").read_text() == "ten years"


def test_a_failed_exchange_puts_the_former_register_back(small, tmp_path, monkeypatch):
    folder = tmp_path / "register"
    write(small, folder)
    rename, names = Path.rename, []

    def once(self, target):
        names.append(self.name)
        return broken() if names == ["register", "new"] else rename(self, target)

    monkeypatch.setattr(Path, "rename", once)
    with pytest.raises(KeyboardInterrupt):
        write(small, folder, files=2)
    assert [path.name for path in tmp_path.iterdir()] == ["register"]
    assert [path.name for path in (folder / "firms").iterdir()] == ["part-000.parquet"]


def broken(*_):
    raise KeyboardInterrupt


def test_a_failure_leaves_the_former_register_and_no_half(small, tmp_path, monkeypatch):
    folder = tmp_path / "register"
    write(small, folder)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    monkeypatch.setattr(module, "_truth", broken)
    with pytest.raises(KeyboardInterrupt):
        write(small, folder, files=2)
    assert [path.name for path in tmp_path.iterdir()] == ["register"]
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("asked", "quoted"),
    [
        ({"form": "xlsx"}, "xlsx"),
        ({"coordinates": "irish"}, "irish"),
        ({"files": 0}, "files is 0"),
        ({"files": 4_001}, "files is 4001"),
    ],
)
def test_options_of_writing_are_checked_before_anything_is_written(small, tmp_path, asked, quoted):
    with pytest.raises(InputError, match=quoted):
        write(small, tmp_path / "register", **asked)
    assert not list(tmp_path.iterdir())


def test_the_command_writes_and_says_what_came_out(tmp_path, capsys):
    main([
        "--firms", "3000", "--sectors", "9", "--plants", "4", "--seed", "2", "--files", "2",
        "--format", "csv", "--coordinates", "postcode", "--out", str(tmp_path / "register"),
    ])  # fmt: skip
    said = capsys.readouterr().out
    assert "firms: 3000\n" in said
    assert "plants: 4\n" in said
    assert "peak memory" in said
    assert len(read(tmp_path / "register", "csv")) == 3_000
    main(["--firms", "3000", "--plants", "4", "--shuffled"])
    assert "planted_firms: 0\n" in capsys.readouterr().out
