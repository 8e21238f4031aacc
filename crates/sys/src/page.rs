//! Memory that a process shares with the children it will clone.

use crate::{Result, last_errno};
use std::ops::Deref;
use std::ptr::NonNull;

/// A type of which zeroed bytes are a value, and which several processes may use at once.
///
/// # Safety
/// Every bit pattern must be valid, and every field must be an atomic (or an array of such), so that a write by another
/// process is not a data race.
pub unsafe trait Shareable {}

/// A zeroed `T` in a shared anonymous mapping. A clone of this process sees the same memory; it survives the death of
/// either, and writing to it needs no system call.
#[derive(Debug)]
pub struct SharedPage<T: Shareable> {
    /// Points to a live mapping of at least `size_of::<T>()` bytes until drop.
    memory: NonNull<T>,
}

impl<T: Shareable> SharedPage<T> {
    /// Maps the memory.
    ///
    /// # Errors
    /// ENOMEM, as `mmap(2)`.
    pub fn new() -> Result<Self> {
        // SAFETY: a new anonymous mapping, at an address that the kernel chooses, touches nothing that exists.
        let address = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                size_of::<T>(),
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED | libc::MAP_ANONYMOUS,
                -1,
                0,
            )
        };
        if address == libc::MAP_FAILED {
            return Err(last_errno());
        }
        NonNull::new(address.cast()).map(|memory| SharedPage { memory }).ok_or(crate::Errno::NOMEM)
    }
}

impl<T: Shareable> Deref for SharedPage<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: the mapping lives as long as self, is page-aligned and zeroed, and T is Shareable.
        unsafe { self.memory.as_ref() }
    }
}

impl<T: Shareable> Drop for SharedPage<T> {
    fn drop(&mut self) {
        // SAFETY: unmaps exactly what `new` mapped; no reference outlives self.
        unsafe { libc::munmap(self.memory.as_ptr().cast(), size_of::<T>()) };
    }
}

// SAFETY: atomics are what Shareable is about.
unsafe impl Shareable for std::sync::atomic::AtomicU32 {}
// SAFETY: as above.
unsafe impl Shareable for std::sync::atomic::AtomicU64 {}
// SAFETY: an array of shareable values has the same property.
unsafe impl<T: Shareable, const N: usize> Shareable for [T; N] {}
// SAFETY: as for arrays.
unsafe impl<A: Shareable, B: Shareable> Shareable for (A, B) {}
