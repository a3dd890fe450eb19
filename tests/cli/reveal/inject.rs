//! `inject`: templates, their references, and what is written where.

use serde_json::{Value, json};

use crate::support::env::{TestEnv, mode_of};

/// A value that every kind of quoting has to get right.
const NASTY: &str = "it's $HOME \"and\" `id`\n\\two #3 = {x} !";

fn vault() -> TestEnv {
    TestEnv::copied("for templates", |env| {
        let add = ["add", "acme/wp", "-u", "admin", "--field", "account id=42"];
        env.call(&add).stdin("hunter2").ok();
        env.add("acme/prod/db main", NASTY);
    })
}

#[test]
fn references_in_braces_become_what_they_stand_for() {
    let env = vault();
    let template = "user={{ vault://acme/wp#username }} pass={{vault://acme/wp}}\n\
                    id={{ vault://acme/wp#account%20id }}\n";
    let injected = env.call(&["inject"]).stdin(template).ok();
    injected
        .prints("user=admin pass=hunter2\nid=42\n")
        .silently();
}

#[test]
fn everything_else_is_left_as_it_is() {
    let env = vault();
    let template = b"\xff{{ .Values.x }} {{{ vault://acme/wp }}} {{ \"{{\" }} }}\r\n\0";
    let injected = env.call(&["inject"]).stdin(template).ok();
    assert_eq!(
        injected.bytes(),
        b"\xff{{ .Values.x }} {hunter2} {{ }}\r\n\0"
    );
    let plain = env.call(&["inject"]).stdin("a { b }").ok();
    plain.prints("a { b }").tells("no {{ vault://");
}

#[test]
fn a_file_is_read_and_a_new_one_is_written_for_its_owner_alone() {
    let env = vault();
    let template = env.file("config.tpl", "password: {{ vault://acme/wp }}\n");
    let out = env.path("config.yml");
    let args = ["inject", "-i", &template, "-o", &out];
    env.call(&args).ok().prints("").hides("hunter2");
    let written = std::fs::read_to_string(&out).unwrap();
    assert_eq!(written, "password: hunter2\n");
    assert_eq!(mode_of(out.as_ref()), 0o600);
    std::fs::write(&out, "mine").unwrap();
    env.call(&args).fails(7).says("config.yml");
    assert_eq!(std::fs::read_to_string(&out).unwrap(), "mine");
    let json = env.path("json.yml");
    let answer = env.call(&["inject", "-i", &template, "--out", &json, "--json"]);
    assert_eq!(answer.ok().json()["ok"], true);
}

#[test]
fn what_is_not_found_leaves_nothing_behind() {
    let env = vault();
    let out = env.path("config.yml");
    for reference in [
        "vault://acme/wq",
        "vault://acme/wp#token",
        "vault://acme/wp#totp",
        "vault://globex/wp",
    ] {
        let template = format!("{{{{ vault://acme/wp }}}} {{{{ {reference} }}}}");
        let call = env.call(&["inject", "-o", &out]).stdin(&template);
        call.fails(3).hides("hunter2");
        env.call(&["inject"]).stdin(&template).fails(3);
    }
    let left: Vec<_> = std::fs::read_dir(env.work()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
    env.call(&["log", "--json"]).ok().hides("reveal");
}

#[test]
fn what_is_no_reference_is_refused_with_its_line() {
    let env = vault();
    for (template, reason) in [
        ("a\nb {{ vault://acme }}", "line 2: "),
        ("{{ vault:acme/wp }}", "line 1: "),
        ("{{ vault://acme/wp | yaml }}", "raw, dotenv, json, shell"),
        ("{{ vault://acme/wp", "not closed"),
    ] {
        env.call(&["inject"]).stdin(template).fails(2).says(reason);
        let file = env.file("template", template);
        let unasked = env.call(&["inject", "-i", &file]).no_password();
        unasked.fails(2).says(reason);
    }
    env.call(&["inject", "-i", "nowhere"])
        .fails(2)
        .says("nowhere");
    let json = env.call(&["inject", "--json"]).stdin("x").fails(2).json();
    assert_eq!(json["hint"], "write it to a file: --out FILE");
    env.call(&["inject", "--quote", "yaml"])
        .fails(2)
        .says("json");
}

#[test]
fn too_much_is_refused_before_it_is_made() {
    let env = vault();
    let large = vec![b'x'; (1 << 20) + 1];
    env.call(&["inject"]).stdin(&large).fails(2).says("1 MiB");
    let file = env.file("large", &large);
    env.call(&["inject", "-i", &file]).fails(2).says("limit");
    env.add("acme/large", &"x".repeat(1 << 20));
    let many = "{{ vault://acme/large }}".repeat(17);
    env.call(&["inject"]).stdin(many).fails(2).says("16 MiB");
}

#[test]
fn a_quoted_value_reads_back_in_a_shell_and_in_json() {
    let env = vault();
    let name = "vault://acme/prod/db%20main";
    let dotenv = format!("A={{{{ {name} | dotenv }}}}\nB={{{{ vault://acme/wp|dotenv }}}}\n");
    let dotenv = env.call(&["inject"]).stdin(dotenv).ok();
    let file = env.file("values.env", dotenv.bytes());
    let shells = ["sh", "bash", "bash --posix"];
    for shell in shells {
        let script = format!("{shell} -c 'set -a; . {file}; printf %s:%s \"$A\" \"$B\"'");
        env.shell(&script).ok().prints(&format!("{NASTY}:hunter2"));
    }
    let script = format!("set -- {{{{ {name} | shell }}}}\nprintf '%s|' \"$@\"\n");
    let script = env.call(&["inject"]).stdin(script).ok();
    let file = env.file("script.sh", script.bytes());
    env.shell(&format!("sh {file}"))
        .ok()
        .prints(&format!("{NASTY}|"));
    let template = format!("{{\"a\": {{{{ {name} | json }}}}}}");
    let made = env.call(&["inject"]).stdin(template).ok().json();
    assert_eq!(made, json!({"a": NASTY}));
}

#[test]
fn one_option_quotes_all_that_say_nothing() {
    let env = vault();
    let template = "A={{ vault://acme/prod/db%20main }}\nB={{ vault://acme/wp | raw }}\n";
    let args = ["inject", "--quote", "shell"];
    let quoted = NASTY.replace('\'', "'\\''");
    let injected = env.call(&args).stdin(template).ok();
    injected.prints(&format!("A='{quoted}'\nB=hunter2\n"));
}

#[test]
fn what_inject_writes_run_reads_back() {
    let env = vault();
    let template = "A={{ vault://acme/prod/db%20main }}\nB={{ vault://acme/wp }}\n";
    let out = env.path(".env");
    let args = ["inject", "--quote", "dotenv", "-o", &out];
    env.call(&args).stdin(template).ok();
    let print = "printf '%s:%s' \"$A\" \"$B\"";
    let args = ["run", "--env-file", &out, "--", "sh", "-c", print];
    env.call(&args).ok().prints(&format!("{NASTY}:hunter2"));
}

#[test]
fn each_secret_is_one_reveal_and_what_is_visible_is_none() {
    let env = vault();
    let template = "{{ vault://acme/wp }} {{ vault://acme/wp }} {{ vault://acme/wp#username }}";
    env.call(&["inject"]).stdin(template).ok();
    let log = env.call(&["log", "--json"]).ok();
    log.hides("hunter2").hides("admin");
    let reveals: Vec<Value> = log.json().as_array().unwrap().clone();
    let reveals: Vec<_> = reveals.iter().filter(|e| e["action"] == "reveal").collect();
    assert_eq!(reveals.len(), 1);
    let detail = json!({"what": "secret", "version": 1, "via": "inject"});
    assert_eq!(reveals[0]["detail"], detail);
}

#[test]
fn the_password_and_the_template_may_share_stdin() {
    let env = vault();
    let script = format!(
        "(cat {}; echo; echo '{{{{ vault://acme/wp }}}}') | vault --password-fd 0 inject",
        env.password_file().display()
    );
    env.shell(&script).ok().prints("hunter2\n");
}
