//! What a step does: one enum a topic, and this one over the topics.

use crate::tell::{Call, Lesson, Tell};
use crate::{Residue, Slot};
use crate::{
    cgroup, file, identity, join, mount, namespace, network, process, quota, security, state, terminal,
};

macro_rules! topics {
    ($($(#[$doc:meta])* $name:ident($module:ident);)*) => {
        /// What a step does.
        #[derive(Clone, Debug)]
        pub enum Op { $($(#[$doc])* $name($module::Op)),* }

        $(impl From<$module::Op> for Op {
            fn from(op: $module::Op) -> Op { Op::$name(op) }
        })*

        impl Tell for Op {
            fn title(&self) -> String { match self { $(Op::$name(op) => op.title()),* } }
            fn calls(&self) -> Vec<Call> { match self { $(Op::$name(op) => op.calls()),* } }
            fn lesson(&self) -> Lesson { match self { $(Op::$name(op) => op.lesson()),* } }
            fn fills(&self) -> Vec<Slot> { match self { $(Op::$name(op) => op.fills()),* } }
            fn uses(&self) -> Vec<Slot> { match self { $(Op::$name(op) => op.uses()),* } }
            fn residue(&self) -> Option<Residue> { match self { $(Op::$name(op) => op.residue()),* } }
        }
    };
}

topics! {
    /// The state directory and what lies in it.
    State(state);
    /// Quotas.
    Quota(quota);
    /// Control groups.
    Cgroup(cgroup);
    /// Processes: clone, fork, exec, and what they inherit.
    Process(process);
    /// The way into a container that runs.
    Join(join);
    /// Users and groups.
    Identity(identity);
    /// Namespaces that are entered, left or given a name.
    Namespace(namespace);
    /// Mounts.
    Mount(mount);
    /// Directories, symbolic links and small files.
    File(file);
    /// The network.
    Network(network);
    /// Capabilities, no_new_privs, seccomp.
    Security(security);
    /// The terminal.
    Terminal(terminal);
}
