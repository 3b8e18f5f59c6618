"""Writes the history of the panel bench: accounts.parquet and events.parquet.

    python make_events.py DIR EVENTS [ACCOUNTS]

Accounts differ in how active they are (log-normal); events stand in the order of time, as a warehouse
writes them, with a timestamp, one of four kinds and an amount of two decimals.
"""

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

FIRST = np.datetime64("2021-07-01", "us").astype(np.int64)
LAST = np.datetime64("2025-01-01", "us").astype(np.int64)
KINDS = ["login", "export", "purchase", "error"]
CHUNK = 1 << 20


def main(folder: Path, events: int, accounts: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.Generator(np.random.PCG64(7))
    ids = np.array([f"acct-{number:06d}" for number in range(accounts)])
    day = np.timedelta64(1, "D")
    churned = np.datetime64("2022-03-01") + random.integers(0, 1000, accounts) * day
    stays = random.random(accounts) < 0.8
    pq.write_table(
        pa.table(
            {
                "account_id": ids,
                "start": pa.array(np.full(accounts, np.datetime64("2021-07-01"))),
                "churned_on": pa.array(churned, mask=stays),
            }
        ),
        folder / "accounts.parquet",
    )
    activity = random.lognormal(0.0, 1.0, accounts)
    edges = np.cumsum(activity) / activity.sum()
    schema = pa.schema(
        [
            ("account_id", pa.string()),
            ("at", pa.timestamp("us")),
            ("kind", pa.string()),
            ("amount", pa.float64()),
        ]
    )
    words, kinds = pa.array(ids), pa.array(KINDS)
    with pq.ParquetWriter(folder / "events.parquet", schema, compression="snappy") as writer:
        for first in range(0, events, CHUNK):
            rows = min(CHUNK, events - first)
            share = (first + np.sort(random.random(rows)) * rows) / events
            account = np.minimum(np.searchsorted(edges, random.random(rows)), accounts - 1)
            kind = random.choice(4, rows, p=[0.6, 0.2, 0.15, 0.05])
            table = pa.table(
                {
                    "account_id": words.take(pa.array(account)),
                    "at": pa.array((FIRST + share * (LAST - FIRST)).astype(np.int64), pa.timestamp("us")),
                    "kind": kinds.take(pa.array(kind)),
                    "amount": np.round(random.gamma(2.0, 20.0, rows), 2),
                },
                schema=schema,
            )
            writer.write_table(table, row_group_size=CHUNK)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(float(sys.argv[2])), int(sys.argv[3]) if len(sys.argv) > 3 else 100_000)
