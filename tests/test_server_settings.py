"""What Streamlit is told in its settings holds for the version that is installed, wherever it is started."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from streamlit import config
from streamlit.runtime.scriptrunner import script_runner

ROOT = Path(__file__).parents[1]
GIVEN = {
    f"{section}.{name}": value
    for section, options in tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8")).items()
    for name, value in options.items()
    if not isinstance(value, dict)
}
COLLECTING = "runner.postScriptGC"
# What `streamlit run` does before it serves.
READ = """
import sys
from streamlit import config
from streamlit.web import bootstrap
config._main_script_path = sys.argv[1]
bootstrap.load_config_options(flag_options={})
print(config.get_option(sys.argv[2]))
"""


def in_force(option, folder):
    """Return an option as a server that is started in a folder has it."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("STREAMLIT_")}
    done = subprocess.run(
        [sys.executable, "-c", READ, str(ROOT / "app.py"), option],
        cwd=folder, env=plain, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.strip()


@pytest.mark.parametrize("name", GIVEN)
def test_this_streamlit_knows_every_option(name):
    assert name in config._config_options_template, (
        f"This version of Streamlit has no option {name!r} any more, and .streamlit/config.toml sets it. "
        "Look in its notes for what takes its place."
    )


def test_no_garbage_is_collected_after_every_run_of_a_page(tmp_path):
    """A full collection holds up all sessions for a tenth of a second, for each run of any of them."""
    assert GIVEN[COLLECTING] is False
    heeded = COLLECTING in config._config_options_template and COLLECTING in inspect.getsource(script_runner)
    assert heeded, (
        f"This version of Streamlit no longer heeds {COLLECTING!r}. See in script_runner.py whether it "
        "still collects garbage after every run. If so, find another way to stop it (gc.freeze() once the "
        "edition is open leaves little to look through); if not, drop the option and this test."
    )
    assert in_force(COLLECTING, ROOT) == "False"
    assert in_force(COLLECTING, tmp_path) == "False"
