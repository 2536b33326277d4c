#!/bin/sh
# Fills a folder with links to the static archives of the system libraries that the executable is to hold, and with the
# pkg-config files that name this folder, and prints the folder. SwiftPM puts what pkg-config says before everything else, so
# that only a folder named there comes before those of the system. Of a library that has no archive the dynamic one is used,
# and this is said.
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
# The names are those that Package.swift gives as pkgConfig.
for library in zlib:z libcrypto:crypto yaml-0.1:yaml; do
  printf 'Name: %s\nDescription: its static archive\nVersion: 0\nLibs: -L%s -l%s\n' \
    "${library%:*}" "$folder" "${library#*:}" > "$folder/${library%:*}.pc"
done
echo "$folder"
