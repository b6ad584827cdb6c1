"""Where a result may be written: never over what is not a former result, which is replaced whole."""

from pathlib import Path

import pytest

from clusters.results.folder import FILES, check_target
from clusters.results.reading import read_results
from clusters.results.writing import write_results
from data.errors import InputError
from tests.clusters.results.small_results import (
    assert_same,
    digests,
    full_results,
    no_results,
    some_results,
)


def test_a_former_result_is_replaced_whole(tmp_path):
    folder = tmp_path / "deep" / "out"
    write_results(folder, full_results())
    (folder / ".DS_Store").touch()
    write_results(folder, no_results())
    assert len(read_results(folder).clusters) == 0
    assert {path.name for path in folder.iterdir()} == FILES - {"firms.parquet"}
    assert [path.name for path in folder.parent.iterdir()] == ["out"]


def test_a_result_of_an_older_format_is_replaced_too(tmp_path):
    folder = tmp_path / "out"
    write_results(folder, full_results())
    (folder / "report.json").write_text('{"format": "innovation-clusters-map result 1"}')
    (folder / "nearly.parquet").unlink()
    write_results(folder, some_results())
    assert_same(some_results(), read_results(folder))


def test_an_empty_folder_and_a_link_will_do(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_results(tmp_path / "link", some_results())
    assert (tmp_path / "link").is_symlink()
    assert_same(some_results(), read_results(tmp_path / "real"))


@pytest.mark.parametrize(
    ("fill", "words"),
    [
        (
            lambda folder: (folder / "notes.txt").touch(),
            r"out holds 'notes.txt', not part of a former result",
        ),
        (lambda folder: (folder / "report.json").write_text('{"rows": 1}'), r"holds 'report.json'"),
        (lambda folder: (folder / "report.json").write_text("["), r"holds 'report.json'"),
        (lambda folder: (folder / "report.json").write_text('{"format": 5}'), r"holds 'report.json'"),
        (
            lambda folder: [(folder / f"{i}.txt").touch() for i in range(5)],
            r"holds '0.txt', '1.txt', '2.txt' and 2 more",
        ),
        (
            lambda folder: [write_results(folder, some_results()), (folder / "mine").mkdir()],
            r"holds 'mine', not part of a former result: empty it or name another folder",
        ),
    ],
)
def test_what_is_not_ours_is_never_touched(tmp_path, fill, words):
    folder = tmp_path / "out"
    folder.mkdir()
    fill(folder)
    before = sorted(folder.rglob("*")), sorted(path.stat().st_mtime_ns for path in folder.rglob("*"))
    with pytest.raises(InputError, match=words):
        write_results(folder, some_results())
    assert before == (
        sorted(folder.rglob("*")),
        sorted(path.stat().st_mtime_ns for path in folder.rglob("*")),
    )
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_file_or_the_working_folder_is_refused(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="file is a file: name a folder"):
        check_target(tmp_path / "file")
    with pytest.raises(InputError, match=r"out cannot be made: .*file is a file"):
        check_target(tmp_path / "file" / "out")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    for folder in (Path(), tmp_path, Path("/")):
        with pytest.raises(InputError, match="is the working folder or holds it"):
            write_results(folder, some_results())
    assert check_target(Path("new")) == tmp_path / "work" / "new"


def test_the_old_result_returns_when_the_new_one_cannot_take_its_place(tmp_path, monkeypatch):
    folder = tmp_path / "out"
    write_results(folder, full_results())
    before = digests(folder)
    own = Path.rename

    def fail(path, target):
        if ".part-" in path.name:
            raise KeyboardInterrupt
        return own(path, target)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(KeyboardInterrupt):
        write_results(folder, no_results())
    assert digests(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
