//! How an error is shown: the guilty part underlined, in colour on a terminal alone, as JSON for programs.

use crate::{alone, anybody, refused};
use end_to_end::{Somebody, err, lacks};
use std::process::Output;

/// The text on the line `at:`, and what stands above the carets.
fn underlined(said: &str) -> (String, String) {
    let mut lines = said.lines().skip_while(|line| !line.starts_with("  at:   "));
    let text: Vec<char> = lines.next().unwrap_or_default().chars().skip(8).collect();
    let carets: Vec<char> = lines.next().unwrap_or_default().chars().skip(8).collect();
    let guilty =
        text.iter().zip(&carets).filter(|(_, caret)| **caret == '^').map(|(letter, _)| letter).collect();
    (text.iter().collect(), guilty)
}

#[test]
fn the_guilty_part_of_a_value_is_underlined() {
    let somebody = anybody("underlined");
    for (option, value, code, guilty) in [
        ("-v", "/usr:/b:optoin", "CX1007", "optoin"),
        ("-v", "/größe:b:ro", "CX1007", "b"),
        ("--tmpfs", "/x:size=64q", "CX1005", "q"),
        ("--tmpfs", "/x:mode=7", "CX1008", "mode=7"),
        ("-u", "bin:a/b", "CX1006", "a/b"),
        ("-e", "=x", "CX1004", "="),
        ("--storage-opt", "size=10x", "CX1005", "x"),
        ("--storage-opt", "medium=tape", "CX1002", "tape"),
        ("--hostname", "web.a_b.org", "CX1003", "a_b"),
        ("-w", "/a/../b", "CX1015", ".."),
        ("--security-opt", "seccomp=none", "CX1010", "none"),
    ] {
        let said = refused(&somebody, &[option, value, "true"], 125, code);
        assert_eq!(underlined(&said), (value.to_owned(), guilty.to_owned()), "{said}");
    }
}

#[test]
fn control_characters_reach_no_terminal() {
    let somebody = anybody("escaped");
    let said = refused(&somebody, &["-v", "/\x1b[2J:/b:\n", "true"], 125, "CX1007");
    assert!(!said.contains('\x1b'), "{said}");
    let (text, guilty) = underlined(&said);
    assert_eq!((text.as_str(), guilty.as_str()), (r"/\u{1b}[2J:/b:\n", r"\n"), "{said}");
    let said = refused(&somebody, &["/no/such\x1b[31m\nprogram"], 127, "CX6001");
    assert!(!said.contains('\x1b') && said.lines().all(|line| !line.starts_with("program")), "{said}");
}

/// Runs `containerception WORDS…` with this in the environment.
fn with(somebody: &Somebody, variable: &str, words: &[&str]) -> Output {
    let mut command = somebody.containerception();
    command.args(words).env("CONTAINERCEPTION_ERROR_FORMAT", variable).output().expect("it starts")
}

#[test]
fn a_program_gets_errors_as_one_line_of_json() {
    let somebody = anybody("json");
    let typed = ["run", "-v", "/a:/b:optoin", "true"];
    let option = alone(&somebody, &[&["--error-format", "json"], &typed[..]].concat());
    let variable = with(&somebody, "json", &typed);
    for output in [option, variable] {
        let said = err(&output);
        assert_eq!((output.status.code(), said.lines().count()), (Some(125), 1), "{said}");
        assert!(said.starts_with(r#"{"code":"CX1007","what":""#), "{said}");
        let at = r#""at":{"text":"/a:/b:optoin","start":6,"end":12},"status":125,"more":"containerception explain CX1007"}"#;
        assert!(said.trim_end().ends_with(at), "{said}");
    }
}

#[test]
fn json_holds_for_every_error_and_for_nothing_else() {
    let somebody = anybody("json-always");
    for (words, code) in [
        (&["frobnicate"][..], "CX1001"),
        (&["run", "--frobnicate"], "CX1002"),
        (&[], "CX1002"),
        (&["explain", "CX9999"], "CX1014"),
        (&["run", "/frobnicate"], "CX6001"),
    ] {
        let said = err(&alone(&somebody, &[&["--error-format=json"], words].concat()));
        assert!(said.starts_with(&format!("{{\"code\":\"{code}\"")) && said.lines().count() == 1, "{said}");
    }
    let said = err(&alone(&somebody, &["--error-format=json", "run", "sh", "-c", "echo mine >&2"]));
    assert_eq!(said, "mine\n");
    // After the command the word is the command's.
    let said = err(&alone(&somebody, &["run", "ls", "--error-format=json"]));
    assert!(!said.starts_with('{') && !said.starts_with("error["), "{said}");
}

#[test]
fn a_form_that_does_not_exist_is_told_with_those_that_do() {
    let somebody = anybody("no-format");
    let said = err(&alone(&somebody, &["--error-format", "jsno", "gc"]));
    assert!(said.starts_with("error[CX1002]") && said.contains("did you mean json?"), "{said}");
    let said = err(&with(&somebody, "xml", &["gc"]));
    assert!(said.starts_with("error[CX1002]") && said.contains("text or json"), "{said}");
    assert!(with(&somebody, "", &["gc"]).status.success());
}

/// no-color.org. script(1) gives a terminal.
#[test]
fn colours_are_for_terminals_alone() {
    if lacks("colours", &["script"]) {
        return;
    }
    let somebody = anybody("colours");
    let program = somebody.program();
    let on_terminal = |environment: &str| {
        let line = format!("env -u NO_COLOR -u TERM {environment} {} explain CX0000", program.display());
        let mut command = somebody.command("script");
        let output = command.args(["-qec", &line, "/dev/null"]).current_dir(somebody.home()).output();
        String::from_utf8_lossy(&output.expect("it starts").stdout).into_owned()
    };
    for with in ["TERM=xterm", "TERM=xterm NO_COLOR="] {
        let said = on_terminal(with);
        assert!(
            said.starts_with("\x1b[1;31merror[CX1014]\x1b[0m") && said.contains("\x1b[1mfix:"),
            "{with}: {said}"
        );
    }
    for without in ["TERM=xterm NO_COLOR=1", "TERM=dumb", "NONE="] {
        let said = on_terminal(without);
        assert!(said.starts_with("error[CX1014]") && !said.contains('\x1b'), "{without}: {said}");
    }
    let mut piped = somebody.containerception();
    let output = piped.args(["explain", "CX0000"]).env("TERM", "xterm").output().expect("it starts");
    assert!(!err(&output).contains('\x1b'), "{}", err(&output));
}
