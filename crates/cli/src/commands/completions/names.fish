
# Names of containers after the commands that take one; nothing where they cannot be had.
complete -c containerception -n "__fish_containerception_using_subcommand exec inspect kill" -f -a "(containerception ps --format names 2>/dev/null)"
