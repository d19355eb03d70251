# Install the Debian packages that tests and training use, or say which are missing. Exit code 2 when they cannot be had.
set -eu
packages="redis-server redis-tools openssl chromium fonts-dejavu fonts-liberation wordnet-base espeak-ng pocketsphinx-testdata"

if ! command -v dpkg-query >/dev/null; then
    missing=""
    for command in redis-server redis-cli openssl; do
        command -v "$command" >/dev/null || missing="$missing $command"
    done
    command -v chromium >/dev/null || missing="$missing chromium"
    [ -z "$missing" ] || { echo "expected these commands on PATH; missing:$missing" >&2; exit 2; }
    exit 0
fi

missing=""
for package in $packages; do
    status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "tests need these Debian packages; install them with: sudo apt-get install$missing" >&2
    exit 2
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -qq --yes --no-install-recommends $missing </dev/null
