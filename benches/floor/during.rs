//! Which call failed.

use std::io;

/// Says in an error what was being done.
pub trait During<T> {
    /// The same result, with `what` before the message of its error.
    fn during(self, what: &str) -> io::Result<T>;
}

impl<T, E: Into<io::Error>> During<T> for Result<T, E> {
    fn during(self, what: &str) -> io::Result<T> {
        self.map_err(Into::into).map_err(|error| io::Error::new(error.kind(), format!("{what}: {error}")))
    }
}
