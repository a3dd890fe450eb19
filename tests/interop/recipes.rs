//! The recipes of `vault help recipes`, as they stand there: each changes a real secret at a real
//! server, and is run by the command that the text gives.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};

use super::database::{DatabaseServer, Server};
use crate::support::env::{TestEnv, mode};
use crate::support::wait::wait_until;

const RECIPES: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/src/help/topics/recipes.txt"
));

/// The indented lines that follow the first line which has a text.
fn block_after(text: &str) -> String {
    let (_, after) = RECIPES.split_once(text).unwrap();
    let lines = after.lines().skip_while(|line| !line.starts_with("  "));
    let lines = lines.take_while(|line| line.starts_with("  "));
    let lines: Vec<&str> = lines.map(|line| &line[2..]).collect();
    assert!(!lines.is_empty(), "{text}");
    lines.join("\n") + "\n"
}

/// Writes the programs that the text calls so.
fn programs(env: &TestEnv, names: [&str; 2]) {
    for name in names {
        let path = env.file(name, block_after(&format!("As {name}:")));
        fs::set_permissions(path, mode(0o700)).unwrap();
    }
}

/// Runs the command that follows a text in the topic. The new secret has to be current after that.
#[track_caller]
fn rotates(env: &TestEnv, path: &str, command: &str) {
    let before = env.secret(path);
    let rotated = env.shell(command).ok();
    rotated.tells(&format!("rotated {path}"));
    assert_ne!(env.secret(path), before);
}

#[test]
#[ignore = "needs postgresql and jq; .ci/run runs it"]
fn a_role_of_postgresql_changes_its_own_password() {
    let env = TestEnv::ready();
    let first = "first 'quoted' \\ one";
    let server = DatabaseServer::start(first);
    let url = format!("postgresql:///postgres?host={}", server.place());
    let add = ["add", "globex/database", "-u", "shop", "--url", &url];
    env.call(&add).stdin(first).ok();
    programs(&env, ["pg-change", "pg-check"]);
    let command = block_after("psql, which root and your own processes can read:");
    rotates(&env, "globex/database", &command);
    // One that a careless program would trip over.
    let hostile = "new'; DROP ROLE shop; -- \\ \" $x :y";
    let given = format!("{} --stdin", command.split(" --exec").next().unwrap());
    let given = command.replace(command.split(" --exec").next().unwrap(), &given);
    env.shell(&given).stdin(hostile).ok();
    assert_eq!(env.secret("globex/database"), hostile);
    // The check takes nothing else for the new password, and a server that is out of reach keeps
    // the old one current.
    env.shell(
        "printf '{\"username\":\"shop\",\"url\":\"%s\",\"new\":\"other\"}' \"$URL\" | ./pg-check",
    )
    .var("URL", &url)
    .no_password()
    .fails(2);
    drop(server);
    assert_eq!(env.shell(&command).run().code, Some(7));
    assert_eq!(env.secret("globex/database"), hostile);
}

#[test]
#[ignore = "needs htpasswd and jq; .ci/run runs it"]
fn a_user_of_a_file_of_htpasswd_is_given_a_new_password() {
    let env = TestEnv::ready();
    env.call(&["add", "acme/stage", "-u", "jo"])
        .stdin("first")
        .ok();
    env.shell("htpasswd -cbB .htpasswd jo first && htpasswd -bB .htpasswd eve hers")
        .ok();
    let verify = |user: &str, password: &str| {
        let script = format!("htpasswd -vi .htpasswd {user}");
        env.shell(&script).stdin(password).run().code == Some(0)
    };
    assert!(verify("jo", "first"));
    programs(&env, ["ht-change", "ht-check"]);
    rotates(
        &env,
        "acme/stage",
        &block_after("The user is that of the entry:"),
    );
    assert!(verify("jo", &env.secret("acme/stage")));
    assert!(!verify("jo", "first") && verify("eve", "hers"));
    // Who is not in the file is not put there, and an entry without a name is nobody's.
    let before = fs::read(env.path(".htpasswd")).unwrap();
    for user in [&["-u", "j"][..], &[]] {
        let add = [&["add", "acme/other"][..], user].concat();
        env.call(&add).stdin("first").ok();
        let command = block_after("The user is that of the entry:");
        let command = command.replace("acme/stage", "acme/other");
        assert_ne!(env.shell(&command).run().code, Some(0));
        assert_eq!(fs::read(env.path(".htpasswd")).unwrap(), before);
        env.call(&["rm", "acme/other", "--yes"]).ok();
    }
}

#[test]
#[ignore = "needs sshd and jq; .ci/run runs it"]
fn an_ssh_key_is_put_beside_the_old_one_which_goes_once_the_new_one_works() {
    let env = TestEnv::ready();
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    env.shell(
        "mkdir -p site/.ssh && ssh-keygen -q -t ed25519 -N '' -f host && \
         ssh-keygen -q -t ed25519 -N '' -C old -f old && echo '# by hand' > site/.ssh/authorized_keys \
         && printf %s \"$(cat old.pub)\" >> site/.ssh/authorized_keys && \
         printf '[127.0.0.1]:%s %s\\n' \"$PORT\" \"$(cat host.pub)\" > known",
    )
    .var("PORT", port.to_string())
    .ok();
    let at = |name: &str| env.path(name);
    let config = format!(
        "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nAuthorizedKeysFile {}\nStrictModes no\n\
         PidFile none\nUsePAM no\nPermitRootLogin yes\nSetEnv HOME={}\n",
        at("host"),
        at("site/.ssh/authorized_keys"),
        at("site"),
    );
    let config = env.file("sshd_config", config);
    // It does not start without, where it runs as root.
    let _ = fs::create_dir_all("/run/sshd");
    let mut sshd = Command::new("/usr/sbin/sshd");
    sshd.args(["-D", "-e", "-f", &config]).stderr(Stdio::null());
    let _server = Server(sshd.spawn().unwrap());
    wait_until("sshd", || TcpStream::connect(("127.0.0.1", port)).is_ok());
    env.file(
        "ssh_config",
        format!("UserKnownHostsFile {}\n", at("known")),
    );
    let user = env.shell("id -un").ok().text().trim_end().to_owned();
    let url = format!("ssh://127.0.0.1:{port}");
    let key = fs::read(at("old")).unwrap();
    let add = ["add", "acme/server", "-u", &user, "--url", &url];
    env.call(&add).stdin(key).ok();
    programs(&env, ["key-change", "key-check"]);
    // Its options of ssh, and a place of the test's own for the new key.
    let commands = block_after("The new key is made in memory, and taken in from there:")
        .replace("\\\n", "")
        .replace("./key-change", "./key-change -F ssh_config")
        .replace("./key-check", "./key-check -F ssh_config")
        .replace("/dev/shm/new-key", &at("new-key"));
    // The key that is there under another name is no new one: nobody is locked out.
    let there = || fs::read_to_string(at("site/.ssh/authorized_keys")).unwrap();
    let before = there();
    env.shell("cp old same && ssh-keygen -q -c -C other -P '' -f same")
        .ok();
    let rotation = commands
        .lines()
        .find(|line| line.starts_with("vault rotate"))
        .unwrap();
    let same = rotation.replace(&at("new-key"), "same");
    assert_ne!(env.shell(&same).run().code, Some(0));
    let check = "jq -cn --rawfile key old --arg user \"$WHO\" --arg url \"$SITE\" \
                 '{username: $user, url: $url, old: $key, new: $key}' | ./key-check -F ssh_config";
    let checked = env.shell(check).var("WHO", &user).var("SITE", &url).run();
    assert_eq!(checked.code, Some(1), "{checked:?}");
    assert_eq!(there(), before);
    env.call(&["rotate", "acme/server", "--abort"]).ok();
    rotates(&env, "acme/server", &format!("set -e\n{commands}"));
    assert!(!Path::new(&at("new-key")).exists());
    let allowed = there();
    let old = fs::read_to_string(at("old.pub")).unwrap();
    assert!(
        !allowed.contains(old.split(' ').nth(1).unwrap()),
        "{allowed}"
    );
    assert!(allowed.starts_with("# by hand\n"), "{allowed}");
    let login = "ssh-agent sh -c 'vault get acme/server | ssh-add -q - && ssh -F ssh_config \
                 -o BatchMode=yes -o IdentityFile=none \"$0\" true'";
    env.shell(&format!("{login} ssh://{user}@127.0.0.1:{port}"))
        .ok();
}
