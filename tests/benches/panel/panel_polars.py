"""The panel of the bench in Python polars: rows are added up per entry and exit snapshot, then cumulated.

    python panel_polars.py DIR OUT.parquet
"""

import sys
from pathlib import Path

import polars as pl
from panel_duckdb import WINDOWS, days, snapshots

MEASURES = {
    "events_7d": ("w7", "n"), "events_30d": ("w30", "n"), "events_30d_before": ("b30", "n"),
    "events_90d": ("w90", "n"), "events_180d": ("w180", "n"), "errors_30d": ("w30", "errors"),
    "logins_30d": ("w30", "logins"), "cents_30d": ("w30", "cents"), "cents_90d": ("w90", "cents"),
    "purchases_90d": ("w90", "purchases"),
}


def main(folder: Path, out: Path) -> None:
    names = ["seen"] + [f"{name}_{side}" for name in WINDOWS for side in ("in", "out")]
    table = pl.DataFrame(
        days(), schema={"day": pl.Date} | dict.fromkeys(names, pl.UInt8), orient="row"
    ).with_row_index("bucket")
    # Days that enter and leave together are one bucket.
    bucket = table.group_by(names, maintain_order=True).agg("day").with_row_index("bucket")
    of_day = bucket.select(pl.col("bucket").cast(pl.UInt16), "day").explode("day")
    cents = (pl.col("amount") * 100).round().cast(pl.Int64)
    sums = (
        pl.scan_parquet(folder / "events.parquet")
        .with_columns(pl.col("at").dt.date().alias("day"))
        .join(of_day.lazy(), on="day")
        .group_by("account_id", "bucket")
        .agg(
            pl.len().cast(pl.Int64).alias("n"),
            (pl.col("kind") == "error").sum().cast(pl.Int64).alias("errors"),
            (pl.col("kind") == "login").sum().cast(pl.Int64).alias("logins"),
            cents.sum().alias("cents"),
            cents.filter(pl.col("kind") == "purchase").sum().alias("purchases"),
            pl.col("at").max().alias("last"),
        )
        .collect(engine="streaming")
        .join(bucket.select(pl.col("bucket").cast(pl.UInt16), *names), on="bucket")
    )
    deltas = []
    for window in WINDOWS:
        own = [(name, of) for name, (over, of) in MEASURES.items() if over == window]
        counted = sums.filter(pl.col(f"{window}_in") < pl.col(f"{window}_out"))
        for side, sign in (("in", 1), ("out", -1)):
            deltas.append(
                counted.group_by("account_id", pl.col(f"{window}_{side}").alias("s")).agg(
                    [(sign * pl.col(of).sum()).alias(name) for name, of in own]
                )
            )
    deltas.append(sums.group_by("account_id", pl.col("seen").alias("s")).agg(pl.col("last").max()))
    accounts = pl.read_parquet(folder / "accounts.parquet")
    ends = pl.DataFrame({"s": range(36), "t": snapshots()}, schema={"s": pl.UInt8, "t": pl.Date})
    cells = accounts.sort("account_id").join(ends, how="cross", maintain_order="left_right")
    summed = (
        pl.concat(deltas, how="diagonal")
        .group_by("account_id", "s")
        .agg([pl.col(name).sum() for name in MEASURES] + [pl.col("last").max()])
    )
    cells = cells.join(summed, on=["account_id", "s"], how="left", maintain_order="left")
    # Running sums over all rows, less what stood before the account's first row.
    row = pl.int_range(pl.len())
    first = row - pl.col("s").cast(pl.Int64)
    total = {n: pl.col(n).fill_null(0).cum_sum() for n in MEASURES}
    running = [
        (sum - sum.shift(1, fill_value=0).gather(first)).cast(pl.Float64).alias(n)
        for n, sum in total.items()
    ]
    at = pl.when(pl.col("last").is_not_null()).then(row).forward_fill()
    last = pl.when(at >= first).then(pl.col("last").forward_fill())
    cells = cells.with_columns(*running, last.alias("last"))
    follow_up = accounts["churned_on"].max()
    t, churned = pl.col("t"), pl.col("churned_on")
    label = (
        pl.when(t + pl.duration(days=89) > follow_up).then(None)
        .when((churned >= t) & (churned < t + pl.duration(days=90))).then(1).otherwise(0)
    )
    (
        cells.filter(churned.is_null() | (churned >= t))
        .select(
            "account_id",
            (t - pl.duration(days=1)).alias("snapshot"),
            "events_7d", "events_30d", "events_30d_before", "events_90d", "events_180d",
            "errors_30d", "logins_30d",
            (pl.col("cents_30d") / 100).alias("amount_30d"),
            (pl.col("cents_90d") / 100).alias("amount_90d"),
            pl.when(pl.col("events_90d") > 0)
            .then(pl.col("cents_90d") / 100 / pl.col("events_90d"))
            .alias("mean_amount_90d"),
            (pl.col("purchases_90d") / 100).alias("purchased_90d"),
            ((t.cast(pl.Datetime("us")) - pl.col("last")).dt.total_days()).cast(pl.Float64).alias("days_since_event"),
            label.cast(pl.Int8).alias("churn_90d"),
        )
        .sort("snapshot", "account_id")
        .write_parquet(out)
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
