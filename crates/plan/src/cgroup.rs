//! Control groups: the container's own, with its limits, and what shows that they hold.

use crate::limit::{Setting, effective, name_of};
use crate::tell::{Call, Lesson, Tell, quote, show};
use crate::{Residue, Slot};
use ::cgroup::devices::v1;
use ::cgroup::systemd::Weights;
use ::cgroup::{Controller, Scope, Version};
use spec::device::Rule;
use std::ffi::{CStr, CString};

/// A step on control groups.
#[derive(Clone, Debug)]
pub enum Op {
    /// Has systemd make a scope, and move the runtime into it.
    Scope {
        /// What is asked for.
        scope: Scope,
        /// What it gets of what is short.
        weights: Weights,
    },
    /// Makes a group above the container's, which stays if others use it.
    MakeParent {
        /// Its directory.
        directory: CString,
    },
    /// Makes a group beside the container's, and moves the runtime there (v2).
    StepAside {
        /// Its directory.
        directory: CString,
    },
    /// Lets the children of a group have controllers (v2).
    Enable {
        /// Its `cgroup.subtree_control`.
        file: CString,
        /// What is written: `+pids +memory`.
        controllers: CString,
    },
    /// Makes the group, and opens what a process needs to join it.
    Make {
        /// The directory of the group.
        directory: CString,
        /// The version of its hierarchy.
        version: Version,
        /// What it limits and counts.
        controllers: Vec<Controller>,
        /// How many groups may be made below it (v2): who is in it could make them without end.
        below: Option<u32>,
        /// The group's `cgroup.type`, where it must become a threaded group: its parent has processes (v2).
        threaded: Option<CString>,
        /// What is opened to join: `tasks` on v1, the directory on v2.
        join: CString,
        /// Where the open descriptor goes.
        slot: Slot,
    },
    /// Makes a group below the container's, in which containers inside make theirs; on v2 also that of its own processes.
    HandDown {
        /// The directory of the container's group.
        directory: CString,
        /// The version of its hierarchy.
        version: Version,
        /// Root inside, if that is not the runtime's own user: who may make groups there, and move its processes to them.
        owner: Option<(u32, u32)>,
        /// Where the file goes by which one joins the group of the container's own processes (v2).
        payload: Option<Slot>,
    },
    /// Moves init from the container's group to that of its own processes (v2).
    EnterPayload {
        /// The open file.
        slot: Slot,
    },
    /// Lets the groups of containers inside have the controllers (v2).
    ShareOut {
        /// The group's `cgroup.subtree_control`.
        file: CString,
        /// What is written.
        controllers: CString,
    },
    /// Gives the files of the group to a user that is not in the container: there may be no other bar to who mounts the
    /// hierarchy anew inside.
    Keep {
        /// The directory of the group.
        directory: CString,
        /// The version of its hierarchy.
        version: Version,
        /// The user.
        owner: u32,
    },
    /// Writes a limit.
    Set {
        /// The file.
        file: CString,
        /// What is written, and why.
        setting: Setting,
    },
    /// Says which devices may be made and opened, and makes sure that it is so.
    Devices {
        /// The directory of the group.
        directory: CString,
        /// The version of its hierarchy.
        version: Version,
        /// The rules, of which later ones win.
        rules: Vec<Rule>,
    },
    /// Goes without a limit that cannot be had.
    Forgo {
        /// The option that asked for it.
        option: &'static str,
    },
    /// Reads the limits back, and compares.
    Prove {
        /// What must hold.
        proofs: Vec<Proof>,
        /// Whether what does not hold is told and no more.
        best_effort: bool,
    },
    /// Joins groups of v1: the process writes 0, itself, into the `tasks` of each.
    Join {
        /// The open files.
        slots: Vec<Slot>,
    },
    /// Has systemd move the joiner into the group of a scope.
    Attach {
        /// The scope.
        scope: Scope,
        /// The group below it.
        group: String,
    },
    /// Makes the group the root of what is seen of groups from here on.
    Namespace,
}

/// What must hold of one limit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proof {
    /// The option that asked for it.
    pub option: &'static str,
    /// The file that shows it.
    pub file: CString,
    /// What was written.
    pub written: String,
}

impl Proof {
    /// What a setting for the group `directory` of a hierarchy of this version must come to.
    pub fn of(setting: &Setting, directory: &CStr, version: Version) -> Proof {
        let shown = if version == Version::V2 { effective(&setting.file) } else { None };
        Proof {
            option: setting.option,
            file: below(directory, shown.unwrap_or(&setting.file)),
            written: setting.value.clone(),
        }
    }

    /// The same of the scope above the group.
    pub fn in_scope(self, scope: &Scope) -> Proof {
        Proof { file: below(&scope.directory, &name_of(&self.file)), ..self }
    }
}

/// The group below a container's in which those inside make theirs.
pub const INSIDE: &str = "inside";

/// The group beside that, with the container's own processes (v2).
pub const PAYLOAD: &str = "payload";

/// The files of a group that belong to whom it is handed down to, and no others: where processes are moved to it, and on v2
/// where it passes on what it has (cgroup-v2.rst, "Model of Delegation").
pub fn delegated(version: Version) -> &'static [&'static str] {
    match version {
        Version::V1 => &["cgroup.procs", "tasks"],
        Version::V2 => &["cgroup.procs", "cgroup.threads", "cgroup.subtree_control"],
    }
}

/// All that belongs to whom the group `inside` below `directory` is handed down to. On v2 who moves a process must be allowed
/// to do so in the group above both ends as well ("Delegation Containment").
pub fn handed(directory: &CStr, version: Version) -> Vec<CString> {
    let inside = below(directory, INSIDE);
    let files = delegated(version).iter().map(|file| below(&inside, file));
    let above = (version == Version::V2).then(|| below(directory, "cgroup.procs"));
    [inside.clone()].into_iter().chain(files).chain(above).collect()
}

/// What is opened to join the group of a container's own processes, beside one that is handed down (v2).
pub fn payload(directory: &CStr) -> CString {
    below(&below(directory, PAYLOAD), "cgroup.procs")
}

/// What is opened in `directory` to join the group.
pub fn handle(directory: &CStr, version: Version) -> CString {
    match version {
        Version::V1 => below(directory, "tasks"),
        Version::V2 => directory.to_owned(),
    }
}

/// The file `name` of the group `directory`.
pub fn below(directory: &CStr, name: &str) -> CString {
    CString::new([directory.to_bytes(), b"/", name.as_bytes()].concat()).unwrap_or_default()
}

impl Tell for Op {
    fn title(&self) -> String {
        match self {
            Op::Scope { scope, .. } => format!("have systemd make {} in {}", scope.unit, scope.slice),
            Op::MakeParent { directory } => format!("make the control group {} above", show(directory)),
            Op::StepAside { directory } => format!("move aside into the control group {}", show(directory)),
            Op::Enable { controllers, .. } => {
                format!("let the groups below have {}", names(controllers))
            }
            Op::Make { directory, .. } => format!("make the control group {}", show(directory)),
            Op::HandDown { directory, .. } => {
                format!("make the control group {} for containers inside", show(&below(directory, INSIDE)))
            }
            Op::EnterPayload { .. } => format!("move on to the control group {PAYLOAD}"),
            Op::ShareOut { controllers, .. } => {
                format!("let containers inside have parts of {}", names(controllers))
            }
            Op::Keep { directory, .. } => {
                format!("keep the limits of {} from root inside", show(directory))
            }
            Op::Set { setting, .. } => setting.words.clone(),
            Op::Devices { rules, .. } => {
                let allowed = rules.iter().filter(|rule| rule.allow).count();
                format!("allow devices by {allowed} rules, and no others")
            }
            Op::Forgo { option } => format!("go without {option}"),
            Op::Prove { proofs, .. } if proofs.len() == 1 => "make sure that the limit holds".to_owned(),
            Op::Prove { proofs, .. } => format!("make sure that {} limits hold", proofs.len()),
            Op::Join { slots } if slots.len() == 1 => "join the control group".to_owned(),
            Op::Join { slots } => format!("join {} control groups", slots.len()),
            Op::Attach { scope, .. } => format!("have systemd move the joiner into {}", scope.unit),
            Op::Namespace => "hide the control groups above: a cgroup namespace of its own".to_owned(),
        }
    }

    fn calls(&self) -> Vec<Call> {
        let make = |directory: &CStr| Call::once("mkdirat", format!("{}, 0755", quote(directory)));
        match self {
            Op::Scope { scope, weights } => {
                let weights = [("CPUWeight", weights.cpu), ("IOWeight", weights.io)];
                let weights: String = weights
                    .into_iter()
                    .filter_map(|(name, weight)| weight.map(|weight| format!(" {name}={weight}")))
                    .collect();
                vec![Call::once("sendmsg", format!("StartTransientUnit {}{weights}", scope.unit))]
            }
            Op::Attach { scope, .. } => {
                vec![Call::once("sendmsg", format!("AttachProcessesToUnit {}", scope.unit))]
            }
            Op::MakeParent { directory } => vec![make(directory)],
            Op::StepAside { directory } => {
                vec![make(directory), Call::once("write", r#""cgroup.procs", "0""#)]
            }
            Op::Enable { file, controllers } => {
                vec![Call::once("write", format!("{}, {}", quote(file), quote(controllers)))]
            }
            Op::Make { directory, below: most, threaded, .. } => {
                let most = most.map(|most| {
                    let file = below(directory, DESCENDANTS);
                    Call::once("write", format!("{}, \"{most}\"", quote(&file)))
                });
                let threaded = threaded.iter();
                let threaded =
                    threaded.map(|file| Call::once("write", format!("{}, \"threaded\"", quote(file))));
                [make(directory)].into_iter().chain(most).chain(threaded).collect()
            }
            Op::HandDown { directory, version, owner, payload } => {
                let payload = payload.map(|_| make(&below(directory, PAYLOAD)));
                let owned = handed(directory, *version).into_iter().filter_map(|path| {
                    let (uid, gid) = (*owner)?;
                    Some(Call::once("chown", format!("{}, {uid}, {gid}", quote(&path))))
                });
                payload.into_iter().chain([make(&below(directory, INSIDE))]).chain(owned).collect()
            }
            Op::EnterPayload { .. } => vec![Call::once("write", r#""cgroup.procs", "0""#)],
            Op::ShareOut { file, controllers } => {
                vec![Call::once("write", format!("{}, {}", quote(file), quote(controllers)))]
            }
            Op::Keep { directory, owner, .. } => {
                let item = "of the files of limits there";
                vec![Call::each("chown", format!("{}, {owner}, -1", quote(directory)), item)]
            }
            Op::Set { file, setting } => {
                vec![Call::once("write", format!("{}, {:?}", quote(file), setting.value))]
            }
            Op::Devices { version: Version::V2, .. } => vec![
                Call::once("bpf", "BPF_PROG_LOAD, BPF_PROG_TYPE_CGROUP_DEVICE"),
                Call::once("bpf", "BPF_PROG_ATTACH, BPF_CGROUP_DEVICE"),
                Call::once("bpf", "BPF_PROG_QUERY, BPF_CGROUP_DEVICE"),
            ],
            Op::Devices { directory, rules, .. } => {
                let file = |file: &str| quote(&below(directory, file));
                let writes = v1::writes(rules).unwrap_or_default();
                let call = |write: &v1::Write| {
                    Call::once("write", format!("{}, {:?}", file(write.file), write.text))
                };
                writes.iter().map(call).collect()
            }
            // To read changes nothing.
            Op::Forgo { .. } | Op::Prove { .. } => Vec::new(),
            Op::Join { slots } => slots.iter().map(|_| Call::once("write", r#""tasks", "0""#)).collect(),
            Op::Namespace => vec![Call::once("unshare", "CLONE_NEWCGROUP")],
        }
    }

    fn lesson(&self) -> Lesson {
        match self {
            Op::Scope { .. } | Op::Attach { .. } => Lesson {
                why: "Where systemd runs, the groups are its own, and nobody else may arrange them but in units that it has delegated. Asked over D-Bus, it makes such a unit and moves a process there.",
                without: "There would be no group for the container, and no limit but on the number of processes.",
                man: "systemd.scope(5), org.freedesktop.systemd1(5)",
            },
            Op::MakeParent { .. } => Lesson {
                why: "Limits bind all groups below: containers in one group share what it has.",
                without: "The container's group would have no place.",
                man: "cgroups(7)",
            },
            Op::StepAside { .. } => Lesson {
                why: "cgroup v2 lets a group that has processes share out memory and time on disks to no group below it. So the runtime leaves, and is not counted with the container.",
                without: "The kernel would refuse the controllers: EBUSY.",
                man: "cgroups(7)",
            },
            Op::Enable { .. } => Lesson {
                why: "A group of cgroup v2 has the controllers that the one above passes on to it.",
                without: "The files of the limits would not be there.",
                man: "cgroups(7)",
            },
            Op::Make { .. } => Lesson {
                why: "Namespaces decide what processes see, control groups how much they may use: init, the command and all that it forks are counted together.",
                without: "The container would take what it can get: a fork bomb inside would take every process id of the host.",
                man: "cgroups(7)",
            },
            Op::HandDown { .. } => Lesson {
                why: "What is limited as a whole is shared out among containers inside: each has a group below this one, and the kernel counts it for both. The files of the limits above stay the host's.",
                without: "A container inside could have no limit of its own.",
                man: "cgroups(7)",
            },
            Op::EnterPayload { .. } => Lesson {
                why: "cgroup v2 lets a group that has processes share out nothing. The cgroup namespace is there by now, so that the container's group stays the root of what is seen inside.",
                without: "The kernel would refuse to pass on the controllers: EBUSY.",
                man: "cgroups(7)",
            },
            Op::ShareOut { .. } => Lesson {
                why: "Init has left the group, so that now it can pass on what it has.",
                without: "A container inside could have no limit of its own.",
                man: "cgroups(7)",
            },
            Op::Keep { .. } => Lesson {
                why: "A container inside of another one has the ids of that one, and its root is the user who has made its group. So one id is left out of its map, and has the files.",
                without: "Who mounts the hierarchy anew, in namespaces of their own inside, could lift the limit.",
                man: "user_namespaces(7)",
            },
            Op::Set { setting, .. } => lesson_of(setting.controller),
            Op::Devices { .. } => lesson_of(Controller::Devices),
            Op::Forgo { .. } => Lesson {
                why: "With --best-effort, a limit that this host cannot hold is told, and left out.",
                without: "The container would not start.",
                man: "cgroups(7)",
            },
            Op::Prove { .. } => Lesson {
                why: "The kernel rounds, and cuts what it is asked for to what there is. What was asked for is what must be there, or an error says so.",
                without: "A limit could be ignored, and nobody would know until it is needed.",
                man: "cgroups(7)",
            },
            Op::Join { .. } => Lesson {
                why: "A process that moves itself does so at once; moving another waits some 10 ms for the kernel's grace period.",
                without: "The container would run in the caller's group, without its limit.",
                man: "cgroups(7)",
            },
            Op::Namespace => Lesson {
                why: "Made after joining, so that the container's group is the root of what it sees.",
                without: "/proc/self/cgroup would tell where on the host the container lives.",
                man: "cgroup_namespaces(7)",
            },
        }
    }

    fn fills(&self) -> Vec<Slot> {
        match self {
            Op::Make { slot, .. } => vec![*slot],
            Op::HandDown { payload, .. } => payload.iter().copied().collect(),
            _ => Vec::new(),
        }
    }

    fn uses(&self) -> Vec<Slot> {
        match self {
            Op::Join { slots } => slots.clone(),
            Op::EnterPayload { slot } => vec![*slot],
            _ => Vec::new(),
        }
    }

    fn residue(&self) -> Option<Residue> {
        match self {
            Op::Make { directory, .. } => Some(Residue::Group(directory.clone())),
            // A scope goes with the last of its processes, and all that is in it.
            Op::StepAside { directory } if directory.to_bytes().ends_with(b".scope/runtime") => None,
            Op::MakeParent { directory } | Op::StepAside { directory } => {
                Some(Residue::Parent(directory.clone()))
            }
            Op::Enable { file, .. } => Some(Residue::Enabled(file.clone())),
            _ => None,
        }
    }
}

/// The file that bounds how many groups there are below one (v2).
pub const DESCENDANTS: &str = "cgroup.max.descendants";

/// Controllers that are to be passed on, for people.
fn names(controllers: &CStr) -> String {
    show(controllers).replace('+', "").replace(' ', ", ")
}

/// What a limit is good for.
fn lesson_of(controller: Controller) -> Lesson {
    let (why, without) = match controller {
        Controller::Pids => (
            "At the limit fork(2) says EAGAIN.",
            "A fork bomb inside would take every process id of the host.",
        ),
        Controller::Memory => (
            "Beyond the limit the kernel takes back what can be read again, then ends a process of this group, and of no other.",
            "A program that takes too much memory would have the kernel end others.",
        ),
        Controller::Cpu | Controller::Cpuacct => (
            "The scheduler counts the time of all threads of the group together; who has used up the quota waits for the next period.",
            "A program that spins would take all CPUs.",
        ),
        Controller::Cpuset => (
            "The scheduler puts the group's threads on these CPUs only, and their memory on these nodes.",
            "The container would run wherever there is a CPU.",
        ),
        Controller::Io => (
            "The kernel lets requests wait that come faster.",
            "A program that writes without end would keep others from the disk.",
        ),
        Controller::Devices => (
            "Root inside may make no device but those that are allowed, nor open one.",
            "A disk of the host could be read as a file.",
        ),
        Controller::Hugetlb | Controller::Rdma | Controller::Misc | Controller::Freezer => {
            ("There are few of these, and they are for all.", "The container could take them all.")
        }
    };
    Lesson { why, without, man: "cgroups(7)" }
}
