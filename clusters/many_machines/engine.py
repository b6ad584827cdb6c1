"""Where the parts of a register are worked on: here, or on a Dask cluster; the answers are the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from clusters.many_machines import tally, trait_tally
from intake.repeated_ids import id_hashes, rows_of, seen_again
from intake.whole_register import admit_register

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    import pyarrow as pa

    from clusters.description.traits import Traits
    from clusters.many_machines.tally import Cells, Setting, Survey, Tally
    from clusters.many_machines.trait_tally import Asked, Heard
    from intake.admission import Admission
    from intake.register import Register

    Progress = Callable[[float], None]

DUCKDB, DASK = "duckdb", "dask"


class Engine(Protocol):
    """Answers for a whole register, however its parts are worked on."""

    @property
    def register(self) -> Register:
        """The register."""

    def survey(self, cell_m: float, progress: Progress) -> Survey:
        """Take a first look at all parts."""

    def heard(self) -> dict[str, Heard]:
        """Return what the register says of sizes and dates; the survey has to be asked for first."""

    def repeated(self) -> pd.DataFrame:
        """Return row, firm_id, easting, northing, sector of firms whose id may be given more than once."""

    def count(self, setting: Setting, progress: Progress) -> Tally:
        """Count the firms of all parts."""

    def members(self, setting: Setting, cells: pd.DataFrame, progress: Progress) -> pd.DataFrame:
        """Return the firms that stand in the cells of their label's clusters."""

    def traits(self, setting: Setting, asked: Asked, progress: Progress) -> Traits:
        """Count the firms that take part by size and by whether they were founded in the span."""

    def firms(self, setting: Setting) -> pa.Table | None:
        """Return the firms that took part, where one machine holds them."""


@dataclass(frozen=True, eq=False)
class OneMachine:
    """Reads the register once and holds it in memory, column by column: some 80 bytes a firm."""

    register: Register
    _numbered: dict[float, Cells] = field(init=False, repr=False, default_factory=dict)

    @cached_property
    def whole(self) -> Admission:
        """The whole register as one part."""
        return admit_register(self.register)

    def survey(self, cell_m: float, progress: Progress) -> Survey:
        """Take a first look."""
        self.__dict__["whole"] = admit_register(self.register, progress)
        return tally.merged_surveys([tally.survey(self.whole, cell_m, self._cells(cell_m))])

    def heard(self) -> dict[str, Heard]:
        """Return what the register says of sizes and dates."""
        return trait_tally.heard(self.whole)

    def repeated(self) -> pd.DataFrame:
        """Return the firms whose id may be given more than once."""
        hashes = id_hashes(self.whole)
        return rows_of(self.whole, seen_again([hashes]), hashes)

    def count(self, setting: Setting, progress: Progress) -> Tally:
        """Count the firms."""
        found = tally.count(self.whole, setting, self._cells(setting.cell_m))
        progress(1.0)
        return tally.merged_tallies([found])

    def members(self, setting: Setting, cells: pd.DataFrame, progress: Progress) -> pd.DataFrame:
        """Return the firms in the clusters."""
        found = tally.members(self.whole, setting, cells, self._cells(setting.cell_m))
        progress(1.0)
        return found

    def _cells(self, cell_m: float) -> Cells:
        """Return the cells of all firms, numbered once for all questions."""
        if cell_m not in self._numbered:
            self._numbered[cell_m] = tally.numbered(self.whole, cell_m)
        return self._numbered[cell_m]

    def traits(self, setting: Setting, asked: Asked, progress: Progress) -> Traits:
        """Count the firms by size and date."""
        found = trait_tally.traits(self.whole, setting, asked)
        progress(1.0)
        return found

    def firms(self, setting: Setting) -> pa.Table | None:
        """Return the firms that took part."""
        return tally.firms(self.whole, setting)
