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


def main(folder: Path, out: Path) -> None:
    sql = duckdb.connect()
    sql.execute("set preserve_insertion_order = false")
    bounds = ", ".join(f"{name}_in utinyint, {name}_out utinyint" for name in WINDOWS)
    sql.execute(f"create table days (day date, seen utinyint, {bounds})")
    sql.executemany(f"insert into days values ({', '.join('?' * (2 + 2 * len(WINDOWS)))})", days())
    sql.execute("create table ends (s integer, t timestamp)")
    sql.executemany("insert into ends values (?, ?)", list(enumerate(snapshots())))
    keys = "seen, " + ", ".join(f"{name}_in, {name}_out" for name in WINDOWS)
    sql.execute(f"""
        create table sums as
        select account_id, {keys}, count(*) n, count(*) filter (where kind = 'error') errors,
               count(*) filter (where kind = 'login') logins,
               sum(cast(round(amount * 100) as bigint)) cents,
               sum(cast(round(amount * 100) as bigint)) filter (where kind = 'purchase') purchases,
               max(e."at") last_at
        from '{folder}/events.parquet' e join days on days.day = cast(e."at" as date)
        group by account_id, {keys}
    """)
    measures = {
        "events_7d": ("w7", "n"), "events_30d": ("w30", "n"), "events_30d_before": ("b30", "n"),
        "events_90d": ("w90", "n"), "events_180d": ("w180", "n"), "errors_30d": ("w30", "errors"),
        "logins_30d": ("w30", "logins"), "cents_30d": ("w30", "cents"), "cents_90d": ("w90", "cents"),
        "purchases_90d": ("w90", "purchases"),
    }
    parts = []
    for window in WINDOWS:
        own = [name for name, (over, _) in measures.items() if over == window]
        for side, sign in (("in", ""), ("out", "-")):
            columns = ", ".join(
                f"{sign}coalesce(sum({measures[name][1]}), 0) {name}" if name in own else f"0 {name}"
                for name in measures
            )
            parts.append(
                f"select account_id, {window}_{side} s, {columns}, null::timestamp last_at from sums"
                f" where {window}_in < {window}_out group by all"
            )
    zeros = ", ".join(f"0 {name}" for name in measures)
    parts.append(f"select account_id, seen s, {zeros}, max(last_at) last_at from sums group by all")
    added = ", ".join(f"sum({name}) {name}" for name in measures)
    running = ", ".join(f"sum({name}) over w {name}" for name in measures)
    sql.execute(f"""
        copy (
            with deltas as (
                select account_id, s, {added}, max(last_at) last_at from ({" union all ".join(parts)})
                where s < 36 group by all
            ),
            cells as (
                select account_id, s, t, start, churned_on, {", ".join(f"coalesce({n}, 0) {n}" for n in measures)}, last_at
                from '{folder}/accounts.parquet' cross join ends left join deltas using (account_id, s)
            ),
            cumulated as (
                select account_id, s, t, churned_on, {running}, max(last_at) over w last_at
                from cells window w as (partition by account_id order by s)
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
                case when t::date + 90 > (select max(churned_on) + 1 from '{folder}/accounts.parquet') then null
                     when churned_on >= t::date and churned_on < t::date + 90 then 1 else 0 end::tinyint churn_90d
            from cumulated where churned_on is null or churned_on >= t::date
            order by snapshot, account_id
        ) to '{out}' (format parquet)
    """)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
