# Write into .env, where docker compose finds it, by which digest Dockerfile and docker-compose.yml take each image: the one that
# its tag has today. What is built and started later is the same, until this is run again. Other lines of .env stay.
set -eu
cd "$(dirname "$0")/.."

new=$(mktemp .env.XXXXXX)
trap 'rm -f "$new"' EXIT
[ ! -f .env ] || sed '/^[A-Z]*_DIGEST=/d' .env >"$new"

# NAME:TAG@VARIABLE of every image. Compose files may not hold a tag and a digest, so there the tag is a comment.
images() {
    sed -n 's/^FROM \([a-z/]*:[a-z0-9.-]*@\)${\([A-Z]*_DIGEST\)}.*/\1\2/p' Dockerfile
    sed -n 's/^ *image: \([a-z/]*\)@${\([A-Z]*_DIGEST\)[^#]*# \([a-z0-9.-]*\)$/\1:\3@\2/p' docker-compose.yml
}

# Docker remembers an image as [HOST/]NAME@sha256:...
for image in $(images); do
    tag=${image%@*}
    docker pull --quiet "$tag" >&2
    digest=$(docker image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$tag" |
        sed -n "s|^\(.*/\)\{0,1\}${tag%:*}@\(sha256:[0-9a-f]\{64\}\)\$|\2|p" | head -n 1)
    [ -n "$digest" ] || { echo "expected docker to know the digest of $tag, got none" >&2; exit 1; }
    echo "${image#*@}=$digest" >>"$new"
done
mv "$new" .env
