//! The book is true: what its pages show is what one sees who types it.

mod page;
mod play;
mod shown;

use end_to_end::{Kind, Somebody, lacks, skip};
use page::{Block, Page, pages};
use std::path::Path;

/// More than so many blocks that nobody runs, and the book is no longer tested.
const FEW: usize = 4;

fn book() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/book/src"))
}

#[test]
fn what_the_pages_show_is_what_one_sees() {
    let (mut wrong, mut skipped, mut played) = (Vec::new(), 0, 0);
    for page in pages(book()) {
        let mut cast = Cast::default();
        for block in &page.blocks {
            if let Some(reason) = &block.skip {
                skip("book", &format!("{}:{}: {reason}", page.name, block.line));
                skipped += 1;
                continue;
            }
            if block.needs.as_deref().is_some_and(is_missing) {
                continue;
            }
            let Some(somebody) = cast.who(&page, block) else { continue };
            played += 1;
            let place = format!("docs/book/src/{}:{}", page.name, block.line);
            wrong.extend(play::play(somebody, block).err().map(|what| format!("{place}\n{what}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(skipped <= FEW, "{skipped} blocks are skipped");
    println!("{played} blocks were played");
}

/// Who types on a page: each has one directory for all of the page.
#[derive(Default)]
struct Cast {
    root: Option<Option<Somebody>>,
    user: Option<Option<Somebody>>,
}

impl Cast {
    /// The one whom the block asks for; `None`, told once a page, where whoever runs the tests cannot be that.
    fn who(&mut self, page: &Page, block: &Block) -> Option<&Somebody> {
        let name = format!("book-{}", page.name.trim_end_matches(".md").replace('/', "-"));
        let (place, kind) =
            if block.by_user { (&mut self.user, Kind::Range) } else { (&mut self.root, Kind::Root) };
        place.get_or_insert_with(|| Somebody::only(kind, &name)).as_ref()
    }
}

#[test]
fn the_contents_name_every_page() {
    let contents = std::fs::read_to_string(book().join("SUMMARY.md")).expect("the table of contents");
    for page in pages(book()).iter().filter(|page| page.name != "SUMMARY.md") {
        assert!(contents.contains(&format!("]({})", page.name)), "{} is in no table of contents", page.name);
    }
}

/// Whether this machine lacks what a block needs: a program, or the memory controller in a hierarchy of v1.
fn is_missing(need: &str) -> bool {
    if need != "cgroup-v1" {
        return lacks("book", &[need]);
    }
    let missing = !Path::new("/sys/fs/cgroup/memory/memory.limit_in_bytes").exists();
    if missing {
        skip("book", "the memory controller is in no hierarchy of v1");
    }
    missing
}
