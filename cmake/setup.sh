# What run.sh, test.sh and .ci/run share, sourced by them: the packages, the build, and what is said about both.
# All of it speaks on stderr, since stdout belongs to the program that follows.
# shellcheck shell=bash

top=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")

# Debian and Ubuntu packages that the build needs.
packages=(
  g++ cmake ninja-build
  libfmt-dev libeigen3-dev libhwy-dev librapidcheck-dev libcli11-dev nlohmann-json3-dev libgtest-dev
  libbenchmark-dev libdnnl-dev
  libonnx-dev libonnx-testdata libprotobuf-dev protobuf-compiler libtinyxml2-dev python3-jsonschema
)

say() { printf '== %s\n' "$*" >&2; }

# quietly COMMAND...: runs it with its output held back, and shows the output only when it fails.
quietly() {
  local output status=0
  output=$("$@" 2>&1 </dev/null) || status=$?
  ((status == 0)) || printf '%s\n' "$output" >&2
  return "$status"
}

# take_options ARGUMENTS...: reads the scripts' own options, which come first, into preset; the others into arguments.
take_options() {
  preset=release
  while (($# > 0)); do
    case $1 in
      --preset)
        (($# > 1)) || { say "--preset needs a name, one of those in CMakePresets.json: --preset dev"; exit 2; }
        preset=$2
        shift 2 ;;
      --preset=*)
        preset=${1#*=}
        shift ;;
      *) break ;;
    esac
  done
  arguments=("$@")
}

# missing_packages NAMES...: prints those that are not installed, one a line.
missing_packages() {
  LC_ALL=C comm -23 \
    <(printf '%s\n' "$@" | LC_ALL=C sort -u) \
    <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^installed //p' | LC_ALL=C sort -u)
}

# install_missing NAMES...: names what is missing and installs it, as root or by sudo. Where neither can be had, prints the
# command that would do it and exits with status 2.
install_missing() {
  if ! command -v dpkg-query >/dev/null; then
    say "packages: this is neither Debian nor Ubuntu, so what these provide must be there already: $*"
    return 0
  fi
  local missing
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]} > 0)) || return 0
  say "packages: missing ${missing[*]}"

  local as_root=(env)
  if ((EUID != 0)); then
    as_root=(sudo)
    [[ -t 0 ]] || as_root+=(--non-interactive)
  fi
  local install=(apt-get install -y --no-install-recommends "${missing[@]}")
  if command -v "${as_root[0]}" >/dev/null && "${as_root[@]}" true && apt_get_install; then return 0; fi
  say "packages: they could not be installed from here. As root, run:"
  printf 'apt-get update && %s\n' "${install[*]}" >&2
  exit 2
}

# What install_missing runs. A package source that cannot be read is no reason to stop: what matters is whether the
# packages can be installed.
apt_get_install() {
  say "packages: installing them"
  quietly "${as_root[@]}" apt-get update || say "packages: apt-get update failed, trying all the same"
  quietly "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive "${install[@]}"
}

# build PRESET [TARGET]: configures where that is due and builds into build/PRESET. Silent when there is nothing to do; a
# failure exits with status 3. CONVCHECK_WERROR=ON in the environment makes warnings errors.
build() (
  cd "$top" || exit 3
  local preset=$1 target=(${2:+--target "$2"})
  # Ninja runs CMake again when a CMakeLists.txt changes, but does not know about the presets.
  local configured=build/$preset/.configured
  if [[ -n ${CONVCHECK_WERROR-} || ! $configured -nt CMakePresets.json || ! -e build/$preset/build.ninja ]]; then
    say "configure: build/$preset"
    quietly configure "$preset" || exit 3
    touch "$configured"
  fi
  [[ $(cmake --build --preset "$preset" "${target[@]}" -- -n 2>&1) != *"no work to do"* ]] || return 0
  say "build: build/$preset"
  local progress=()
  [[ -t 2 ]] || progress=(--quiet)
  cmake --build --preset "$preset" "${target[@]}" -- "${progress[@]}" >&2 || exit 3
)

configure() {
  local options=(${CONVCHECK_WERROR:+-DCONVCHECK_WERROR="$CONVCHECK_WERROR"})
  if command -v ccache >/dev/null; then
    export CMAKE_C_COMPILER_LAUNCHER=ccache CMAKE_CXX_COMPILER_LAUNCHER=ccache
  fi
  cmake --preset "$1" "${options[@]}"
}
