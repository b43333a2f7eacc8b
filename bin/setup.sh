# Sourced by the commands beside it: finds Python and uv, and installs what uv.lock says into .venv.
# Needs a POSIX shell and Python 3.11 or newer, nothing else.

ROOT=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
DATA_DIR=${DATA_DIR:-$ROOT/.data}
case $DATA_DIR in /*) ;; *) DATA_DIR=$PWD/$DATA_DIR ;; esac
export DATA_DIR
PYTHON=$ROOT/.venv/bin/python
unset PYTHONDONTWRITEBYTECODE # every start would compile everything anew

stop_with() {
    printf '%s\n' "$*" >&2
    exit 1
}

find_python() {
    for candidate in python3 python3.14 python3.13 python3.12 python3.11 python; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            "$candidate" -c 'import sys; print(sys.executable)'
            return
        fi
    done
    stop_with "没有找到 Python 3.11 或更新的版本，请先安装。 Python 3.11 or newer was not found: please install it."
}

find_uv() {
    tools=$DATA_DIR/tools
    for candidate in uv "$tools/bin/uv" "$tools/lib/bin/uv"; do
        if "$candidate" --version >/dev/null 2>&1; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    mkdir -p "$tools"
    python=$(find_python)
    if "$python" -m venv "$tools" >/dev/null 2>&1 && "$tools/bin/python" -m pip install --quiet uv >&2; then
        printf '%s\n' "$tools/bin/uv"
    elif "$python" -m pip install --quiet --target "$tools/lib" uv >&2; then
        printf '%s\n' "$tools/lib/bin/uv"
    else
        stop_with "没有 uv，也无法安装它：请安装 uv，或 Python 的 venv 与 pip。" \
            "uv is missing and could not be installed: please install uv, or Python's venv and pip."
    fi
}

# Install the locked packages; arguments go to `uv sync`.
install_packages() {
    uv=$(find_uv)
    if [ ! -x "$PYTHON" ]; then
        UV_PYTHON=$(find_python)
        export UV_PYTHON
    fi
    unset VIRTUAL_ENV
    UV_PROJECT_ENVIRONMENT=$ROOT/.venv UV_PYTHON_DOWNLOADS=never \
        "$uv" sync --quiet --locked --project "$ROOT" "$@" ||
        stop_with "安装依赖失败，原因见上。 Installing the packages failed: see above."
}
