# A container engine that is played: what it builds is a manifest of one layer, made of the Dockerfile and the name of the
# repository, and a push puts that into the registry as docker would. $WHARF_TEST_ENGINE is a folder of its own.
set -eu
echo "$1" >> "$WHARF_TEST_ENGINE/calls"
count=$(wc -l < "$WHARF_TEST_ENGINE/calls")
# Stands still before its n-th call, so that whoever called it can be killed there.
if [ "${WHARF_TEST_ENGINE_HOLD:-0}" = "$count" ]; then touch "$WHARF_TEST_ENGINE/held"; sleep 2; fi
case $1 in
--version) echo 'Docker version 28.2.2, build x' ;;
buildx) exit 0 ;;
version) echo linux/amd64 ;;
login) cat > "$DOCKER_CONFIG/password" ;;
build)
  for word in "$@"; do
    case $word in
    --tag=*) tag=${word#--tag=} ;;
    --file=*) file=${word#--file=} ;;
    esac
  done
  cp "$file" "$WHARF_TEST_ENGINE/$(echo "${tag%:*}" | tr -c 'a-z0-9\n' -)"
  ;;
push)
  reference=$2
  address=${reference%:*}
  tag=${reference##*:}
  url=http://${address%%/*}/v2/${address#*/}
  built=$WHARF_TEST_ENGINE/$(echo "$address" | tr -c 'a-z0-9\n' -)
  [ -f "$built" ] || { echo "An image does not exist locally with the tag: $address" >&2; exit 1; }
  user=AWS:$(cat "$DOCKER_CONFIG/password")
  blob() { # blob FILE: uploads it, prints digest and size
    digest=sha256:$(sha256sum "$1" | cut -d' ' -f1)
    place=$(curl -sS -u "$user" -X POST -D - -o /dev/null "$url/blobs/uploads/" | tr -d '\r' | sed -n 's/^[Ll]ocation: //p')
    case $place in *\?*) place="$place&" ;; *) place="$place?" ;; esac
    curl -sSf -u "$user" -X PUT -H 'Content-Type: application/octet-stream' --data-binary "@$1" -o /dev/null "${place}digest=$digest"
    printf '"digest":"%s","size":%s' "$digest" "$(wc -c < "$1")"
  }
  work=$(mktemp -d)
  printf '{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":[]}}' > "$work/config"
  type=application/vnd.docker.distribution.manifest.v2+json
  printf '{"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"application/vnd.docker.container.image.v1+json",%s},"layers":[{"mediaType":"application/vnd.docker.image.rootfs.diff.tar.gzip",%s}]}' \
    "$type" "$(blob "$work/config")" "$(blob "$built")" > "$work/manifest"
  curl -sSf -u "$user" -X PUT -H "Content-Type: $type" --data-binary "@$work/manifest" -o /dev/null "$url/manifests/$tag"
  echo "$tag: digest: sha256:$(sha256sum "$work/manifest" | cut -d' ' -f1) size: $(wc -c < "$work/manifest")"
  rm -rf "$work"
  ;;
*) echo "the played engine does not know $1" >&2; exit 1 ;;
esac
