//! How values are written and read ("Marshaling" in the specification): little-endian, each aligned to its size.
//!
//! Alignment counts from the beginning of the message; a body begins at a multiple of eight, the largest, so it
//! may be read and written by itself. What is read comes from outside: any bytes will do, and what is not of the
//! form is an error.

/// What is not of the form, in a few words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Garbled(pub &'static str);

type Result<T> = std::result::Result<T, Garbled>;

/// Writes values one after another. They are ours, and short: lengths fit.
#[derive(Debug, Default)]
pub(super) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Pads with zeros to a multiple of `to`. A structure begins so, at a multiple of eight.
    pub fn align(&mut self, to: usize) {
        self.bytes.resize(self.bytes.len().next_multiple_of(to), 0);
    }

    /// `y`
    pub fn byte(&mut self, value: u8) {
        self.bytes.push(value);
    }

    /// `u`
    pub fn u32(&mut self, value: u32) {
        self.align(4);
        self.bytes.extend(value.to_le_bytes());
    }

    /// `b`
    pub fn bool(&mut self, value: bool) {
        self.u32(value.into());
    }

    /// `t`
    pub fn u64(&mut self, value: u64) {
        self.align(8);
        self.bytes.extend(value.to_le_bytes());
    }

    /// `s` and `o`. The text has no NUL.
    pub fn string(&mut self, text: &str) {
        self.u32(text.len() as u32);
        self.text(text);
    }

    /// `g`
    pub fn signature(&mut self, text: &str) {
        self.byte(text.len() as u8);
        self.text(text);
    }

    fn text(&mut self, text: &str) {
        self.bytes.extend(text.as_bytes());
        self.bytes.push(0);
    }

    /// `v`
    pub fn variant(&mut self, signature: &str, value: impl FnOnce(&mut Writer)) {
        self.signature(signature);
        value(self);
    }

    /// `a`, of elements with this alignment. The length is that of the elements, without the padding before the
    /// first.
    pub fn array(&mut self, alignment: usize, elements: impl FnOnce(&mut Writer)) {
        self.u32(0);
        let length_ends = self.bytes.len();
        self.align(alignment);
        let begins = self.bytes.len();
        elements(self);
        let length = (self.bytes.len() - begins) as u32;
        self.bytes[length_ends - 4..length_ends].copy_from_slice(&length.to_le_bytes());
    }
}

/// Reads values one after another.
#[derive(Debug, Clone)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Reader { bytes, at: 0 }
    }

    pub fn is_at_end(&self) -> bool {
        self.at >= self.bytes.len()
    }

    /// The bytes that have not been read.
    pub fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Passes the padding, which is of zeros.
    pub fn align(&mut self, to: usize) -> Result<()> {
        let padding = self.take(self.at.next_multiple_of(to) - self.at)?;
        if padding.iter().all(|&byte| byte == 0) { Ok(()) } else { Err(Garbled("padding that is not zero")) }
    }

    /// `y`
    pub fn byte(&mut self) -> Result<u8> {
        self.chunk().map(u8::from_le_bytes)
    }

    /// `u`
    pub fn u32(&mut self) -> Result<u32> {
        self.align(4)?;
        self.chunk().map(u32::from_le_bytes)
    }

    /// `s`
    pub fn string(&mut self) -> Result<&'a str> {
        let length = self.u32()?;
        self.text(length as usize)
    }

    /// `o`
    pub fn object_path(&mut self) -> Result<&'a str> {
        self.string()
            .and_then(|path| if is_object_path(path) { Ok(path) } else { Err(Garbled("no object path")) })
    }

    /// `g`
    pub fn signature(&mut self) -> Result<&'a str> {
        let length = self.byte()?;
        self.text(length.into())
    }

    /// `v`, up to its value: which is to be of this type.
    pub fn variant(&mut self, signature: &str) -> Result<()> {
        if self.signature()? == signature { Ok(()) } else { Err(Garbled("a variant of another type")) }
    }

    /// `a`: a reader of its elements, which have this alignment.
    pub fn array(&mut self, alignment: usize) -> Result<Reader<'a>> {
        let length = self.u32()?;
        self.align(alignment)?;
        let begins = self.at;
        self.take(length as usize)?;
        let bytes = self.bytes.get(..self.at).ok_or(SHORT)?;
        Ok(Reader { bytes, at: begins })
    }

    fn text(&mut self, length: usize) -> Result<&'a str> {
        let (text, end) = (self.take(length)?, self.byte()?);
        if end != 0 || text.contains(&0) {
            return Err(Garbled("a string that does not end where it should"));
        }
        std::str::from_utf8(text).map_err(|_| Garbled("a string that is not UTF-8"))
    }

    fn chunk<const N: usize>(&mut self) -> Result<[u8; N]> {
        self.take(N)?.try_into().map_err(|_| SHORT)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let end = self.at.checked_add(length).ok_or(SHORT)?;
        let taken = self.bytes.get(self.at..end).ok_or(SHORT)?;
        self.at = end;
        Ok(taken)
    }
}

const SHORT: Garbled = Garbled("a value that goes beyond its end");

/// `/`, or names of letters, digits and `_`, each after a slash.
fn is_object_path(path: &str) -> bool {
    let is_name =
        |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    path == "/" || path.strip_prefix('/').is_some_and(|names| names.split('/').all(is_name))
}

#[cfg(test)]
#[path = "wire_tests.rs"]
mod tests;
