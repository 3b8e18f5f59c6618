"""The panel of the bench in DuckDB SQL: rows are added up per account and month, then over the months before.

    python panel_duckdb.py DIR OUT.parquet

A window that ends with a month covers all days of some months before it, and some days of others: a small
table says of every day in which windows of its own month and of later ones it lies (a lag in months). Six
months more than there are snapshots stand before the first, so that no lag reaches into another account.

Tried, in processor seconds at 1 million events, two threads, on a machine busy with other work:

- entry and exit snapshots of every window by union all, then a window over account and snapshot: 18.8;
- months and lags as here, windows partitioned by account over the grid, rows sorted for writing: 13.8
  (the windows 5.8, the sort 1.9);
- the same, `over ()` straight above the join, where it does not stream: 10.8 (its days since the last event were wrong);
- the same, the grid written first, so that windows stream, rows unsorted: 8.7;
- the same with counts as integers, which is this script: 7.9 to 8.9; 19.1 at 10 million, of which 5.6 are
  the sums by account and bucket and 5.6 those by account and month.

Not tried: sums by account and month at once, without buckets; lists in place of the grid.
"""

import sys
from datetime import date, timedelta
from pathlib import Path

import duckdb

FIRST, LAST = date(2021, 7, 1), date(2025, 1, 1)
# Length and shift in days.
WINDOWS = {"w7": (7, 0), "w30": (30, 0), "b30": (30, 30), "w90": (90, 0), "w180": (180, 0)}
MEASURES = {
    "events_7d": ("w7", "n"), "events_30d": ("w30", "n"), "events_30d_before": ("b30", "n"),
    "events_90d": ("w90", "n"), "events_180d": ("w180", "n"), "errors_30d": ("w30", "errors"),
    "logins_30d": ("w30", "logins"), "cents_30d": ("w30", "cents"), "cents_90d": ("w90", "cents"),
    "purchases_90d": ("w90", "purchases"),
}
# Cents are whole numbers, exact below 2^53.
TYPES = {"n": "integer", "errors": "integer", "logins": "integer", "cents": "double", "purchases": "double"}
BEFORE, MONTHS = 6, 42


def month_ends() -> list[date]:
    """The days after the months' last, the months before the first snapshot among them."""
    return [date(2021 + (6 + month) // 12, (6 + month) % 12 + 1, 1) for month in range(1, MONTHS + 1)]


def snapshots() -> list[date]:
    return month_ends()[BEFORE:]


def days() -> list[tuple[date, int, dict[str, set[int]]]]:
    """Every day with its month and, per window, the lags of the months whose window it lies in."""
    ends = month_ends()
    rows = []
    for number in range((LAST - FIRST).days + 1):
        day = FIRST + timedelta(days=number)
        month = sum(end <= day for end in ends)
        lags = {
            window: {
                later - month
                for later in range(month, MONTHS)
                if shift < (ends[later] - day).days <= shift + length
            }
            for window, (length, shift) in WINDOWS.items()
        }
        rows.append((day, month, lags))
    return rows


def main(folder: Path, out: Path) -> None:
    table = days()
    whole, part = {}, {}
    for window in WINDOWS:
        reached = sorted(set().union(*(lags[window] for _, _, lags in table)))
        whole[window] = [
            lag for lag in reached if all(lag in lags[window] for _, month, lags in table if month + lag < MONTHS)
        ]
        part[window] = [lag for lag in reached if lag not in whole[window]]
    flags = [(window, lag) for window in WINDOWS for lag in part[window]]

    sql = duckdb.connect()
    sql.execute("set threads = 2")
    sql.execute("set preserve_insertion_order = false")
    # Days of a month that lie in the same windows are one bucket.
    buckets: dict[tuple, int] = {}
    values = []
    for day, month, lags in table:
        key = (month, *(int(lag in lags[window]) for window, lag in flags))
        values.append(((day - date(1970, 1, 1)).days, buckets.setdefault(key, len(buckets)), *key))
    columns = ", ".join(f"{window}_{lag} integer" for window, lag in flags)
    sql.execute(f"create table days (day integer, b integer, month integer, {columns})")
    sql.execute(f"insert into days values {', '.join(map(str, values))}")
    sql.execute("create table buckets as select distinct * exclude (day) from days")
    sql.execute("create table ends (month utinyint, t date)")
    dated = ", ".join(f"({month}, date '{end}')" for month, end in enumerate(month_ends()))
    sql.execute(f"insert into ends values {dated}")
    sql.execute(f"""
        create table accounts as
        select (row_number() over (order by account_id) - 1)::integer k, account_id, churned_on
        from '{folder}/accounts.parquet'
    """)
    sql.execute(f"""
        create table sums as
        select k * 256 + b cell, count(*) n, sum(if(kind = 'error', 1, 0)) errors,
               sum(if(kind = 'login', 1, 0)) logins, sum(round(amount * 100)) cents,
               sum(if(kind = 'purchase', round(amount * 100), 0)) purchases, max(e."at") last_at
        from '{folder}/events.parquet' e
        join days on day = (epoch_us(e."at") // 86400000000)::integer
        join accounts using (account_id)
        group by cell
    """)
    used = sorted({(of, window, lag) for window, of in MEASURES.values() for lag in part[window]})
    added = {of: f"sum({of}::double)" for of in sorted({of for window, of in MEASURES.values() if whole[window]})}
    added |= {f"{of}_{w}_{lag}": f"sum(if({w}_{lag} = 1, {of}::double, 0))" for of, w, lag in used}
    listed = ", ".join(f"{sum_of}::{TYPES[name.split('_')[0]]} {name}" for name, sum_of in added.items())
    # Days rounded up; those of an account lie above those of all before: one running maximum serves all.
    sql.execute(f"""
        create table months as
        select cell // 256 * {MONTHS} + month as cell, {listed},
               max(cell // 256 * 1000000::bigint + (epoch_us(last_at) + 86399999999) // 86400000000) last_day
        from sums join buckets on b = cell % 256
        group by all
    """)
    # From here on rows stand in the order of accounts and months, which lets the windows below stream.
    sql.execute("set preserve_insertion_order = true")
    sql.execute("set disabled_optimizers = 'build_side_probe_side,join_order'")
    zero = ", ".join(f"coalesce({name}, 0) {name}" for name in added)
    sql.execute(f"""
        create table cells as
        select every.cell, {zero}, last_day
        from range((select count(*) * {MONTHS} from accounts)) every(cell) left join months using (cell)
    """)

    def lagged(name: str, lag: int) -> str:
        return f"lag({name}, {lag}, 0) over ()" if lag else name

    running = ", ".join(
        " + ".join(
            [lagged(of, lag) for lag in whole[window]]
            + [lagged(f"{of}_{window}_{lag}", lag) for lag in part[window]]
        )
        + f" {name}"
        for name, (window, of) in MEASURES.items()
    )
    sql.execute(f"""
        create table running as
        select * exclude (ordered) from (
            select (cell // {MONTHS})::integer k, (cell % {MONTHS})::utinyint as month, {running},
                   max(last_day) over (rows unbounded preceding) last_day,
                   if(cell = lag(cell, 1, -1) over () + 1, true, error('out of order')) ordered
            from cells
        ) where month >= {BEFORE} and ordered
    """)
    sql.execute("set preserve_insertion_order = false")
    sql.execute("set disabled_optimizers = ''")
    sql.execute(f"""
        copy (
            select account_id, t - 1 snapshot,
                events_7d::double events_7d, events_30d::double events_30d,
                events_30d_before::double events_30d_before, events_90d::double events_90d,
                events_180d::double events_180d, errors_30d::double errors_30d,
                logins_30d::double logins_30d, cents_30d / 100 amount_30d, cents_90d / 100 amount_90d,
                if(events_90d > 0, cents_90d / 100 / events_90d, null) mean_amount_90d,
                purchases_90d / 100 purchased_90d,
                if(last_day // 1000000 = k, (t - date '1970-01-01') - last_day % 1000000, null)::double
                    days_since_event,
                case when t + 90 > (select max(churned_on) + 1 from accounts) then null
                     when churned_on >= t and churned_on < t + 90 then 1 else 0 end::tinyint churn_90d
            from running join accounts using (k) join ends using (month)
            where churned_on is null or churned_on >= t
        ) to '{out}' (format parquet)
    """)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
