#!/usr/bin/env bash
# ./run.sh [--preset NAME] [ARGS]: convcheck ARGS, and whatever comes before it on a bare machine: what is missing is named
# and installed (Debian and Ubuntu packages), and the tree is built into build/NAME (release). Without ARGS it is the main job,
# `convcheck run --networks all`; `./run.sh --help` is convcheck's own help.
#
# The exit status is convcheck's. Before it runs: 2 where packages are missing and cannot be installed, 3 where the build fails.
set -euo pipefail
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/cmake/setup.sh"

take_options "$@"
((${#arguments[@]} > 0)) || arguments=(run --networks all)

install_missing "${packages[@]}"
build "$preset" convcheck_program
# What replay lines in reports call the program: this script, as it was called.
export CONVCHECK_INVOKED_AS=$0
[[ $0 == */* ]] || CONVCHECK_INVOKED_AS=./$0
exec "$top/build/$preset/tools/convcheck/convcheck" "${arguments[@]}"
