#!/usr/bin/env bash
# The evaluation bench: run.sh ROWS... (such as 1e6 1e7); see README.md.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
python="${PYTHON:-python3}"
ours="${EVALUATE_BIN:-$PWD/../../../target/release/examples/evaluate_rows}"
work="${BENCH_DIR:-$PWD/../../../target/evaluation-bench}"
replicates="${REPLICATES:-3}"

for rows in "$@"; do
    folder="$work/$rows"
    [[ -f "$folder/label.u8" ]] || "$python" make_rows.py "$folder" "$rows"
    /usr/bin/time -f '%e %U %M' -o "$folder/ours.time" "$ours" "$folder"
    /usr/bin/time -f '%e %U %M' -o "$folder/script.time" "$python" replicates.py "$folder" "$replicates" \
        >"$folder/script.seconds"
    read -r seconds work_seconds kilobytes <"$folder/ours.time"
    read -r _ _ script_kilobytes <"$folder/script.time"
    read -r script script_work <"$folder/script.seconds"
    awk -v rows="$rows" -v s="$seconds" -v u="$work_seconds" -v kb="$kilobytes" -v r="$script" \
        -v ru="$script_work" -v rkb="$script_kilobytes" 'BEGIN {
            printf "%s rows: chs %.1f s in all (%.1f s of processor), %.4f s per replicate, %.0f MB\n",
                rows, s, u, s / 1000, kb / 1024
            printf "%s rows: script %.3f s per replicate (%.3f s of processor), %.0f MB\n",
                rows, r, ru, rkb / 1024
            printf "%s rows: %.0f times as long (%.0f times the processor)\n",
                rows, 1000 * r / s, 1000 * ru / u
        }'
done
