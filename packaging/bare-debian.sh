#!/usr/bin/env bash
# Prove that a fresh Debian needs nothing but the two commands: build a bare Debian 12 in a folder, clone the last
# commit into it and run `make test` and `make run` there. For developers; needs root, debootstrap and about 3 GB.
#
#   packaging/bare-debian.sh [FOLDER] [make targets, by default: test run]
#
# The mirror is the one this machine's apt uses; the certificates and pip's settings (variables PIP_*) are its own too.
set -euo pipefail
cd "$(dirname "$0")/.."

root=${1:-/var/tmp/ucmsc-bare}
shift || true
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(test run)
suite=bookworm

if [ "$(id -u)" != 0 ] || ! command -v debootstrap >/dev/null; then
    echo "Run this as root, with debootstrap installed." >&2
    exit 2
fi

mirror() { # the first Debian archive that apt uses here, old list format or new
    apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Created-By: Packages' | awk -v s=$suite '$2 == s { print $1; exit }'
}

mounted=()
finish() {
    local folder
    for folder in "${mounted[@]}"; do umount -l "$folder" || true; done
}
trap finish EXIT

if [ ! -e "$root/.made" ]; then
    debootstrap --variant=minbase --include=ca-certificates,git,make,python3,python3-pip,python3-venv \
        $suite "$root" "$(mirror)" >/dev/null
    touch "$root/.made"
fi
# The root must stay bare: what an earlier run installed is removed with it, so a second run starts from a copy.
work=$root.run
rm -rf --one-file-system "$work"
cp -a "$root" "$work"

cp -aL /etc/resolv.conf /etc/hosts "$work/etc/" 2>/dev/null || true
cp -aL /etc/ssl/certs/ca-certificates.crt "$work/etc/ssl/certs/"
for folder in proc sys dev; do
    mount --rbind "/$folder" "$work/$folder"
    mount --make-rslave "$work/$folder"
    mounted+=("$work/$folder")
done

git clone --quiet . "$work/home/ucmsc-desktop"
pip_settings=$(env | grep -E '^PIP_(CERT|INDEX_URL|DEFAULT_TIMEOUT|TRUSTED_HOST)=' || true)
inside() {
    # shellcheck disable=SC2086
    env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 CI=true $pip_settings chroot "$work" "$@"
}
for target in "${targets[@]}"; do
    echo "== make $target on a bare Debian"
    inside /usr/bin/make -C /home/ucmsc-desktop "$target"
done
echo "== done; the folder $work may be removed"
