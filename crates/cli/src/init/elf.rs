//! What one ELF file asks of the dynamic loader.
//!
//! Reads what the loader reads, by program headers (section headers may be stripped), and never more than the limits
//! below: a program that somebody names may be damaged or made to hurt. Nothing is executed: `ldd` runs the loader.

use super::bytes::{invalid, read_exactly, read_up_to, until_nul};
use elf::ParseError;
use elf::abi::{
    DT_NEEDED, DT_NULL, DT_RPATH, DT_RUNPATH, DT_STRSZ, DT_STRTAB, PT_DYNAMIC, PT_INTERP, PT_LOAD,
};
use elf::dynamic::DynamicTable;
use elf::endian::{AnyEndian, EndianParse};
use elf::file::{Class, FileHeader, parse_ident};
use elf::parse::ParseAt;
use elf::segment::{ProgramHeader, SegmentTable};
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::PathBuf;

/// The file header of the larger class.
const HEADER: usize = 64;
/// The kernel refuses more than 64 KiB of program headers (`load_elf_phdrs`).
const MAX_SEGMENTS: usize = 65_536;
/// Real dynamic sections have some dozens of entries of 16 bytes.
const MAX_DYNAMIC: u64 = 1 << 20;
/// `PATH_MAX` bounds the interpreter; lists of directories can be longer.
const MAX_STRING: u64 = 1 << 16;
/// Names of libraries in one file.
const MAX_NEEDED: usize = 4096;

/// What must match for the loader to accept a library: others it passes over in its search (ld.so(8)).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Machine {
    wide: bool,
    little: bool,
    e_machine: u16,
}

/// What one file asks for. Lists of directories are raw: `$ORIGIN` and colons are the search's business.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Elf {
    /// For which machine it is.
    pub machine: Machine,
    /// The loader, `PT_INTERP`. None in a library and in a statically linked program.
    pub interpreter: Option<PathBuf>,
    /// The libraries, `DT_NEEDED`, in the order of the file.
    pub needed: Vec<OsString>,
    /// `DT_RPATH`.
    pub rpath: Option<OsString>,
    /// `DT_RUNPATH`.
    pub runpath: Option<OsString>,
}

impl Elf {
    /// Reads the file, or returns None where it does not begin as an ELF file does.
    ///
    /// # Errors
    /// `InvalidData` for a file that contradicts itself, `UnexpectedEof` for one that was cut off, and what `pread(2)`
    /// reports.
    pub fn read(file: &File) -> io::Result<Option<Self>> {
        let head = read_up_to(file, 0, HEADER as u64)?;
        if !head.starts_with(&elf::abi::ELFMAGIC) {
            return Ok(None);
        }
        if head.len() < elf::abi::EI_NIDENT {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let (ident, tail) = head.split_at(elf::abi::EI_NIDENT);
        let header = FileHeader::parse_tail(parse_ident::<AnyEndian>(ident).map_err(damaged)?, tail)
            .map_err(damaged)?;
        Reader { file, header, segments: Vec::new() }.read().map(Some)
    }
}

struct Reader<'a> {
    file: &'a File,
    header: FileHeader<AnyEndian>,
    segments: Vec<ProgramHeader>,
}

impl Reader<'_> {
    fn read(mut self) -> io::Result<Elf> {
        self.segments = self.program_headers()?;
        let mut found = Elf {
            machine: self.machine(),
            interpreter: self.interpreter()?,
            needed: Vec::new(),
            rpath: None,
            runpath: None,
        };
        if let Some(dynamic) = self.segment(PT_DYNAMIC) {
            self.dynamic(dynamic, &mut found)?;
        }
        Ok(found)
    }

    fn machine(&self) -> Machine {
        Machine {
            wide: self.header.class == Class::ELF64,
            little: self.header.endianness.is_little(),
            e_machine: self.header.e_machine,
        }
    }

    fn program_headers(&self) -> io::Result<Vec<ProgramHeader>> {
        let (class, size) = (self.header.class, ProgramHeader::size_for(self.header.class));
        if self.header.e_phnum == 0 {
            return Ok(Vec::new());
        }
        let length = size * usize::from(self.header.e_phnum);
        if usize::from(self.header.e_phentsize) != size || length > MAX_SEGMENTS {
            return Err(invalid("its program headers have an impossible size"));
        }
        let table = read_exactly(self.file, self.header.e_phoff, length as u64)?;
        Ok(SegmentTable::new(self.header.endianness, class, &table).iter().collect())
    }

    fn segment(&self, p_type: u32) -> Option<&ProgramHeader> {
        self.segments.iter().find(|segment| segment.p_type == p_type)
    }

    fn interpreter(&self) -> io::Result<Option<PathBuf>> {
        let Some(segment) = self.segment(PT_INTERP) else { return Ok(None) };
        let text = read_up_to(self.file, segment.p_offset, segment.p_filesz.min(MAX_STRING))?;
        Ok(Some(until_nul(&text)?.into()))
    }

    fn dynamic(&self, segment: &ProgramHeader, found: &mut Elf) -> io::Result<()> {
        if segment.p_filesz > MAX_DYNAMIC {
            return Err(invalid("its dynamic section is too long"));
        }
        let bytes = read_exactly(self.file, segment.p_offset, segment.p_filesz)?;
        let entries: Vec<(i64, u64)> = DynamicTable::new(self.header.endianness, self.header.class, &bytes)
            .iter()
            .map(|entry| (entry.d_tag, entry.d_val()))
            .take_while(|(tag, _)| *tag != DT_NULL)
            .collect();
        let Some(strings) = self.strings(&entries)? else { return Ok(()) };
        for (tag, value) in entries {
            match tag {
                DT_NEEDED if found.needed.len() < MAX_NEEDED => found.needed.push(strings.at(value)?),
                DT_NEEDED => return Err(invalid("it needs too many libraries")),
                DT_RPATH => found.rpath = Some(strings.at(value)?),
                DT_RUNPATH => found.runpath = Some(strings.at(value)?),
                _ => {}
            }
        }
        Ok(())
    }

    /// The string table of the dynamic section: its address, as loaded, leads through the segment that holds it.
    fn strings(&self, entries: &[(i64, u64)]) -> io::Result<Option<Strings<'_>>> {
        let value = |wanted| entries.iter().find(|(tag, _)| *tag == wanted).map(|(_, value)| *value);
        let (Some(address), Some(size)) = (value(DT_STRTAB), value(DT_STRSZ)) else { return Ok(None) };
        let offset = self
            .segments
            .iter()
            .filter(|segment| segment.p_type == PT_LOAD)
            .find_map(|segment| {
                let within =
                    address.checked_sub(segment.p_vaddr).filter(|within| *within < segment.p_filesz)?;
                segment.p_offset.checked_add(within)
            })
            .ok_or_else(|| invalid("its string table lies in no segment"))?;
        Ok(Some(Strings { file: self.file, offset, size }))
    }
}

struct Strings<'a> {
    file: &'a File,
    offset: u64,
    size: u64,
}

impl Strings<'_> {
    /// Reads one string, not the table: some libraries have megabytes of symbol names.
    fn at(&self, within: u64) -> io::Result<OsString> {
        let left = self
            .size
            .checked_sub(within)
            .ok_or_else(|| invalid("a name lies outside of its string table"))?;
        let offset =
            self.offset.checked_add(within).ok_or_else(|| invalid("a name lies beyond all addresses"))?;
        until_nul(&read_up_to(self.file, offset, left.min(MAX_STRING))?)
    }
}

fn damaged(error: ParseError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error.to_string())
}
