#!/bin/sh
# clang-format's opinion of every source: format.sh ROOT
cd "$1" || exit 1
find . -path ./build -prune -o -path ./.git -prune -o \( -name '*.cc' -o -name '*.h' \) -print0 |
  xargs -0 clang-format --dry-run -Werror
