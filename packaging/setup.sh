#!/usr/bin/env bash
# Make this checkout ready to run: system libraries, virtual environment, pinned packages. Safe to call again and
# again: with everything in place it only compares a stamp.
#
#   packaging/setup.sh        for the window and the tour
#   packaging/setup.sh test   also the programs that only the tests call
#
# Needs python3 (3.11 to 3.13) with venv. As root it installs what Debian lacks; otherwise it prints the command
# and goes on, because the library may be there in another way.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly venv=.venv
readonly stamp=$venv/.ready

run_libraries="libgl1 libegl1 libxkbcommon0 libdbus-1-3 libfontconfig1 libglib2.0-0 libxcb-cursor0 libxcb-icccm4
    libxcb-keysyms1 libxcb-shape0 libxkbcommon-x11-0"
test_programs="age minisign qpdf poppler-utils strace xvfb xauth xdotool openbox"

wanted=$run_libraries
[ "${1:-}" = test ] && wanted="$wanted $test_programs"

packages_missing() {
    local name there
    # Debian 13 renamed some with the suffix t64, which stands for the old name. One query: it is asked every time.
    there=" $(for name in $wanted; do echo "$name ${name}t64"; done |
        xargs dpkg-query -W -f '${db:Status-Status}:${Package}\n' 2>/dev/null | tr '\n' ' ')"
    for name in $wanted; do
        case $there in
            *" installed:$name "* | *" installed:${name}t64 "*) ;;
            *) echo "$name" ;;
        esac
    done
}

system_libraries() {
    command -v dpkg-query >/dev/null || return 0 # not Debian: the README names the libraries
    local missing
    missing=$(packages_missing | tr '\n' ' ')
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" = 0 ]; then
        echo "Installing system packages: $missing" >&2
        # shellcheck disable=SC2086
        if apt-get -qq update &&
            DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install $missing >/dev/null; then
            return 0
        fi
        echo "apt-get could not install them." >&2
    fi
    echo "Some system packages are missing. Install them with:" >&2
    echo "    sudo apt-get update && sudo apt-get install --no-install-recommends $missing" >&2
}

python_ok() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; }

find_python() {
    local candidate
    for candidate in "${PYTHON:-python3}" python3.13 python3.12 python3.11; do
        if command -v "$candidate" >/dev/null && python_ok "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    echo "Python 3.11, 3.12 or 3.13 is needed. Set PYTHON to one, or: sudo apt-get install python3 python3-venv" >&2
    return 1
}

usable_here() { # an environment from a moved folder or a removed Python cannot be mended, only made again
    python_ok "$venv/bin/python" && "$venv/bin/python" -m pip --version >/dev/null 2>&1 &&
        { [ ! -e "$stamp" ] || [ "$(head -n 1 "$stamp")" = "$PWD" ]; }
}

packages() {
    if ! usable_here; then
        local python
        python=$(find_python)
        rm -rf "$venv"
        if ! "$python" -m venv "$venv"; then
            rm -rf "$venv"
            echo "The virtual environment could not be made. Is this installed? sudo apt-get install python3-venv" >&2
            return 1
        fi
    fi
    echo "Installing the pinned packages into $venv (about 300 MB, once) ..." >&2
    # Wheels only: nothing is compiled, and no package's own install script runs.
    "$venv/bin/python" -m pip install -qq --disable-pip-version-check --only-binary :all: \
        --require-hashes --requirement packaging/requirements-dev.txt
    # The project itself runs from this folder. An editable install would need a build, and would copy the fonts.
    echo "$PWD" >"$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/ucmsc_desktop.pth"
    printf '%s\n' "#!$PWD/$venv/bin/python" "import sys" "from ucmsc_desktop.cli import main" "sys.exit(main())" \
        >"$venv/bin/ucmsc-desktop"
    chmod +x "$venv/bin/ucmsc-desktop"
}

# What the installed state depends on: this folder, the pins, this script.
stamp_now() {
    echo "$PWD"
    cat packaging/requirements-dev.txt packaging/setup.sh | cksum
}

main() {
    system_libraries
    local now
    now=$(stamp_now)
    if [ "$(cat "$stamp" 2>/dev/null)" != "$now" ] || ! [ -x "$venv/bin/python" ]; then
        packages
        echo "$now" >"$stamp"
    fi
}

main
