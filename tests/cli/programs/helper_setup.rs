//! `helper --setup`: what is written into other programs' configuration, and what stays there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::call::Call;
use crate::support::env::{BINARY, TestEnv, mode, mode_of};

/// A vault with a client, and the program in a folder of its own, which is first in `PATH`.
struct Machine {
    env: TestEnv,
    bin: PathBuf,
}

impl Machine {
    fn new(folder: &str) -> Self {
        let env = TestEnv::with(&[("acme/aws", "x")]);
        let bin = env.home().join(folder);
        fs::create_dir(&bin).unwrap();
        fs::copy(BINARY, bin.join("vault")).unwrap();
        Self { env, bin }
    }

    fn path(&self) -> String {
        format!("{}:{}", self.bin.display(), std::env::var("PATH").unwrap())
    }

    fn setup(&self, words: &[&str]) -> Call<'_> {
        let script = "vault helper --setup \"$@\"";
        let words = [&["-c", script, "-"], words].concat();
        self.env.bash(&words).var("PATH", self.path())
    }

    fn git(&self, line: &str) -> String {
        let mut git = Command::new("bash");
        self.env.hermetic(&mut git);
        git.env("PATH", self.path())
            .env("VAULT_PASSWORD_FILE", self.env.password_file());
        let output = git.args(["-c", line]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }
}

#[test]
fn git_gets_lines_that_were_shown_and_forgets_the_helpers_before_them() {
    let machine = Machine::new("my 'own' bin");
    let helpers = || machine.git("git config --global --get-all credential.helper");
    machine.setup(&["git"]).fails(9).hints("--yes");
    let dry = machine.setup(&["git", "-n"]).ok();
    dry.tells("credential.helper = !")
        .tells("would change git's settings");
    assert_eq!(helpers(), "");
    machine.git("git config --global credential.helper cache");
    let yes = machine.setup(&["git", "--yes"]).ok();
    yes.tells("git asks no more: cache of ")
        .tells("git forgets the helpers before it")
        .hides("too");
    let lines = helpers();
    let own = lines.strip_prefix("cache\n\n").unwrap();
    assert!(
        own.starts_with("!'/") && own.ends_with("/vault' helper git\n"),
        "{own}"
    );
    machine.setup(&["git"]).ok().tells("nothing to do");
    let said = machine.setup(&["git", "--store", "acme", "-y"]).ok();
    said.tells("in the place of !");
    let lines = helpers();
    assert!(
        lines.ends_with("helper git --store acme\n") && lines.lines().count() == 3,
        "{lines}"
    );
    machine.setup(&["git", "--store", "none", "-y"]).fails(3);
    let json = machine.setup(&["git", "-y", "--json"]).ok().json();
    assert_eq!(json["changed"], serde_json::json!(["credential.helper"]));
    assert_eq!(helpers(), lines.replace(" --store acme", ""));
    // git runs that line, with its blanks and quotes.
    let add = [
        "add",
        "acme/git",
        "-u",
        "jo",
        "--url",
        "https://git.example",
    ];
    machine.env.call(&add).stdin("hunter2").ok();
    machine.git("git config --global --unset credential.helper cache");
    machine.setup(&["git"]).ok().tells("nothing to do");
    let filled = machine.git("printf 'protocol=https\\nhost=git.example\\n\\n' | GIT_TERMINAL_PROMPT=0 git credential fill");
    assert!(
        filled.contains("username=jo\npassword=hunter2\n"),
        "{filled}"
    );
}

#[test]
fn git_tells_no_other_helper_or_which_it_tells_is_said() {
    let machine = Machine::new("bin");
    let home = machine.env.home();
    let add = [
        "add",
        "acme/git",
        "-u",
        "jo",
        "--url",
        "https://git.example",
    ];
    machine.env.call(&add).stdin("hunter2").ok();
    let kept = |name: &str| home.join(name);
    let keeper = |name: &str| format!("\thelper = store --file {}\n", kept(name).display());
    let system = home.join("system");
    fs::write(&system, format!("[credential]\n{}", keeper("a"))).unwrap();
    let config = format!(
        "[include]\n\tpath = {}\n[credential]\n\tuseHttpPath = false\n",
        home.join("included").display()
    );
    fs::write(
        home.join("included"),
        format!("[credential]\n{}", keeper("b")),
    )
    .unwrap();
    let last = home.join("last");
    fs::write(&last, format!("[credential]\n{}", keeper("c"))).unwrap();
    let config = format!(
        "{config}[credential \"https://git.example\"]\n{}[include]\n\tpath = {}\n",
        keeper("d"),
        last.display()
    );
    let file = home.join(".gitconfig");
    fs::write(&file, config).unwrap();
    let setup = |words: &[&str]| machine.setup(words).var("GIT_CONFIG_SYSTEM", &system);
    let dry = setup(&["git", "-n"]).ok();
    for (name, of) in [("a", &system), ("b", &home.join("included")), ("c", &last)] {
        let (kept, of) = (kept(name), of.display());
        dry.tells(&format!(
            "git asks no more: store --file {} of {of}",
            kept.display()
        ));
    }
    dry.tells("for https://git.example too, which keeps it in a file in clear");
    let said = setup(&["git", "-y"]).ok();
    let removal = |file: &Path, key: &str, name: &str| {
        let kept = kept(name).display().to_string();
        format!(
            "git config --file {} --fixed-value --unset-all {key} 'store --file {kept}'",
            file.display()
        )
    };
    let two = [
        removal(&last, "credential.helper", "c"),
        removal(&file, "credential.https://git.example.helper", "d"),
    ];
    said.tells(&two[0]).tells(&two[1]);
    let use_it = format!(
        "export GIT_CONFIG_SYSTEM={}; printf 'protocol=https\\nhost=git.example\\n\\n' | \
         GIT_TERMINAL_PROMPT=0 git credential fill | git credential approve",
        system.display()
    );
    machine.git(&use_it);
    let all = ["a", "b", "c", "d"].map(|name| kept(name).exists());
    assert_eq!(all, [false, false, true, true]);
    for (command, name) in two.iter().zip(["c", "d"]) {
        machine.git(command);
        fs::remove_file(kept(name)).unwrap();
    }
    setup(&["git"])
        .ok()
        .tells("nothing to do")
        .hides("too, which");
    machine.git(&use_it);
    assert!(["a", "b", "c", "d"].iter().all(|name| !kept(name).exists()));
}

#[test]
fn docker_gets_a_program_and_a_member_and_keeps_the_others() {
    let machine = Machine::new("bin");
    let folder = machine.env.home().join(".docker");
    fs::create_dir(&folder).unwrap();
    let config = folder.join("config.json");
    let old = "{\n\t\"zeta\": 1.50,\n\t\"auths\": {},\n\t\"credsStore\": \"desktop\",\n\t\"credHelpers\": {\"gcr.io\": \"gcloud\"}\n}";
    fs::write(&config, old).unwrap();
    fs::set_permissions(&config, mode(0o640)).unwrap();
    let dry = machine.setup(&["docker", "-n"]).ok();
    dry.tells("\"credsStore\": \"vault\"")
        .tells("in the place of \"desktop\"");
    assert_eq!(fs::read_to_string(&config).unwrap(), old);
    machine
        .setup(&["docker", "-y"])
        .ok()
        .tells("docker goes on asking gcloud for gcr.io");
    let new = fs::read_to_string(&config).unwrap();
    assert_eq!(new, old.replace("desktop", "vault") + "\n");
    assert_eq!(mode_of(&config), 0o640);
    let program = machine.bin.join("docker-credential-vault");
    assert_eq!(mode_of(&program), 0o755);
    machine.setup(&["docker"]).ok().tells("nothing to do");
    let add = [
        "add",
        "acme/reg",
        "-u",
        "jo",
        "--url",
        "https://reg.example",
    ];
    machine.env.call(&add).stdin("hunter2").ok();
    let got = machine.git("echo reg.example | docker-credential-vault get");
    let got: Value = serde_json::from_str(&got).unwrap();
    assert_eq!(got["Secret"], "hunter2");
    machine
        .setup(&["docker", "--store", "acme", "-y"])
        .ok()
        .tells("in the place of exec");
    let login = "echo '{\"ServerURL\":\"new.example\",\"Username\":\"al\",\"Secret\":\"x\"}'";
    machine.git(&format!("{login} | docker-credential-vault store"));
    assert_eq!(machine.env.secret("acme/new.example"), "x");
    fs::write(&config, "[]").unwrap();
    machine
        .setup(&["docker", "-y"])
        .fails(2)
        .says("config.json");
    fs::write(&program, "#!/bin/sh\necho other\n").unwrap();
    machine
        .setup(&["docker", "-y"])
        .fails(7)
        .says("docker-credential-vault");
}

#[test]
fn aws_takes_only_a_profile_that_is_called_so_and_is_told_what_stands_beside_it() {
    let machine = Machine::new("bin");
    let config = machine.env.home().join(".aws/config");
    fs::create_dir(config.parent().unwrap()).unwrap();
    let old = "[acme]\nregion = x\n[profile globex]\ncredential_process = /opt/old get\n\
        aws_access_key_id = AKIA\n";
    fs::write(&config, old).unwrap();
    let setup = |profile: &str| {
        machine
            .setup(&["aws", "acme/aws", "--profile", profile, "-y"])
            .ok()
    };
    setup("acme")
        .tells("AWS tools pass over [acme]")
        .hides("in the place of");
    let text = fs::read_to_string(&config).unwrap();
    let line = format!(
        "credential_process = {}/vault helper aws acme/aws\n",
        machine.bin.display()
    );
    assert_eq!(text, format!("{old}\n[profile acme]\n{line}"));
    setup("globex")
        .tells("in the place of credential_process = /opt/old get")
        .tells("the profile globex has keys in")
        .hides("AKIA");
    let text = fs::read_to_string(&config).unwrap();
    assert!(
        text.contains(&format!("[profile globex]\n{line}aws_access")),
        "{text}"
    );
}

#[test]
fn aws_gets_a_profile_and_kubectl_is_shown_a_user() {
    let machine = Machine::new("my bin");
    let config = machine.env.home().join(".aws/config");
    machine
        .setup(&["aws", "acme/aws", "-n"])
        .ok()
        .tells("[profile acme]");
    assert!(!config.exists());
    machine.setup(&["aws", "acme/none", "-y"]).fails(3);
    machine
        .setup(&["aws", "acme/aws", "--profile", "a]\nb", "-y"])
        .fails(2);
    machine.setup(&["aws", "acme/aws", "-y"]).ok();
    let text = fs::read_to_string(&config).unwrap();
    let line = format!(
        "credential_process = '{}/vault' helper aws acme/aws\n",
        machine.bin.display()
    );
    assert_eq!(text, format!("[profile acme]\n{line}"));
    assert_eq!(mode_of(&config), 0o600);
    machine
        .setup(&["aws", "acme/aws"])
        .ok()
        .tells("nothing to do");
    machine
        .setup(&["aws", "acme/aws", "--profile", "default", "-y"])
        .ok();
    let both = fs::read_to_string(&config).unwrap();
    assert_eq!(both, format!("{text}\n[default]\n{line}"));
    let keys = machine.env.home().join(".aws/credentials");
    fs::write(&keys, "[acme]\naws_access_key_id = x\n").unwrap();
    machine
        .setup(&["aws", "acme/aws"])
        .ok()
        .tells("the profile acme has keys in");
    fs::write(
        &keys,
        "[other]\naws_access_key_id = x\n[acme]\nregion = y\n",
    )
    .unwrap();
    machine
        .setup(&["aws", "acme/aws"])
        .ok()
        .tells("nothing to do")
        .hides("has keys in");
    let shown = machine.setup(&["kube", "acme/aws"]).ok();
    shown
        .shows("args: [\"helper\", \"kube\", \"acme/aws\"]")
        .shows("interactiveMode: Never");
    assert!(!Path::new(&machine.env.home().join(".kube")).exists());
    let vault = machine.env.vault_file();
    let shown = machine
        .setup(&["kube", "acme/aws", "--vault", vault.to_str().unwrap()])
        .ok();
    shown.shows("\"--vault\", ");
}
