//! Colour on stdout.

use crate::style;
use std::io::IsTerminal;

/// The colours of `ECMA-48`, 8.3.117, that are used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Colour {
    /// What fails, or goes.
    Red = 31,
    /// What is as it should be, or comes.
    Green = 32,
    /// What deserves a look.
    Yellow = 33,
}

/// Paints, or does not.
#[derive(Clone, Copy, Debug)]
pub struct Paint {
    colours: bool,
}

impl Paint {
    /// No colours.
    #[cfg(test)]
    pub const NONE: Paint = Paint { colours: false };

    /// For what is printed on stdout.
    pub fn for_stdout() -> Self {
        Paint { colours: style::has_colours(std::io::stdout().is_terminal()) }
    }

    /// The text in a colour.
    pub fn with(self, colour: Colour, text: &str) -> String {
        if self.colours { format!("\x1b[{}m{text}\x1b[0m", colour as u8) } else { text.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_colours_text_stays_as_it_is() {
        assert_eq!(Paint { colours: false }.with(Colour::Red, "bad"), "bad");
        assert_eq!(Paint { colours: true }.with(Colour::Red, "bad"), "\x1b[31mbad\x1b[0m");
    }
}
