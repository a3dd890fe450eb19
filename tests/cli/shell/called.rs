//! The program under another name, beside another vault: what it says to type is typed with that.

use crate::support::env::TestEnv;

/// A link to the program by the name `fv`, and a line that is run where it is found.
fn by_another_name(line: &str) -> String {
    format!("ln -s \"$(command -v vault)\" fv; PATH=\"$PWD:$PATH\"; {line}")
}

#[test]
fn messages_and_hints_have_the_name_it_was_called_by() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    let locked = env
        .shell(&by_another_name("fv --no-input get acme/wp"))
        .no_password()
        .fails(9);
    locked.says("fv: ").says("fv unlock").hides(" vault unlock");
    let wrong = env.shell("./fv gett acme/wp").fails(2);
    wrong.says("fv: ").says("fv get");
    let elsewhere = env.path("other.age");
    let line = format!("./fv --vault '{elsewhere}' list");
    env.shell(&line).fails(3).says("fv: ").says("fv --vault ");
    let name = "'my vault'";
    let odd = format!("ln -s fv {name}; ./{name} gett");
    env.shell(&odd).fails(2).says("vault: ");
}

#[test]
fn a_shell_completes_that_name() {
    let env = TestEnv::new();
    let line = "eval \"$(fv completions bash)\"; complete -p fv; COMP_LINE='fv ro'; \
                COMP_POINT=5; _vault; printf '%s\\n' \"${COMPREPLY[@]}\"";
    let done = env.shell(&by_another_name(line)).no_password().ok();
    done.silently().shows("-F _vault fv").shows("rotate\n");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = env.shell(&format!("./fv completions {shell}")).ok();
        script.shows("fv").hides(" vault ").hides("[vault]");
    }
}

#[test]
fn help_has_examples_for_that_name() {
    let env = TestEnv::new();
    let help = env
        .shell(&by_another_name("fv help scan"))
        .no_password()
        .ok();
    help.shows("Usage: fv scan")
        .shows("  fv scan --staged")
        .hides("vault scan");
    for line in ["fv scan --help", "fv scan -h", "fv --help", "fv help --all"] {
        let help = env
            .shell(&format!("PATH=\"$PWD:$PATH\"; {line}"))
            .no_password()
            .ok();
        help.shows("fv ").hides("Usage: vault").hides("vault help");
    }
    let topic = env.shell("./fv help programs").no_password().ok();
    topic.shows("RESTIC_PASSWORD_COMMAND='fv get acme/restic'");
    topic
        .shows("$ fv unlock")
        .shows("fv -q code")
        .hides(" vault run");
    let page = env.shell("./fv man").no_password().ok();
    page.shows("vault").hides("fv ");
}

#[test]
fn the_tour_ends_with_what_to_type_by_that_name() {
    let env = TestEnv::new();
    let told = env.shell(&by_another_name("fv tour --all"));
    let told = told.no_password().ok();
    told.shows("\n  fv add acme/wordpress ")
        .shows("\n  fv help ");
    // The story has a home of its own, where it is called as ever.
    told.shows("$ vault init ");
}
