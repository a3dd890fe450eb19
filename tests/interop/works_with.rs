//! The table of `vault help programs`: each line is tried as it stands there, with the program that it
//! is about. chezmoi is in no registry that the tests reach; the table says so.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use super::database::DatabaseServer;
use crate::support::env::{TestEnv, mode};

const PROGRAMS: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/src/help/topics/programs.txt"
));
const SECRET: &str = "it's \"one\" $ecret";

/// What stands in the table behind the name of a program.
fn line(program: &str) -> &'static str {
    let start = format!("  {program} ");
    let (_, table) = PROGRAMS.split_once("\nWorks with:\n").unwrap();
    let line = table.lines().find_map(|line| line.strip_prefix(&start));
    line.unwrap_or_else(|| panic!("no {program}")).trim()
}

/// A vault that is unlocked, with entries as the table names them.
fn unlocked() -> TestEnv {
    let names = ["restic", "borg", "rclone", "mail", "ansible"];
    let entries = names.map(|name| format!("acme/{name}"));
    let entries: Vec<_> = entries.iter().map(|path| (path.as_str(), SECRET)).collect();
    let env = TestEnv::with(&entries);
    env.call(&["unlock"]).ok();
    env
}

#[track_caller]
fn works(env: &TestEnv, script: &str) -> String {
    let done = env.shell(&format!("set -eu; {script}")).no_password().ok();
    done.text().to_owned()
}

#[test]
#[ignore = "needs restic and borg; .ci/run runs it"]
fn backup_programs_take_the_password_of_their_repository() {
    let env = unlocked();
    env.file("page.html", "hello");
    let restic = line("restic");
    works(
        &env,
        &format!(
            "export {restic} RESTIC_REPOSITORY=$PWD/restic; restic -q init; \
             restic -q backup page.html; restic -q restore latest --target back; \
             cmp page.html back/page.html"
        ),
    );
    let other = "RESTIC_REPOSITORY=$PWD/restic RESTIC_PASSWORD=other restic -q snapshots";
    assert_ne!(env.shell(other).run().code, Some(0));
    let mut lines = PROGRAMS.lines();
    let marked = lines.find(|line| line.starts_with("vault run --env RESTIC_PASSWORD="));
    let marked = marked.unwrap().trim_end_matches('.');
    env.call(&["edit", "acme/restic", "--use-only"]).ok();
    let listed = works(
        &env,
        &format!("export RESTIC_REPOSITORY=$PWD/restic; {marked}"),
    );
    assert!(listed.contains("1 snapshots"), "{listed}");
    let borg = line("borg");
    works(
        &env,
        &format!(
            "export {borg} BORG_BASE_DIR=$PWD/of-borg; borg init -e repokey borg; \
             borg create borg::one page.html; borg list --short borg"
        ),
    );
    let other = "BORG_BASE_DIR=$PWD/of-borg BORG_PASSPHRASE=other borg list borg";
    assert_ne!(env.shell(other).run().code, Some(0));
}

#[test]
#[ignore = "needs rclone; .ci/run runs it"]
fn rclone_opens_its_encrypted_settings() {
    let env = unlocked();
    let settings = "export RCLONE_CONFIG=$PWD/rclone.conf";
    let made = format!("{settings}; rclone -q config create there local");
    works(&env, &made);
    let mut terminal = env.terminal(&format!("{settings}; rclone config"));
    terminal.sees("c/s/q> ").types("s").sees("a/q> ").types("a");
    terminal.sees("password:").types(SECRET);
    terminal.sees("password:").types(SECRET);
    terminal
        .sees("c/u/q> ")
        .types("q")
        .sees("c/s/q> ")
        .types("q");
    terminal.ends();
    let kept = fs::read_to_string(env.path("rclone.conf")).unwrap();
    assert!(kept.contains("RCLONE_ENCRYPT_V0"), "{kept}");
    let script = format!("{settings} {}; rclone listremotes", line("rclone"));
    assert_eq!(works(&env, &script), "there:\n");
}

/// A server for mails, ended with the test.
struct MailServer {
    child: Child,
    out: BufReader<ChildStdout>,
    port: String,
}

impl MailServer {
    fn start(env: &TestEnv, kind: &str) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/mail_server.py");
        let password = env.file("password of the mails", SECRET);
        let mut child = Command::new("python3")
            .args([script, kind, "jo", &password])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let mut server = Self {
            child,
            out,
            port: String::new(),
        };
        server.port = server.says();
        server
    }

    fn says(&mut self) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
#[ignore = "needs msmtp; .ci/run runs it"]
fn msmtp_sends_a_mail() {
    let env = unlocked();
    let mut server = MailServer::start(&env, "smtp");
    let settings = format!(
        "account default\nhost 127.0.0.1\nport {}\ntls off\nauth plain\nfrom jo@acme.example\nuser jo\n{}\n",
        server.port,
        line("msmtp")
    );
    let file = env.file("msmtprc", settings);
    fs::set_permissions(file, mode(0o600)).unwrap();
    works(
        &env,
        "printf 'Subject: x\\n\\nhello\\n' | msmtp -C msmtprc bob@acme.example",
    );
    assert_eq!(server.says(), "login ok");
    assert_eq!(server.says(), "mail taken");
}

#[test]
#[ignore = "needs mbsync; .ci/run runs it"]
fn isync_reads_a_mailbox() {
    let env = unlocked();
    let mut server = MailServer::start(&env, "imap");
    let settings = format!(
        "IMAPStore there\nHost 127.0.0.1\nPort {}\nUser jo\n{}\nSSLType None\nAuthMechs LOGIN\n\n\
         MaildirStore here\nPath ./mails/\nInbox ./mails/inbox\n\n\
         Channel all\nFar :there:\nNear :here:\nPatterns INBOX\nCreate Near\nSyncState *\n",
        server.port,
        line("isync")
    );
    env.file("mbsyncrc", settings);
    works(&env, "mkdir mails; mbsync -c mbsyncrc all");
    assert_eq!(server.says(), "login ok");
}

#[test]
#[ignore = "needs ansible; .ci/run runs it"]
fn ansible_decrypts_its_variables() {
    let env = unlocked();
    let (setting, program) = line("Ansible").split_once(" with ").unwrap();
    let path = setting.split_once('=').unwrap().1;
    let lines = program.split(" and ").map(|it| it.trim_matches('`'));
    let file = env.file(
        path.trim_start_matches("./"),
        lines.collect::<Vec<_>>().join("\n") + "\n",
    );
    fs::set_permissions(file, mode(0o700)).unwrap();
    env.file("vars.yml", "key: value\n");
    let script = format!(
        "export {setting} ANSIBLE_LOCAL_TEMP=$PWD/of-ansible; ansible-vault encrypt vars.yml >/dev/null 2>&1; \
         grep -q ANSIBLE_VAULT vars.yml; ansible-vault view vars.yml"
    );
    assert_eq!(works(&env, &script), "key: value\n");
}

#[test]
#[ignore = "needs sops and age-keygen; .ci/run runs it"]
fn sops_finds_its_age_key() {
    let env = unlocked();
    let sops = std::env::var("VAULT_SOPS").expect("VAULT_SOPS: the program sops");
    let script = format!(
        "age-keygen 2>/dev/null | vault add acme/sops --quiet; \
         recipient=$(vault get acme/sops | age-keygen -y -); printf 'a: secret\\n' > in.yaml; \
         '{sops}' --disable-version-check -e --age \"$recipient\" in.yaml > out.yaml; \
         ! grep -q 'a: secret' out.yaml; export {}; '{sops}' --disable-version-check -d out.yaml",
        line("sops")
    );
    env.call(&["lock"]).ok();
    assert_eq!(
        env.shell(&format!("set -eu; {script}")).ok().text(),
        "a: secret\n"
    );
}

#[test]
#[ignore = "needs direnv; .ci/run runs it"]
fn direnv_sets_variables() {
    let env = unlocked();
    let lines = "one\ntwo 'quoted' $HOME\nthree";
    env.call(&["add", "acme/lines"]).stdin(lines).ok();
    let template = "# what the shop needs\n\nMAIL={{ vault://acme/mail }}\n\n\
        LINES_KEPT={{ vault://acme/lines }}\n# the end\nPLAIN=1\n";
    env.file("env.tpl", template);
    env.file(".envrc", format!("{}\nNOT_EXPORTED=1\n", line("direnv")));
    works(&env, "direnv allow");
    let shown = |name: &str| {
        let script = format!("direnv exec . sh -c 'printenv {name} || echo none' 2>/dev/null");
        works(&env, &script)
    };
    assert_eq!(shown("MAIL"), format!("{SECRET}\n"));
    assert_eq!(shown("LINES_KEPT"), format!("{lines}\n"));
    assert_eq!(shown("PLAIN"), "1\n");
    assert_eq!(shown("NOT_EXPORTED"), "none\n");
}

#[test]
#[ignore = "needs ssh-keygen; .ci/run runs it"]
fn openssh_reads_a_key_from_a_file_in_memory() {
    let env = TestEnv::ready();
    let script =
        "ssh-keygen -q -t ed25519 -N '' -C jo@laptop -f key; vault add acme/ssh < key; rm key";
    env.shell(&format!("set -e; {script}")).ok();
    let public = fs::read_to_string(env.path("key.pub")).unwrap();
    for mask in ["--mask", "--no-mask"] {
        let script =
            format!("vault run {mask} --file K=vault://acme/ssh -- sh -c 'ssh-keygen -y -f $K'");
        env.shell(&script).ok().prints(&public);
    }
}

#[test]
#[ignore = "needs rofi, xdotool and Xvfb; .ci/run runs it"]
fn a_menu_of_rofi_chooses_what_is_copied() {
    let env = unlocked();
    let menu = line("rofi").replace("rofi -dmenu", "rofi -dmenu -filter borg");
    // It is seen that the right one comes; that a clipboard takes it has tests of its own.
    let menu = menu.replace("vault get --clip", "vault get");
    let script = format!(
        "Xvfb -displayfd 3 3> number >/dev/null 2>&1 & server=$!; trap 'kill $server' EXIT; \
         until [ -s number ]; do sleep 0.05; done; export DISPLAY=:$(cat number); \
         (until xdotool search --onlyvisible --class rofi; do sleep 0.05; done; \
         xdotool key Return) > /dev/null 2>&1 & {menu}"
    );
    assert_eq!(works(&env, &script), format!("{SECRET}\n"));
}

#[test]
#[ignore = "needs postgresql; .ci/run runs it"]
fn psql_logs_in_with_a_variable_and_with_a_file() {
    let env = TestEnv::ready();
    let server = DatabaseServer::start(SECRET);
    env.call(&["add", "globex/database", "-u", "shop"])
        .stdin(SECRET)
        .ok();
    let quoted = SECRET.replace('\\', "\\\\").replace(':', "\\:");
    env.call(&["add", "globex/pgpass"])
        .stdin(format!("*:*:*:shop:{quoted}\n"))
        .ok();
    let host = server.place();
    let ask = |line: &str| {
        let (start, _) = line.split_once("psql").unwrap();
        let script = format!("{start}psql -XqwAt -h {host} -U shop postgres -c 'SELECT 41 + 1'");
        env.shell(&script).ok().prints("42\n");
    };
    ask(line("psql"));
    ask(line(".pgpass"));
}
