import { API_PORT, MACHINE_LABEL } from "../../model/kubernetes/machine-env";
import { TLS_FILES } from "../../model/kubernetes/secret-names";

/** Starts the boot script; its text comes in the environment, where quotes and newlines stay as they are. */
export const BOOT_ENTRYPOINT = `/bin/sh -c 'eval "$CLUSTER_BOOT"'`;

/** How long the first server looks for a cluster to join before it founds one: a mesh may take a while to come up. */
const FOUND_AFTER_SEC = 90;

/** The same for one that was replaced on request: there is a cluster, which only a broken mesh can hide. */
const FOUND_AFTER_REPLACED_SEC = 900;

/** How long a server waits for the one before it: members are taken in one at a time. */
const IN_ORDER_SEC = 180;

/**
 * What a machine does before its init system starts k3s, at every boot. It runs as the first process of the machine and
 * goes on whatever fails, so that one can log in and look. POSIX shell, with `bash` and `timeout` to knock on a port.
 *
 * What is decided once is noted down beside the cluster's data: a rebuilt machine finds it, a replaced one does not. A
 * server without data joins whoever answers; only the first one may found a cluster, and only when nobody does. Before it
 * joins it has the cluster forget the server it replaces, whose membership would block its address.
 */
export const BOOT_SCRIPT = `set -u
umask 077
data=$K3S_DATA_DIR
memo=$data/.cluster

put() {
  mkdir -p "$(dirname "$1")"
  printf '%s\\n' "$2" > "$1.new" && mv "$1.new" "$1"
}

value() {
  eval "printf '%s' \\"\\\${$1:-}\\""
}

variable() {
  printf '%s_%s' "$1" "$2" | tr 'a-z./-' 'A-Z___'
}

answering() {
  for address in "$@"; do
    if timeout 3 bash -c "exec 3<>/dev/tcp/$address/${API_PORT}" 2> /dev/null; then
      printf '%s' "$address"
      return 0
    fi
  done
  return 1
}

machine=$K3S_NODE_NAME
put /etc/rancher/node/password "$K3S_NODE_PASSWORD"
if [ -n "\${CLUSTER_REGISTRIES:-}" ]; then
  put /etc/rancher/k3s/registries.yaml "$CLUSTER_REGISTRIES"
fi

follow() {
  if found=$(answering $CLUSTER_SERVERS); then
    export K3S_URL="https://$found:${API_PORT}"
  fi
  put /etc/rancher/k3s/config.yaml "$CLUSTER_CONFIG"
}

forget_predecessor() {
  put "$memo/boot.crt" "$(value CLUSTER_TLS_BOOT_CRT)"
  put "$memo/boot.key" "$(value CLUSTER_TLS_BOOT_KEY)"
  tries=0
  until kubectl --server "https://$1:${API_PORT}" --certificate-authority "$data/server/tls/server-ca.crt" \\
    --client-certificate "$memo/boot.crt" --client-key "$memo/boot.key" --request-timeout 20s \\
    delete nodes --selector "${MACHINE_LABEL}=$machine" --wait=false; do
    tries=$((tries + 1))
    if [ "$tries" -ge 10 ]; then
      echo "cluster: the former $machine could not be removed; delete its node by hand"
      return
    fi
    sleep 3
  done
}

decide() {
  start=$(date +%s)
  patience=${FOUND_AFTER_SEC}
  if [ -n "\${CLUSTER_REPLACED:-}" ]; then
    patience=${FOUND_AFTER_REPLACED_SEC}
  fi
  while true; do
    waited=$(($(date +%s) - start))
    candidates=$others
    if [ -n "$before" ] && [ "$waited" -lt ${IN_ORDER_SEC} ]; then
      candidates=\${before%% *}
    fi
    if found=$(answering $candidates); then
      forget_predecessor "$found"
      put "$memo/role" joined
      return
    fi
    if [ -z "$before" ] && [ "$waited" -ge "$patience" ]; then
      put "$memo/role" founded
      return
    fi
    echo "cluster: waiting for $candidates"
    sleep 2
  done
}

serve() {
  for file in ${TLS_FILES.join(" ")}; do
    if [ ! -e "$data/server/tls/$file" ]; then
      put "$data/server/tls/$file" "$(value "$(variable CLUSTER_TLS "$file")")"
    fi
  done
  rm -f "$data"/server/manifests/cluster-*.yaml
  for name in \${CLUSTER_MANIFESTS:-}; do
    put "$data/server/manifests/cluster-$name.yaml" "$(value "$(variable CLUSTER_MANIFEST "$name")")"
  done
  if [ ! -s "$memo/node-name" ]; then
    put "$memo/node-name" "$machine-$(tr -dc a-z0-9 < /dev/urandom | head -c 5)"
  fi
  export K3S_NODE_NAME="$(cat "$memo/node-name")"
  count=0
  before=
  after=
  own=
  for address in $CLUSTER_SERVERS; do
    count=$((count + 1))
    if [ "$count" -lt "$CLUSTER_SERVER" ]; then
      before="$address $before"
    elif [ "$count" -gt "$CLUSTER_SERVER" ]; then
      after="$after $address"
    else
      own=$address
    fi
  done
  others=$before$after
  membership=
  if [ "$count" -gt 1 ]; then
    found=
    if [ ! -s "$memo/role" ]; then
      decide
    fi
    if [ "$(cat "$memo/role")" = founded ]; then
      membership="cluster-init: true"
    else
      if [ -z "$found" ]; then
        found=$(answering $others) || found=$(set -- $others && printf '%s' "$1")
      fi
      membership="server: https://$found:${API_PORT}"
    fi
  fi
  addresses=$(ip -o addr show scope global | while read -r _ _ _ cidr _; do echo "\${cidr%/*}"; done)
  names=$(for name in \${CLUSTER_NAMES:-} $own $addresses; do printf '\\n  - "%s"' "$name"; done)
  put /etc/rancher/k3s/config.yaml "$CLUSTER_CONFIG
$membership
tls-san:$names"
}

if [ -z "$K3S_URL" ]; then
  serve
else
  follow
fi
for name in $(env | sed -n 's/^\\(CLUSTER_[A-Z0-9_]*\\)=.*/\\1/p') K3S_NODE_PASSWORD; do
  unset "$name"
done
exec /sbin/zinit init
`;
