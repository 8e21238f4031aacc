//! What is generated from the options: completion scripts and man pages.

use end_to_end::{Kind, Somebody, err, lacks, out, skip};
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

/// The directory of a test, and in it the script for `shell`.
fn script(shell: &str, test: &str) -> (Somebody, PathBuf) {
    let kinds = Kind::of_caller().expect("the caller is known");
    let somebody = Somebody::new(kinds[0], test);
    let output = somebody.containerception().args(["completions", shell]).output().expect("it starts");
    assert!(output.status.success(), "{}", err(&output));
    let path = somebody.home().join(format!("script.{shell}"));
    fs::write(&path, &output.stdout).expect("a file");
    (somebody, path)
}

/// What `shell` says to `line`, which may use the program by its name.
fn says(somebody: &Somebody, shell: &str, line: &str) -> Output {
    let path = format!(
        "{}:/usr/local/bin:/usr/bin:/bin",
        somebody.program().parent().expect("a directory").display()
    );
    Command::new(shell)
        .args(["-c", line])
        .env("PATH", path)
        .current_dir(somebody.home())
        .output()
        .expect("a shell")
}

#[test]
fn each_completion_script_can_be_read_by_its_shell() {
    for shell in ["bash", "fish", "zsh"] {
        let test = format!("completions-{shell}");
        if lacks(&test, &[shell]) {
            continue;
        }
        let (somebody, path) = script(shell, &test);
        let output =
            Command::new(shell).arg("-n").arg(&path).current_dir(somebody.home()).output().expect("a shell");
        assert_eq!((output.status.code(), err(&output).as_str()), (Some(0), ""), "{shell}");
    }
}

/// What bash would offer for the words, of which the last is being typed (bash(1), "Programmable Completion").
const BASH: &str = r#"
source script.bash
offered() {
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
    local function=$(complete -p containerception | sed 's/.* -F \([^ ]*\) .*/\1/')
    "$function" containerception "${@: -1}" "${@: -2:1}"
    echo "${COMPREPLY[*]}"
}
"#;

#[test]
fn bash_completes_commands_options_and_values() {
    if lacks("completions-in-bash", &["bash"]) {
        return;
    }
    let (somebody, _) = script("bash", "completions-in-bash");
    for (words, offered) in [
        ("r", "run resume rm"),
        ("ru", "run"),
        ("run --net", "--network"),
        ("run --network ''", "none host parent"),
        ("--error-format j", "json"),
        ("run --memory-h", "--memory-high"),
        ("comp", ""),
    ] {
        let output = says(&somebody, "bash", &format!("{BASH} offered containerception {words}"));
        assert_eq!((out(&output).trim(), err(&output).as_str()), (offered, ""), "{words}");
    }
}

#[test]
fn bash_completes_names_of_containers_where_there_are_some() {
    if lacks("names-in-bash", &["bash"]) {
        return;
    }
    let (somebody, _) = script("bash", "names-in-bash");
    let running = r#"containerception() { [ "$*" = "ps --format names" ] && printf 'web-1\nweb-2\ndb\n'; }"#;
    let broken = "containerception() { echo noise >&2; return 125; }";
    for (program, words, offered) in [
        (running, "exec w", "web-1 web-2"),
        (running, "kill ''", "web-1 web-2 db"),
        (running, "exec db w", ""),
        (running, "rm w", ""),
        (broken, "exec w", ""),
    ] {
        let output = says(&somebody, "bash", &format!("{BASH} {program}\noffered containerception {words}"));
        assert_eq!((out(&output).trim(), err(&output).as_str()), (offered, ""), "{words}");
    }
}

#[test]
fn fish_completes_commands_and_names() {
    if lacks("completions-in-fish", &["fish"]) {
        return;
    }
    let (somebody, _) = script("fish", "completions-in-fish");
    let running =
        "function containerception; string match -q 'ps --format names' \"$argv\"; and echo web-1; end";
    for (line, offered) in [("containerception ru", "run"), ("containerception exec w", "web-1")] {
        let output = says(&somebody, "fish", &format!("source script.fish; {running}; complete -C '{line}'"));
        let words = out(&output);
        assert_eq!((words.split_whitespace().next(), err(&output).as_str()), (Some(offered), ""), "{line}");
    }
}

#[test]
fn zsh_takes_the_function_with_the_names() {
    if lacks("completions-in-zsh", &["zsh"]) {
        return;
    }
    let (somebody, _) = script("zsh", "completions-in-zsh");
    let line = "autoload -U compinit; compinit -D -u; source script.zsh; print $_comps[containerception]; \
                whence -w _containerception_options; whence -f _containerception";
    let output = says(&somebody, "zsh", line);
    let said = out(&output);
    assert!(
        said.starts_with("_containerception\n_containerception_options: function\n"),
        "{said}{}",
        err(&output)
    );
    assert!(said.contains("ps --format names"), "{said}");
}

/// The program that writes the man pages lies beside the tests, whoever builds all of them.
fn pages(test: &str) -> Option<(Somebody, PathBuf)> {
    let this = std::env::current_exe().expect("the path of this test");
    let program = this.ancestors().nth(2).expect("a profile's directory").join("examples/man");
    if !program.exists() {
        skip(test, "the example man is not built (cargo build --package containerception --example man)");
        return None;
    }
    let kinds = Kind::of_caller().expect("the caller is known");
    let somebody = Somebody::new(kinds[0], test);
    let directory = somebody.home().join("man");
    let status = Command::new(program).arg(&directory).env("SOURCE_DATE_EPOCH", "0").status();
    assert!(status.is_ok_and(|status| status.success()));
    Some((somebody, directory))
}

#[test]
fn there_is_a_man_page_for_each_command() {
    let Some((somebody, directory)) = pages("man-pages") else { return };
    let help = out(&somebody.containerception().arg("--help").output().expect("it starts"));
    let commands =
        help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = commands.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help");
    let mut expected: Vec<String> = names.map(|name| format!("containerception-{name}.1")).collect();
    expected.push("containerception.1".to_owned());
    let found: Vec<String> = fs::read_dir(&directory)
        .expect("a directory")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    let missing: Vec<_> = expected.iter().filter(|page| !found.contains(page)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let run = fs::read_to_string(directory.join("containerception-run.1")).expect("a page");
    assert!(
        run.contains("1970-01-01") && run.contains(r"\-\-rootfs") && run.contains(r"\-\-memory"),
        "{run}"
    );
}

#[test]
fn a_man_page_has_no_mistake() {
    let Some((_somebody, directory)) = pages("man-lint") else { return };
    for (program, options) in
        [("mandoc", &["-T", "lint", "-W", "warning"][..]), ("groff", &["-man", "-ww", "-Tutf8"])]
    {
        if lacks("man-lint", &[program]) {
            continue;
        }
        for entry in fs::read_dir(&directory).expect("a directory") {
            let page = entry.expect("an entry").path();
            let output = Command::new(program).args(options).arg(&page).output().expect("it starts");
            let said = out(&output) + &err(&output);
            let warned = said
                .lines()
                .any(|line| line.contains("WARNING") || line.contains("ERROR") || line.contains("warning"));
            assert!(output.status.success() && !warned, "{program}: {}: {said}", page.display());
        }
    }
}
