#!/usr/bin/env bash
# The panel bench: run.sh EVENTS... (such as 1e6 1e7); see README.md.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
python="${PYTHON:-python3}"
chs="${CHS_BIN:-$PWD/../../../target/release/chs}"
work="${BENCH_DIR:-$PWD/../../../target/panel-bench}"
runs="${RUNS:-5}"

# NAME COMMAND...: one run, its seconds and kilobytes appended to a file of its own.
timed() {
    local name="$1"
    shift
    /usr/bin/time -f '%e %M' -a -o "$folder/$name.times" "$@" >/dev/null
}

for events in "$@"; do
    folder="$work/$events"
    [[ -f "$folder/events.parquet" ]] || "$python" make_events.py "$folder" "$events"
    rm -f "$folder"/*.times
    for _ in $(seq "$runs"); do
        timed chs "$chs" panel --quiet --project chs.toml --data-dir "$folder" --out "$folder/chs"
        timed duckdb "$python" panel_duckdb.py "$folder" "$folder/duckdb.parquet"
        timed polars "$python" panel_polars.py "$folder" "$folder/polars.parquet"
    done
    "$python" compare.py "$folder/chs/panel.parquet" "$folder/duckdb.parquet" "$folder/polars.parquet"
    for name in chs duckdb polars; do
        sort -n "$folder/$name.times" | awk -v name="$name" -v events="$events" '
            { seconds[NR] = $1; if ($2 > memory) memory = $2 }
            END { printf "%s events  %-7s %6.2f s  %5.0f MB\n", events, name, seconds[int((NR + 1) / 2)], memory / 1024 }'
    done
done
