#!/usr/bin/env bash
# ./test.sh [--preset NAME] [ARGS]: the tests of convcheck itself, that is ctest ARGS (`./test.sh -R layout`), and whatever
# comes before them on a bare machine: what is missing is named and installed (Debian and Ubuntu packages), and the tree is
# built into build/NAME (release).
#
# The exit status is ctest's, and no test at all is a failure. Before it runs: 2 where packages are missing and cannot be
# installed, 3 where the build fails.
set -euo pipefail
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/cmake/setup.sh"

take_options "$@"

install_missing "${packages[@]}"
build "$preset"
cd "$top"
exec ctest --preset "$preset" --no-tests=error --parallel "$(nproc)" "${arguments[@]}"
