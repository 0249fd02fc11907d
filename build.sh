#!/usr/bin/env bash
# Everything the project does, from a fresh machine: each command sets up what it needs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

usage() {
  cat <<'TEXT'
./build.sh COMMAND
  setup    install what is missing: the wasm target, the wasm-bindgen tool, the page's packages
  build    engine to www/src/engine/pkg, page to www/dist, command line to target/release/bottleship
  serve    build, then serve the page on http://127.0.0.1:4173 (PORT=… for another port)
  test     every test: native, wasm, browser
  check    formatting, clippy, tsc; changes nothing
  bench    the benchmarks of benches/
TEXT
}

say() { printf '\033[1m== %s\033[0m\n' "$*"; }
fail() { printf 'build.sh: %s\n' "$*" >&2; exit 1; }
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
have() { command -v "$1" >/dev/null 2>&1; }

# --- what is needed, each installed only if it is missing -------------------------------------------------------------

need_rust() {
  have cargo || fail "Rust is missing: install it with rustup, then run this again"
  local sysroot; sysroot=$(rustc --print sysroot)
  if [ ! -d "$sysroot/lib/rustlib/wasm32-unknown-unknown" ]; then
    say "installing the wasm target"
    rustup target add wasm32-unknown-unknown || fail "the Rust target wasm32-unknown-unknown could not be installed"
  fi
}

# wasm-bindgen at the version of Cargo.lock, built from the registry, and wbg-snip: nothing is downloaded ready-made.
need_wbg() {
  need_rust
  say "wasm-bindgen tool"
  cargo build --locked --profile tool --package wbg --quiet
}

need_npm() {
  have npm || fail "Node.js with npm is missing (20.19 or newer)"
  local stamp=www/node_modules/.installed
  if [ ! -f "$stamp" ] || ! cmp -s www/package-lock.json "$stamp"; then
    say "installing the page's packages"
    npm --prefix www ci --no-audit --no-fund
    cp www/package-lock.json "$stamp"
  fi
}

need_browser() {
  for browser in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
    if [ -n "$browser" ] && have "$browser"; then CHROMIUM=$(command -v "$browser"); export CHROMIUM; return; fi
  done
  have apt-get || fail "no Chromium found: install one, or name it in CHROMIUM"
  say "installing Chromium"
  as_root apt-get update -qq
  as_root apt-get install -y -qq --no-install-recommends chromium >/dev/null
  CHROMIUM=$(command -v chromium); export CHROMIUM
}

has_page() { [ -f www/index.html ]; }

# --- building ---------------------------------------------------------------------------------------------------------

build_native() {
  need_rust
  say "command line"
  cargo build --locked --release
}

# What the first of the engine's three modules answers alone; what it leaves to the second, which only runs, foretells, packs or shows a
# build; and what both leave to the third: the programs of an image, archives that come in or go out. Any choice works (what is missing is
# loaded when it is called); this one keeps both for the first touch of the page. CODECS are the crates that go with the third.
FIRST='__wbg_playground_free playground_new playground_versions playground_setProject playground_files playground_readFile playground_writeFile
  playground_setMode playground_rename playground_removeFile playground_analyze playground_complete playground_hover
  playground_images playground_builds playground_contexts prepare'
LATER='api::hashing machine build::exec build::execute build::evaluate docker::commands docker::progress::plain docker::progress::tty docker::progress::rawjson docker::progress::trace docker::call api::terminal report::content report::why report::timeline build::clock build::cause api::why base::deflate base::gzip'
TOOLS='machine::tools image::import image::archive base::zstd'
CODECS='ruzstd lzma_rust2 libbz2_rs_sys bzip2'

# Without wasm-opt's options that take for granted that nothing traps: they lift loads out of the tests that guard them, and builds trapped.
optimize() { www/node_modules/.bin/wasm-opt -Oz "$1" "$2" -o "$2"; }

# The engine as wasm, with its JavaScript and TypeScript faces, in www/src/engine/pkg. Skipped if the module did not change.
build_wasm() {
  need_wbg
  need_npm
  say "engine (wasm)"
  cargo rustc --locked --lib --profile wasm --target wasm32-unknown-unknown --crate-type cdylib
  local module=target/wasm32-unknown-unknown/wasm/bottleship.wasm pkg=www/src/engine/pkg
  local sum; sum=$(printf '%s' "$FIRST $LATER $TOOLS $CODECS" | cat - "$module" | sha256sum)
  if [ "$(cat "$pkg/.source" 2>/dev/null)" = "$sum" ]; then return; fi
  rm -rf "$pkg"
  target/tool/wbg --target web --out-dir "$pkg" --out-name bottleship "$module"
  target/tool/wbg-snip "$pkg/bottleship_bg.wasm"
  say "wasm-opt"
  optimize -g "$pkg/bottleship_bg.wasm"
  # shellcheck disable=SC2046
  target/tool/wbg-split "$pkg/bottleship_bg.wasm" $(printf -- '--first %s ' $FIRST) \
    --part "$pkg/bottleship_rest.wasm" $(printf -- '--later bottleship::%s ' $LATER) $(printf -- '--data %s ' src/world/data/packages/*.txt src/world/data/recipes/*.json src/machine/recipe/data/*.txt) \
    --part "$pkg/bottleship_tools.wasm" $(printf -- '--later bottleship::%s ' $TOOLS) $(printf -- '--later %s ' $CODECS)
  optimize --strip-producers "$pkg/bottleship_bg.wasm"
  optimize --strip-producers "$pkg/bottleship_rest.wasm"
  optimize --strip-producers "$pkg/bottleship_tools.wasm"
  # The worker is told which methods need no second module.
  # shellcheck disable=SC2086
  printf '%s\n' $FIRST | sed -n 's/^playground_//p' | sed '1s/^/["/; 1!s/^/,"/; s/$/"/; $s/$/]/' >"$pkg/first.json"
  printf '%s' "$sum" >"$pkg/.source"
}

build_page() {
  need_npm
  say "page"
  npm --prefix www run --silent build
}

gzipped() { gzip -9 -c "$@" | wc -c; }

# What the browser fetches: the modules of the engine, each with its limit, and what the first view loads (all but the later
# modules, which come with the first touch of it, and the page for embedding).
sizes() {
  local pkg=www/src/engine/pkg over=0 total=0 name size first limit=500000 limit_first=800000
  for name in bg rest tools; do
    size=$(gzipped "$pkg/bottleship_$name.wasm"); total=$((total + size))
    printf 'engine/%s %s kB, ' "$name" "$((size / 1000))"
    [ "$size" -le "$limit" ] || over=1
  done
  first=$(find www/dist -type f \( -name '*.html' -o -name '*.js' -o -name '*.css' -o -name '*.wasm' \) -not -name 'embed*' -not -name 'bottleship_rest*' -not -name 'bottleship_tools*' \
    -not -path '*/later/*' -print0 | xargs -0 -n1 gzip -9 -c | wc -c)
  printf 'together %s kB; first page load %s kB after gzip (limits %s a module and %s kB)\n' \
    "$((total / 1000))" "$((first / 1000))" "$((limit / 1000))" "$((limit_first / 1000))"
  if [ "$over" = 1 ] || [ "$first" -gt "$limit_first" ]; then fail "the download is over its limit: make it smaller"; fi
}

build() {
  build_wasm
  build_page
  build_native
  sizes
}

# --- commands ---------------------------------------------------------------------------------------------------------

setup() { need_rust; need_npm; need_wbg; need_browser; }

serve() {
  build_wasm
  build_page
  sizes
  say "serving on http://127.0.0.1:${PORT:-4173} (Ctrl-C ends it)"
  exec npm --prefix www run --silent preview -- --host 127.0.0.1 --port "${PORT:-4173}" --strictPort
}

check() {
  need_rust
  say "formatting"
  cargo fmt --check
  say "clippy"
  cargo clippy --locked --all-targets --quiet -- -D warnings
  cargo clippy --locked --lib --target wasm32-unknown-unknown --quiet -- -D warnings
  has_page || return 0
  need_npm
  # The page is held against the types of the engine as it is now.
  build_wasm
  say "tsc"
  npm --prefix www run --silent check
}

run_tests() {
  check
  say "native tests"
  cargo test --locked
  build_native
  if ! has_page; then say "no page yet: the browser has nothing to test"; return; fi
  build
  say "wasm equals native"
  node tests/wasm/equal.mjs
  need_browser
  say "browser tests"
  npm --prefix www run --silent test:browser
}

bench() {
  need_rust
  cargo bench --locked "$@"
  [ -d www/src/engine/pkg ] || build_wasm
  say "wasm"
  node benches/wasm.mjs
}

command=${1:-}
[ $# -gt 0 ] && shift
case "$command" in
  setup) setup ;;
  build) build ;;
  serve) serve ;;
  test) run_tests ;;
  check) check ;;
  bench) bench "$@" ;;
  wasm) build_wasm ;;
  *) usage; [ -z "$command" ] || exit 2 ;;
esac
