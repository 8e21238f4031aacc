//! What is said where there is not even memory for an error.

use spec::error::ENGINE_FAILED;
use sys::memory::OrSay;

/// In the form of all errors; a test reads it.
const NO_MEMORY: &str = "\
error[CX2015]: no memory is left
  why:  a limit of memory around this process is reached, or the machine has no more
  fix:  ulimit -v, memory.max of your own control group and free -m show which; large data belongs in files
  more: containerception explain CX2015
";

#[global_allocator]
static MEMORY: OrSay = OrSay { text: NO_MEMORY, status: ENGINE_FAILED };
