#!/usr/bin/env bash
# The fit bench: run.sh ROWS... (such as 1e6); see README.md.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
python="${PYTHON:-python3}"
path="${PATH_BIN:-$PWD/../../../target/release/examples/regularisation_path}"
work="${BENCH_DIR:-$PWD/../../../target/fit-bench}"
for rows in "$@"; do
    folder="$work/$rows"
    [[ -f "$folder/x.bin" ]] || "$python" make_rows.py "$folder" "$rows"
    /usr/bin/time -f "chs, $rows rows: %e s (%U s of processor), %M KB" "$path" "$folder"
    Rscript path_glmnet.R "$folder" "${THRESH:-1e-10}"
    "$python" path_glum.py "$folder"
    "$python" compare.py "$folder"
done
