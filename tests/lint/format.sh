#!/bin/sh
# clang-format's opinion of every source: format.sh ROOT
cd "$1" || exit 1
find base policy oci registry shim tools hooks netfilter vault agent tests bench \
  \( -name '*.cc' -o -name '*.h' \) -print0 2>/dev/null |
  xargs -0 clang-format --dry-run -Werror
