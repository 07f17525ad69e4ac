"""Drawn weights of all German municipalities against the same work in bare numpy, each in a process of its own.

As a module of its own: `python -m tests.bench.draws VALUES.npy PEOPLE.npy DRAWS` prints what it took as JSON.
"""

import datetime as dt
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from statistics import median

import numpy as np

from indicators.burden import Indicator, Scheme, compute
from indicators.inputs import Calculated, Inputs
from indicators.sensitivity import bands, draw_weights
from tests.bench.factors import Floats, municipalities
from tests.bench.measure import NotMeasured, Row, Skipped, duration
from tests.bench.probe import peak_mb

YARDSTICK = Path(__file__).resolve().parents[3] / "shared" / "prototypes" / "bench_reference.py"
COLUMNS, DRAWS, ROUNDS = 20, 1_000, 5
LIMIT, MEMORY_MB = 1.3, 2048.0


def rows() -> Iterator[Row]:
    """Factors, ranks and their quantiles; the product rates the values with all its checks first."""
    people, values = repeated()
    if not YARDSTICK.exists():
        raise Skipped("the yardstick is not beside the project")
    with tempfile.TemporaryDirectory() as folder:
        files = [str(Path(folder) / name) for name in ("values.npy", "people.npy")]
        for file, array in zip(files, (values, people), strict=True):
            np.save(file, array)
        # They take turns, so that a busy moment of the machine hits both.
        bare, ours = zip(
            *(
                (
                    answer(str(YARDSTICK), *files, str(DRAWS)),
                    json.loads(answer("-m", "tests.bench.draws", *files, str(DRAWS))),
                )
                for _ in range(ROUNDS)
            ),
            strict=True,
        )
    said = [re.fullmatch(r".*: ([\d.]+) s \[(.+)\]", line.strip()) for line in bare]
    if not all(said):
        raise NotMeasured(f"the yardstick says: {bare[0]}")
    # Both draw differently, so the bands agree as closely as a thousand draws allow.
    if not np.allclose(ours[0]["band"], [float(part) for part in said[0][2].split()], rtol=2e-3):  # type: ignore[index]
        raise NotMeasured("bare numpy comes to other bands")
    numpy, product = median(float(found[1]) for found in said if found), median(run["seconds"] for run in ours)
    what = f"drawn weights, {len(people):,} municipalities × {COLUMNS} indicators, N = {DRAWS:,}"
    yield Row(what, duration(product), product / numpy, LIMIT, f"bare numpy, {duration(numpy)}")
    memory = max(run["peak_mb"] for run in ours)
    yield Row("drawn weights, memory", f"{memory:.0f} MB", memory / MEMORY_MB, 1, "2 GiB")


def repeated() -> tuple[Floats, Floats]:
    """People and twenty columns: real ones again and again, with noise; the mirrored ones stay below twice the mean."""
    _, people, values = municipalities()
    tame = values.max(axis=0) < 1.6 * people @ values / people.sum()
    kinds = values[:, ~tame], values[:, tame]
    columns = [kind[:, place // 2 % kind.shape[1]] for place in range(COLUMNS) for kind in [kinds[place % 2]]]
    noise = np.random.Generator(np.random.PCG64(1)).uniform(0.9, 1.1, (len(people), COLUMNS))
    return people, np.array(columns).T * noise


def answer(*arguments: str) -> str:
    """What Python prints on these arguments."""
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotMeasured(done.stderr.strip().rpartition("\n")[2])
    return done.stdout


def main(values: str, people: str, draws: int) -> None:
    table, heads = np.load(values), np.load(people)
    keys = [f"{row:08}" for row in range(len(heads))]
    started = time.perf_counter()
    scheme = Scheme(
        indicators=tuple(
            Indicator(code=f"{column:02}", weight=1, direction="less" if column % 2 else "more")
            for column in range(table.shape[1])
        )
    )
    result = compute(keys, heads, table, scheme)
    calculated = Calculated(inputs=NOTHING, columns=(), scheme=scheme, counts={}, result=result)
    found = bands(draw_weights(calculated, draws=draws, seed=1))
    seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "peak_mb": peak_mb(), "band": found.factors[0].tolist()}))


# The arrays stand for what rows of a database would be read into.
NOTHING = Inputs(
    name="",
    version=1,
    method="ratio",
    spread=Decimal("0.15"),
    aggregation="arithmetic",
    factor_min=None,
    factor_max=None,
    is_frozen=False,
    population="",
    population_date=dt.date.min,
    population_source="",
    population_is_example=True,
    as_of=dt.date.min,
    groups=(),
    members=(),
    places=(),
)

if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
