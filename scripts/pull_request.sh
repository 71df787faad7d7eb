#!/usr/bin/env bash
# What the action does, with archprof on the PATH: checks the specs, compares them with the base of the pull request, writes
# the job's summary. GitHub's runner takes the annotations from what is printed. The exit code is that of the worse of the two.
#
# ARCHPROF_PATHS     files and folders, one a line
# ARCHPROF_BASE      a revision; empty: the branch that the pull request goes to, and nothing is compared where there is none
# ARCHPROF_FAIL_ON   conditions, one a line
# ARCHPROF_STRICT    true: warnings fail
set -euo pipefail

# Nothing of the checkout is run. Python is isolated as by -I, archprof's own processes too: no module of the folder it is started in,
# no PYTHONPATH. git takes no repository among the checkout's files, no hook and no monitor, and fetches over usual transports only.
for name in "${!PYTHON@}"; do unset "$name"; done
export PYTHONSAFEPATH=1 PYTHONNOUSERSITE=1
git() {
  command git --no-pager --no-replace-objects --no-optional-locks \
    -c safe.bareRepository=explicit -c core.fsmonitor=false -c core.hooksPath=/dev/null "$@"
}

lines() { sed 's/^[[:space:]]*//; s/[[:space:]]*$//; /^$/d' <<<"$1"; }

paths=() conditions=() strict=() rules=()
while IFS= read -r line; do paths+=("$line"); done < <(lines "${ARCHPROF_PATHS:-specs}")
while IFS= read -r line; do conditions+=("--fail-on=$line"); done < <(lines "${ARCHPROF_FAIL_ON:-}")
[[ ${ARCHPROF_STRICT:-} != true ]] || strict=(--strict)

base=${ARCHPROF_BASE:-}
if [[ -z $base && -n ${GITHUB_BASE_REF:-} ]]; then
  base=origin/$GITHUB_BASE_REF
  # A checkout has the pull request's own commit and nothing else. A clone that has the base is left as it is: --depth would cut its history.
  GIT_ALLOW_PROTOCOL='' GIT_NO_LAZY_FETCH=1 git rev-parse --quiet --verify "$base^{commit}" >/dev/null ||
    GIT_ALLOW_PROTOCOL=file:git:http:https:ssh git fetch --quiet --no-tags --no-recurse-submodules --no-auto-maintenance --depth=1 \
      origin "+refs/heads/$GITHUB_BASE_REF:refs/remotes/origin/$GITHUB_BASE_REF"
fi
[[ -z $base ]] || rules=("--base=$base")  # budgets and rules are those of the base: a pull request does not choose its own

checked=0 compared=0
archprof check ${strict[@]+"${strict[@]}"} ${rules[@]+"${rules[@]}"} -- "${paths[@]}" || checked=$?

if [[ -n $base ]]; then
  comment=${RUNNER_TEMP:-/tmp}/archprof.md
  rm -f "$comment"
  archprof diff "--base=$base" ${conditions[@]+"${conditions[@]}"} --format=md "--output=$comment" -- "${paths[@]}" || compared=$?
  if [[ -f $comment ]]; then
    cat "$comment" >>"${GITHUB_STEP_SUMMARY:-/dev/stdout}"
    [[ -z ${GITHUB_OUTPUT:-} ]] || echo "comment=$comment" >>"$GITHUB_OUTPUT"
  fi
fi
exit $((checked > compared ? checked : compared))
