//! An allocator that ends every process but one, for the test that a child allocates nothing before it executes.
//!
//! Why that matters: a child of `clone3` is a copy of one thread of its parent. What the parent has prepared is there;
//! what the child allocated would be copied from the parent page by page, at the one place where starting a container
//! must be quick, and might need memory where nobody could be told that there is none.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicI32, Ordering::Relaxed};

/// The exit status of a process that was caught.
pub const CAUGHT: u8 = 99;

/// The system's allocator, for one process alone from [`Guard::here_alone`] on. Freeing is free to all.
#[derive(Debug)]
pub struct Guard {
    /// The pid of that process; 0 while every process may allocate.
    only: AtomicI32,
}

impl Guard {
    /// One that guards nothing yet, to be a `#[global_allocator]`.
    pub const fn new() -> Self {
        Guard { only: AtomicI32::new(0) }
    }

    /// From now on the calling process alone may allocate: not what it clones, whose pid is another, not even in a PID
    /// namespace of its own, unless the caller's is 1 or 2 as well.
    pub fn here_alone(&self) {
        self.only.store(process_id(), Relaxed);
    }

    fn check(&self) {
        let only = self.only.load(Relaxed);
        if only != 0 && only != process_id() {
            let said = b"a process that must not allocate has done so\n";
            // SAFETY: the buffer is as long as is said; there is nothing to be done about a failure.
            unsafe { libc::write(libc::STDERR_FILENO, said.as_ptr().cast(), said.len()) };
            crate::clone::exit(CAUGHT);
        }
    }
}

impl Default for Guard {
    fn default() -> Self {
        Guard::new()
    }
}

fn process_id() -> i32 {
    // SAFETY: getpid has no preconditions.
    unsafe { libc::getpid() }
}

// SAFETY: every call is passed on to the system's allocator as it came; to look at the pid before touches no memory that
// it manages, and neither allocates nor panics.
unsafe impl GlobalAlloc for Guard {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.check();
        // SAFETY: the caller's obligations are the same as the system's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        self.check();
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        self.check();
        // SAFETY: as above; the block came from this allocator, and so from the system's.
        unsafe { System.realloc(block, layout, size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(block, layout) }
    }
}
