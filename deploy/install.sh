# Install into the Python on PATH what the files of requirements/ name, and nothing else: every file must have one of the SHA-256
# that they list, is a wheel, so that nothing is built with tools of unknown origin, and brings along no more than itself.
#   sh deploy/install.sh torch build service project     `project` is this folder, which is made without a package index, and a
#                                                        check that nothing is missing
#   sh deploy/install.sh wheel                           this folder as a wheel, in dist/ or the folder that WHEELS names; the
#                                                        tools that make it are those of build.lock
set -eu
cd "$(dirname "$0")/.."

install() {
    python -m pip --quiet --disable-pip-version-check install "$@"
}

locked() {
    file=requirements/$1.lock
    shift
    install --require-hashes --only-binary=:all: --no-deps "$@" --requirement "$file"
}

# torch is fetched before its hash is asked for, as given a choice of hashes pip prefers the index's build, which carries CUDA, to
# one that is found beside it. From the folder it is installed like everything else. A build that is in place already stays.
locked_torch() {
    version=$(sed -n 's/^torch==\([^ ]*\).*/\1/p' requirements/torch.lock)
    if has_torch "$version"; then return; fi
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    python -m pip --quiet --disable-pip-version-check download --only-binary=:all: --no-deps --dest "$folder" "torch==$version"
    PIP_FIND_LINKS='' locked torch --no-index --find-links "$folder"
    rm -rf "$folder"
}

has_torch() {
    python -c 'import sys, importlib.metadata as m
try:
    sys.exit(m.version("torch").partition("+")[0] != sys.argv[1])
except m.PackageNotFoundError:
    sys.exit(1)' "$1"
}

# Whether the build of torch that is here needs the packages of CUDA. Those of other systems are left out by their markers.
wants_cuda() {
    python -c 'import sys, importlib.metadata as m; sys.exit(not any(one.startswith("nvidia-") for one in m.requires("torch")))'
}

for what in "$@"; do
    case $what in
        torch)
            locked_torch
            if wants_cuda; then locked cuda; fi
            ;;
        project)
            install --no-index --no-deps --no-build-isolation --editable .
            python -m pip --disable-pip-version-check check
            ;;
        wheel)
            python -m pip --quiet --disable-pip-version-check wheel --no-index --no-deps --no-build-isolation \
                --wheel-dir "${WHEELS:-dist}" .
            ;;
        *) locked "$what" ;;
    esac
done
