# Names of containers after the commands that take one; nothing where they cannot be had.
functions[_containerception_options]=$functions[_containerception]
_containerception() {
    if [[ $words[2] == (exec|inspect|kill) && $CURRENT -eq 3 && $PREFIX != -* ]]; then
        compadd -- ${(f)"$($words[1] ps --format names 2>/dev/null)"}
    else
        _containerception_options "$@"
    fi
}

