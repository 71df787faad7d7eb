#!/usr/bin/env bash
# `on_cuda.py` on a bare machine with a CUDA device and torch. Run it from the root of a checkout.
#
# Where the machine reaches no package index, put the wheels that it lacks into .whl/, for its
# Python: pydantic, pydantic_core, annotated_types, typing_inspection, typing_extensions,
# platformdirs, pyyaml, typer, rich, tabulate as far as they are missing. They go to a folder of
# their own. Figures go to $OUT: on_cuda.txt and check.json. Arguments are those of on_cuda.py, as
# `--only clocks`; SCRIPT=benchmarks/gpu_report.py runs another script in the same way, with its own.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 2
OUT="${OUT:-$(mktemp -d)}"
PY="${PYTHON:-python3}"
SITE="${SITE:-/tmp/site}"
if compgen -G ".whl/*.whl" >/dev/null && [ ! -e "$SITE/.complete" ]; then
  "$PY" -m pip install -q --no-index --no-deps --no-compile --no-cache-dir --upgrade \
    --target "$SITE" .whl/*.whl || exit 2
  touch "$SITE/.complete"
fi
export OUT PYTHONPATH="$PWD:$SITE${PYTHONPATH:+:$PYTHONPATH}" COLUMNS=160
export PYTHONUNBUFFERED=1 XDG_CACHE_HOME="${XDG_CACHE_HOME:-/tmp/archprof-cache}"
"$PY" -c 'import torch, pydantic, platformdirs, yaml, typer' || exit 2
if command -v nvidia-smi >/dev/null; then
  nvidia-smi --format=csv,noheader --query-gpu=name,driver_version,power.limit,clocks.max.sm,clocks.max.mem,temperature.gpu,mig.mode.current
fi
SCRIPT="${SCRIPT:-benchmarks/on_cuda.py}"
NAME="$(basename "$SCRIPT" .py)"
if [ "$NAME" = on_cuda ]; then
  set -- --output "$OUT" "$@"
fi
"$PY" "$SCRIPT" "$@" 2>"/tmp/$NAME.stderr" | tee "$OUT/$NAME.txt"
code=${PIPESTATUS[0]}
tail -40 "/tmp/$NAME.stderr" >>"$OUT/$NAME.txt"
tail -3 "/tmp/$NAME.stderr" | cut -c1-300
exit "$code"
