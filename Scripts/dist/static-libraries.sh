#!/bin/sh
# Fills a folder with links to the static archives of the system libraries that the executable is to hold, and prints the
# folder. A linker that looks there first takes them; the dynamic library of one that has no archive is then used, and said.
set -eu

folder=${1:?the folder to fill}
rm -rf "$folder"
mkdir -p "$folder"
for library in z crypto yaml stdc++; do
  archive=$(cc -print-file-name="lib$library.a")
  if [ -f "$archive" ]; then
    ln -s "$(realpath "$archive")" "$folder/lib$library.a"
  else
    echo "lib$library has no static archive here: the executable will need lib$library.so" >&2
  fi
done
# What unwinds is in another archive than the library's name says.
unwinder=$(cc -print-file-name=libgcc_eh.a)
if [ -f "$unwinder" ]; then ln -s "$(realpath "$unwinder")" "$folder/libgcc_s.a"; fi
echo "$folder"
