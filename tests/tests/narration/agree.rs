//! Whether a call as it was told is the call that was made.

use crate::{told, trace};

/// What the kernel would know; prose has none of these.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Token {
    /// `"text"`.
    Text(String),
    /// `<path>`: where a descriptor leads.
    Path(String),
    /// `755`, `0755`.
    Number(String),
    /// `MS_REC`.
    Constant(String),
}

/// The constants that say what is made, granted or taken. None of these may be in a call without being told.
const WEIGHTY: &[&str] = &[
    "AT_RECURSIVE",
    "CAP_",
    "CLONE_",
    "FSCONFIG_",
    "IFF_",
    "LOCK_",
    "MNT_",
    "MOUNT_ATTR_",
    "MS_",
    "O_CREAT",
    "O_EXCL",
    "O_TRUNC",
    "OPEN_TREE_CLONE",
    "PR_",
    "RLIMIT_",
    "SECCOMP_",
    "TCSETS",
    "TIOC",
];

/// The arguments of a call as they were told: a part after each comma; what may be in its place; its tokens.
#[derive(Clone, Debug)]
pub struct Said(Vec<Vec<Vec<Token>>>);

impl Said {
    /// Reads them.
    pub fn read(arguments: &str) -> Said {
        Said(parts(arguments).map(alternatives).collect())
    }
}

/// The arguments and the result of a call as they were seen.
#[derive(Clone, Debug)]
pub struct Seen(Vec<Token>);

impl Seen {
    /// Reads them.
    pub fn read(arguments: &str, result: &str) -> Seen {
        Seen(tokens(&format!("{arguments} = {result}")))
    }
}

/// Whether `made` is what `told` says: the same name; each constant, text and number that was told, and texts and
/// numbers in that order; and no weighty constant that was not told. Of things told side by side, one is enough.
pub fn agree(told: &told::Call, made: &trace::Call) -> bool {
    told.name == made.name && all_seen(&told.said.0, &made.seen.0) && all_told(&told.said.0, &made.seen.0)
}

fn parts(arguments: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    arguments.split(move |c| {
        quoted ^= c == '"';
        c == ',' && !quoted
    })
}

/// What stands side by side in a part; what `|` joins is one.
fn alternatives(part: &str) -> Vec<Vec<Token>> {
    let mut quoted = false;
    let words = part.split(move |c| {
        quoted ^= c == '"';
        c == ' ' && !quoted
    });
    words.map(tokens).filter(|tokens| !tokens.is_empty()).collect()
}

fn all_seen(said: &[Vec<Vec<Token>>], seen: &[Token]) -> bool {
    let mut rest = seen;
    said.iter().filter(|part| !part.is_empty()).all(|part| {
        let places = part.iter().filter_map(|one| place(one, rest, seen));
        let Some(next) = places.min() else { return false };
        rest = &rest[next..];
        true
    })
}

/// How much of `rest` is used up when `one` is found: constants may stand anywhere in `seen`.
fn place(one: &[Token], rest: &[Token], seen: &[Token]) -> Option<usize> {
    let mut used = 0;
    for token in one {
        match token {
            Token::Constant(_) => seen.contains(token).then_some(())?,
            _ => used += rest[used..].iter().position(|other| is(token, other))? + 1,
        }
    }
    Some(used)
}

/// A path may be told by its end: strace shows where it lies outside the container.
fn is(told: &Token, seen: &Token) -> bool {
    match (told, seen) {
        (Token::Text(text), Token::Path(path)) => {
            let path = path.trim_end_matches("(deleted)");
            path == text || path.ends_with(&format!("/{}", text.trim_start_matches('/')))
        }
        _ => told == seen,
    }
}

fn all_told(said: &[Vec<Vec<Token>>], seen: &[Token]) -> bool {
    let weighty = |token: &&Token| matches!(token, Token::Constant(name) if WEIGHTY.iter().any(|begin| name.starts_with(begin)));
    seen.iter().filter(weighty).all(|token| said.iter().flatten().flatten().any(|told| told == token))
}

fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (token, length) = token(rest, first);
        found.extend(token);
        rest = &rest[length..];
    }
    found
}

/// The token at the beginning of `text`, if there is one, and how long it is.
fn token(text: &str, first: char) -> (Option<Token>, usize) {
    let until = |end: &str| text[1..].find(end).map_or(text.len(), |at| at + 1 + end.len());
    match first {
        '"' => {
            let length = quoted(text);
            (Some(Token::Text(text[1..length - 1].to_owned())), length)
        }
        '/' if text.starts_with("/*") => (None, until("*/")),
        // `1<<CAP_CHOWN`
        '<' if text.starts_with("<<") => (None, 2),
        '<' => {
            let length = until(">");
            (Some(Token::Path(text[1..length].trim_end_matches('>').to_owned())), length)
        }
        '0'..='9' => number(text),
        'a'..='z' | 'A'..='Z' | '_' => {
            let word = word(text);
            let constant = !word.contains(|c: char| c.is_ascii_lowercase());
            (constant.then(|| Token::Constant(word.to_owned())), word.len())
        }
        other => (None, other.len_utf8()),
    }
}

fn word(text: &str) -> &str {
    &text[..text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len())]
}

/// The length of the quoted text at the beginning, with its quotes.
fn quoted(text: &str) -> usize {
    let mut escaped = true;
    let end = text.char_indices().find(|(_, c)| {
        let end = *c == '"' && !escaped;
        escaped = *c == '\\' && !escaped;
        if c == &'"' && !end {
            escaped = false;
        }
        end
    });
    end.map_or(text.len(), |(at, _)| at + 1)
}

/// strace writes multiples of 1024 in limits as `2*1024`.
fn number(text: &str) -> (Option<Token>, usize) {
    let digits = word(text);
    let times = text[digits.len()..].starts_with("*1024");
    match digits.parse::<u64>() {
        Ok(value) if times => (Some(Token::Number((value * 1024).to_string())), digits.len() + 5),
        _ => (Some(Token::Number(digits.to_owned())), digits.len()),
    }
}
