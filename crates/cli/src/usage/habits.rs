//! Words that fingers know from docker and podman, and what stands for them here.

const FOREGROUND: &str =
    "containers run in the foreground of their terminal; to have yours back, end the line with &";
const NO_IMAGES: &str =
    "there are no images yet: containerception init DIR makes a root filesystem, run --rootfs DIR uses one";
const NO_NETWORK: &str = "there is no network between containers yet; --network host has the caller's";

/// What is done here instead of a command of theirs.
pub fn command(word: &str) -> Option<&'static str> {
    Some(match word {
        "stop" => "end its command: containerception kill NAME TERM",
        "logs" | "attach" | "start" | "restart" | "create" | "wait" => FOREGROUND,
        "images" | "image" | "pull" | "push" | "build" | "tag" | "save" | "load" | "rmi" | "commit" => {
            NO_IMAGES
        }
        "network" | "port" => NO_NETWORK,
        "cp" => "show a directory to both sides: containerception run -v DIR:DIR COMMAND",
        "container" => "there is one kind of thing here: containerception ps, exec, kill, inspect",
        "top" => "containerception exec NAME ps aux",
        _ => return None,
    })
}

/// What is done here instead of an option of theirs.
pub fn option(word: &str) -> Option<&'static str> {
    Some(match word {
        "-d" | "--detach" => FOREGROUND,
        "-p" | "-P" | "--publish" | "--publish-all" | "--link" | "--add-host" | "--dns" | "--ip" => {
            NO_NETWORK
        }
        "--mount" => "write -v SOURCE:DESTINATION[:ro], or --tmpfs DESTINATION",
        "--privileged" => {
            "name what it needs: --cap-add CAP, --security-opt seccomp=unconfined, --userns host"
        }
        "--entrypoint" => "the command is all that stands after the options",
        "--env-file" => "write -e NAME=VALUE for each, or -e NAME for your own value",
        "--kernel-memory" => "the kernel counts it as memory: --memory bounds both",
        "--cgroupns" => "leave it out: the groups above are always hidden",
        "--gpus" => "name each device: --device /dev/dri/renderD128; its libraries come by -v",
        "--restart" => FOREGROUND,
        _ => return None,
    })
}
