//! An allocator that says so where there is no memory.
//!
//! Rust's own answer is to abort, which a caller sees as a crash (SIGABRT). There is nothing to unwind: a container that
//! is being made dies with its runtime, and what outlives both stands in the journal.

use std::alloc::{GlobalAlloc, Layout, System};

/// Whether so many bytes more could be had now: nothing else may ask for them meanwhile, or this is a guess. Whoever can do
/// without something asks first, since a failed allocation ends the process.
pub fn has_room(bytes: usize) -> bool {
    let (protection, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
    // SAFETY: a new mapping at an address of the kernel's choice, which nobody has when it is given back.
    unsafe {
        let place = libc::mmap(std::ptr::null_mut(), bytes, protection, flags, -1, 0);
        place != libc::MAP_FAILED && libc::munmap(place, bytes) == 0
    }
}

/// The system's allocator. Where that has nothing, the process says why on stderr, and exits.
#[derive(Debug)]
pub struct OrSay {
    /// What is said.
    pub text: &'static str,
    /// The exit status.
    pub status: u8,
}

impl OrSay {
    fn or_say(&self, block: *mut u8) -> *mut u8 {
        if block.is_null() {
            // SAFETY: the buffer is as long as is said; there is nothing to be done about a failure.
            unsafe { libc::write(libc::STDERR_FILENO, self.text.as_ptr().cast(), self.text.len()) };
            crate::clone::exit(self.status);
        }
        block
    }
}

// SAFETY: every call is passed on to the system's allocator as it came, and so is its answer; what is done about none
// neither allocates nor returns nor unwinds.
unsafe impl GlobalAlloc for OrSay {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's obligations are the same as the system's.
        self.or_say(unsafe { System.alloc(layout) })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        self.or_say(unsafe { System.alloc_zeroed(layout) })
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as above; the block came from this allocator, and so from the system's.
        self.or_say(unsafe { System.realloc(block, layout, size) })
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(block, layout) }
    }
}
