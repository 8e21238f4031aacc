
# Names of containers after the commands that take one; nothing where they cannot be had.
_containerception_or_name() {
    _containerception "$@"
    case "${COMP_WORDS[1]},${COMP_CWORD},$2" in
        exec,2,-* | inspect,2,-* | kill,2,-*) ;;
        exec,2,* | inspect,2,* | kill,2,*)
            COMPREPLY=($(compgen -W "$("$1" ps --format names 2>/dev/null)" -- "$2"))
            ;;
    esac
}

complete -F _containerception_or_name -o bashdefault -o default containerception
