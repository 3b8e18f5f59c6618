"""The panel of the bench in Python polars: rows are added up per account and bucket of days, then cumulated.

    python panel_polars.py DIR OUT.parquet

Sums are spread over a dense grid of accounts and buckets and cumulated; a window is a difference of two cells.

Tried, in processor seconds, two threads, on a machine busy with other work:

- entry and exit snapshots of every window by concat, then group and join: 19.1 at 1 million events;
- the grid, one eager column after another, rows by snapshot: 5.4 (9.9 at 10 million);
- the grid, columns side by side, rows by snapshot: 5.7;
- the same, rows by account, which is this script: 4.8 (52.6 at 100 million).

The grouping alone, at 10 million: account numbers by a join 4.0, by an Enum 5.1, by an Enum with the counts
packed into one integer 4.3; in memory in place of streaming 8.9 to 10.7; sorting in place of grouping 6.2 to
8.1. Days by a join 0.4, by replace_strict 0.6.
"""

import sys
from datetime import timedelta
from pathlib import Path

import polars as pl
from panel_duckdb import FIRST, LAST, snapshots

DAY = 24 * 60 * 60 * 1_000_000
# Windows begin and end so many days before a snapshot ends.
EDGES = (0, 7, 30, 60, 90, 180)
# More than the number of any day.
ACCOUNT = 1 << 20


def main(folder: Path, out: Path) -> None:
    ends = snapshots()
    # No window begins or ends within a bucket; slot 0 of every account stays empty.
    starts = sorted({FIRST} | {end - timedelta(days=edge) for end in ends for edge in EDGES})
    slots = len(starts) + 1
    days = pl.DataFrame({"day": pl.date_range(FIRST, LAST, eager=True)}).join_asof(
        pl.DataFrame({"day": starts, "slot": range(1, slots)}, schema_overrides={"slot": pl.Int32}), on="day"
    )
    accounts = pl.read_parquet(folder / "accounts.parquet").sort("account_id").with_row_index("k")
    cells = accounts.height * slots

    kind, cents = pl.col("kind"), (pl.col("amount") * 100).round()
    sums = (
        pl.scan_parquet(folder / "events.parquet")
        .with_columns(pl.col("at").dt.date().alias("day"))
        .join(days.lazy(), on="day")
        .join(accounts.lazy().select("account_id", "k"), on="account_id")
        .select(
            (pl.col("k").cast(pl.Int32) * slots + pl.col("slot")).alias("cell"),
            (kind == "error").cast(pl.Int32).alias("errors"),
            (kind == "login").cast(pl.Int32).alias("logins"),
            # Whole numbers, exact below 2^53.
            cents.alias("cents"),
            pl.when(kind == "purchase").then(cents).otherwise(0.0).alias("purchases"),
            "at",
        )
        .group_by("cell")
        .agg(
            pl.len().cast(pl.Int32).alias("n"),
            pl.col("errors", "logins", "cents", "purchases").sum(),
            pl.col("at").max(),
        )
        # Days rounded up, above the days of all accounts before, so that one running maximum serves all.
        .with_columns(
            (pl.col("cell").cast(pl.Int64) // slots * ACCOUNT + (pl.col("at").dt.epoch("us") + (DAY - 1)) // DAY)
            .alias("last")
        )
        .drop("at")
        .collect(engine="streaming")
    )

    def cumulated(name: str) -> pl.Expr:
        dense = pl.col(name).map_batches(
            lambda values: pl.zeros(cells, values.dtype, eager=True).scatter(sums["cell"], values),
            is_elementwise=False,
        )
        return dense.cum_max() if name == "last" else dense.cum_sum()

    names = ["n", "errors", "logins", "cents", "purchases", "last"]
    running = sums.lazy().select(cumulated(name) for name in names).collect()
    del sums

    edges = pl.DataFrame({"t": ends}).with_columns(
        pl.lit(pl.Series([starts.index(max(end - timedelta(days=edge), FIRST)) for end in ends], dtype=pl.UInt32))
        .alias(f"edge_{edge}")
        for edge in EDGES
    )
    t, churned = pl.col("t"), pl.col("churned_on")
    rows = (
        accounts.join(edges, how="cross", maintain_order="left_right")
        .filter(churned.is_null() | (churned >= t))
        .with_columns(pl.col(f"edge_{edge}") + pl.col("k") * slots for edge in EDGES)
    )

    def over(name: str, end: int, start: int) -> pl.Expr:
        values = pl.lit(running[name])
        return values.gather(pl.col(f"edge_{end}")) - values.gather(pl.col(f"edge_{start}"))

    last = pl.lit(running["last"]).gather(pl.col("edge_0")) - pl.col("k").cast(pl.Int64) * ACCOUNT
    label = (
        pl.when(t + pl.duration(days=89) > accounts["churned_on"].max()).then(None)
        .when((churned >= t) & (churned < t + pl.duration(days=90))).then(1).otherwise(0)
    )
    panel = rows.lazy().select(
        "account_id",
        (t - pl.duration(days=1)).alias("snapshot"),
        over("n", 0, 7).cast(pl.Float64).alias("events_7d"),
        over("n", 0, 30).cast(pl.Float64).alias("events_30d"),
        over("n", 30, 60).cast(pl.Float64).alias("events_30d_before"),
        over("n", 0, 90).cast(pl.Float64).alias("events_90d"),
        over("n", 0, 180).cast(pl.Float64).alias("events_180d"),
        over("errors", 0, 30).cast(pl.Float64).alias("errors_30d"),
        over("logins", 0, 30).cast(pl.Float64).alias("logins_30d"),
        (over("cents", 0, 30) / 100).alias("amount_30d"),
        (over("cents", 0, 90) / 100).alias("amount_90d"),
        (over("purchases", 0, 90) / 100).alias("purchased_90d"),
        pl.when(last > 0).then(t.cast(pl.Int32) - last).cast(pl.Float64).alias("days_since_event"),
        label.cast(pl.Int8).alias("churn_90d"),
    )
    mean = pl.when(pl.col("events_90d") > 0).then(pl.col("amount_90d") / pl.col("events_90d"))
    panel = panel.with_columns(mean.alias("mean_amount_90d")).collect()
    panel.write_parquet(out, compression="snappy")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
