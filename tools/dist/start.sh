#!/bin/sh
# Double-click: makes the environment of xlcity from the wheel beside this file, puts a starter on
# the desktop and opens the companion page on the folder xlcity of your home folder.
# 双击：用旁边的 wheel 建立 xlcity 的环境，在桌面放一个启动项，并打开个人目录下 xlcity 文件夹的页面。
# @TRIED@
set -eu
here=$(cd "$(dirname "$0")" && pwd)
home="${XDG_DATA_HOME:-$HOME/.local/share}/xlcity/@VERSION@"
books="$HOME/xlcity"

stop() {
  printf '%s\n%s\n' "$1" "$2" >&2
  if [ -t 0 ]; then read -r _; fi
  exit 1
}

if [ "$(cat "$home/made-from" 2>/dev/null || true)" != "@DIGEST@" ]; then
  python=
  for one in python3 python3.14 python3.13 python3.12 python3.11; do
    if "$one" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      python=$one
      break
    fi
  done
  [ -n "$python" ] || stop \
    "xlcity needs Python 3.11 or newer with venv: https://www.python.org/downloads/" \
    "xlcity 需要 Python 3.11 或更新版本（含 venv）。"
  echo "Installing xlcity, this takes some minutes … 正在安装 xlcity，需要几分钟……"
  "$python" -m venv --clear "$home" &&
    "$home/bin/python" -m pip install --quiet --disable-pip-version-check \
      --constraint "$here/@CONSTRAINTS@" "$here/@WHEEL@[@EXTRAS@]" || stop \
    "The installation failed. Check the connection to the internet, then start again." \
    "安装失败。请检查网络连接后重试。"
  printf '%s' "@DIGEST@" > "$home/made-from"
fi
mkdir -p "$books"
# Without a desktop folder there is no starter; the page opens all the same.
"$home/bin/python" -P -m xlcity desk --shortcut "$books" || true
exec "$home/bin/python" -P -m xlcity desk "$books"
