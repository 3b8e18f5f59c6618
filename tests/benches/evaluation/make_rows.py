"""Rows of accounts by month: make_rows.py FOLDER ROWS (such as 1e6).

Writes little-endian columns, sorted by month and account: account.u32, month.u32, label.u8 (churn within
three months), first.f64 and second.f64 (health scores, 0 to 100). An account stays 20 months on average.
"""

import sys
from pathlib import Path

import numpy

MONTHS = 36


def main():
    folder, rows = Path(sys.argv[1]), int(float(sys.argv[2]))
    folder.mkdir(parents=True, exist_ok=True)
    random = numpy.random.default_rng(7)
    accounts = int(rows / 19)
    quality = random.normal(size=accounts)
    first_month = random.integers(0, 24, accounts)
    hazard = 0.02 * numpy.exp(-0.8 * quality)
    stays = random.geometric(numpy.clip(hazard, 1e-4, 0.9))
    churn_month = first_month + stays
    columns = []
    for month in range(MONTHS):
        present = numpy.flatnonzero((first_month <= month) & (churn_month > month))
        label = churn_month[present] - month <= 3
        nearness = numpy.clip(6 - (churn_month[present] - month), 0, 6) / 6
        noise = random.normal(size=(2, len(present)))
        first = 60 + 12 * quality[present] - 18 * nearness + 10 * noise[0]
        second = 60 + 14 * quality[present] - 8 * nearness + 12 * noise[1]
        columns.append((present, numpy.full(len(present), month), label, first, second))
    account, month, label, first, second = (numpy.concatenate(parts)[:rows] for parts in zip(*columns))
    account.astype("<u4").tofile(folder / "account.u32")
    month.astype("<u4").tofile(folder / "month.u32")
    label.astype("u1").tofile(folder / "label.u8")
    numpy.clip(first, 0, 100).round(1).astype("<f8").tofile(folder / "first.f64")
    numpy.clip(second, 0, 100).astype("<f8").tofile(folder / "second.f64")
    print(f"{len(account)} rows, {len(numpy.unique(account))} accounts, {int(label.sum())} with label 1")


if __name__ == "__main__":
    main()
