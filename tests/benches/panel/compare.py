"""Whether panels are the same: `python compare.py A.parquet B.parquet ...`, every cell, sums to 1e-9."""

import sys

import polars as pl

first = pl.read_parquet(sys.argv[1])
# What chs says beside, such as the day of the outcome, the others do not compute.
shared = [set(pl.read_parquet_schema(path)) for path in sys.argv[1:]]
names = [name for name in first.columns if all(name in own for own in shared)]
assert len(names) == 15, names
first = first.select(names).with_columns(pl.col("account_id").cast(pl.String)).sort("snapshot", "account_id")
for path in sys.argv[2:]:
    other = pl.read_parquet(path).select(names).sort("snapshot", "account_id")
    assert first.height == other.height, (first.height, other.height)
    for name in names:
        a, b = first[name], other[name]
        if a.dtype.is_float():
            same = ((a - b).abs() <= 1e-9 * (1 + a.abs())).fill_null(False) | (a.is_null() & b.is_null())
        else:
            same = a.eq_missing(b.cast(a.dtype))
        assert same.all(), f"{path}: {name}: {(~same).sum()} of {len(same)} cells differ"
    print(f"{path}: {other.height:,} rows x {len(names)} columns, the same")
