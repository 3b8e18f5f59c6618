"""The panel of the bench in DuckDB SQL: rows are added up per entry and exit snapshot, then cumulated.

    python panel_duckdb.py DIR OUT.parquet

Windows are bounded by day numbers that a small table gives, so that no interval is added to an event.
"""

import sys
from datetime import date, timedelta
from pathlib import Path

import duckdb

WINDOWS = {"w7": (7, 0), "w30": (30, 0), "b30": (30, 30), "w90": (90, 0), "w180": (180, 0)}


def snapshots() -> list[date]:
    months = [(2022 + number // 12, number % 12 + 1) for number in range(1, 37)]
    return [date(year, month, 1) for year, month in months]


def days() -> list[tuple]:
    ends = snapshots()
    rows = []
    day, last = date(2021, 7, 1), date(2025, 1, 1)
    while day <= last:
        row = [day, sum(end <= day for end in ends)]
        for length, shift in WINDOWS.values():
            upper = [end - timedelta(days=shift) for end in ends]
            lower = [end - timedelta(days=shift + length) for end in ends]
            row += [sum(end <= day for end in upper), sum(end <= day for end in lower)]
        rows.append(tuple(row))
        day += timedelta(days=1)
    return rows


MEASURES = {
    "events_7d": ("w7", "n"), "events_30d": ("w30", "n"), "events_30d_before": ("b30", "n"),
    "events_90d": ("w90", "n"), "events_180d": ("w180", "n"), "errors_30d": ("w30", "errors"),
    "logins_30d": ("w30", "logins"), "cents_30d": ("w30", "cents"), "cents_90d": ("w90", "cents"),
    "purchases_90d": ("w90", "purchases"),
}


def main(folder: Path, out: Path) -> None:
    sql = duckdb.connect()
    sql.execute("set preserve_insertion_order = false")
    bounds = ", ".join(f"{name}_in utinyint, {name}_out utinyint" for name in WINDOWS)
    sql.execute(f"create table days (day date, seen utinyint, {bounds})")
    sql.executemany(f"insert into days values ({', '.join('?' * (2 + 2 * len(WINDOWS)))})", days())
    # Days that enter and leave together are one bucket.
    keys = "seen, " + ", ".join(f"{name}_in, {name}_out" for name in WINDOWS)
    sql.execute(f"create table of_day as select *, dense_rank() over (order by {keys})::usmallint b from days")
    sql.execute(f"create table buckets as select distinct b, {keys} from of_day")
    sql.execute("create table ends (s utinyint, t timestamp)")
    sql.executemany("insert into ends values (?, ?)", list(enumerate(snapshots())))
    sql.execute(f"""
        create table accounts as
        select (row_number() over (order by account_id) - 1)::uinteger k, account_id, churned_on
        from '{folder}/accounts.parquet'
    """)
    sql.execute(f"""
        create table sums as
        select k, b, count(*)::integer n, count(*) filter (where kind = 'error')::integer errors,
               count(*) filter (where kind = 'login')::integer logins,
               sum(round(amount * 100)::integer)::bigint cents,
               sum(round(amount * 100)::integer) filter (where kind = 'purchase')::bigint purchases,
               max(e."at") last_at
        from '{folder}/events.parquet' e
        join of_day on of_day.day = e."at"::date
        join accounts using (account_id)
        group by k, b
    """)
    parts = []
    for window in WINDOWS:
        own = [name for name, (over, _) in MEASURES.items() if over == window]
        for side, sign in (("in", ""), ("out", "-")):
            columns = ", ".join(
                f"{sign}sum({MEASURES[name][1]})::bigint {name}" if name in own else f"0::bigint {name}"
                for name in MEASURES
            )
            parts.append(
                f"select k, {window}_{side} s, {columns}, null::timestamp last_at from sums"
                f" join buckets using (b) where {window}_in < {window}_out group by all"
            )
    zeros = ", ".join(f"0::bigint {name}" for name in MEASURES)
    parts.append(
        f"select k, seen s, {zeros}, max(last_at) last_at from sums join buckets using (b) group by all"
    )
    added = ", ".join(f"sum({name})::bigint {name}" for name in MEASURES)
    running = ", ".join(f"(sum({name}) over w)::bigint {name}" for name in MEASURES)
    zero = ", ".join(f"coalesce({name}, 0) {name}" for name in MEASURES)
    sql.execute(f"""
        copy (
            with deltas as (
                select k, s, {added}, max(last_at) last_at from ({" union all ".join(parts)})
                where s < 36 group by all
            ),
            cells as (
                select k, s, t, account_id, churned_on, {zero}, last_at
                from accounts cross join ends left join deltas using (k, s)
            ),
            cumulated as (
                select k, s, t, account_id, churned_on, {running}, max(last_at) over w last_at
                from cells window w as (partition by k order by s)
            )
            select account_id, cast(t - interval 1 day as date) snapshot,
                events_7d::double events_7d, events_30d::double events_30d,
                events_30d_before::double events_30d_before, events_90d::double events_90d,
                events_180d::double events_180d, errors_30d::double errors_30d,
                logins_30d::double logins_30d, cents_30d / 100.0::double amount_30d,
                cents_90d / 100.0::double amount_90d,
                case when events_90d > 0 then cents_90d / 100.0::double / events_90d end mean_amount_90d,
                purchases_90d / 100.0::double purchased_90d,
                floor((epoch_us(t) - epoch_us(last_at)) / 86400000000)::double days_since_event,
                case when t::date + 90 > (select max(churned_on) + 1 from accounts) then null
                     when churned_on >= t::date and churned_on < t::date + 90 then 1 else 0 end::tinyint churn_90d
            from cumulated where churned_on is null or churned_on >= t::date
            order by s, k
        ) to '{out}' (format parquet)
    """)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
