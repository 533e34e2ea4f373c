#!/bin/sh
# check_shared_names.sh OBJECT...: fails where an object defines a name that the linker may take for all others. A function
# compiled for a newer machine must not be the one that is kept for all.
status=0
for object in "$@"; do
  names=$(nm -C --defined-only "$object" | grep -E ' [WVu] ' | grep -vE ' (Eigen_(base|avx2|avx512)::|.*Eigen_(base|avx2|avx512)::|DW\.ref\.)') || true
  [ "$(nm --defined-only "$object" | wc -l)" -gt 0 ] || { echo "$object: defines nothing"; status=1; }
  [ -z "$names" ] || { printf '%s:\n%s\n' "$object" "$names"; status=1; }
done
exit $status
