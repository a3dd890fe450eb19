//! `helper --setup browserpass`: where browsers read that the extension asks here.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::support::call::Call;
use crate::support::env::{TestEnv, mode, mode_of};

const MANIFEST: &str = "com.github.browserpass.native.json";
const PROGRAM: &str = "vault-browserpass";

/// A home with these folders.
fn home(folders: &[&str]) -> TestEnv {
    let env = TestEnv::ready();
    for folder in folders {
        fs::create_dir_all(env.home().join(folder)).unwrap();
    }
    env
}

fn setup<'a>(env: &'a TestEnv, more: &[&str]) -> Call<'a> {
    env.call(&[&["helper", "--setup", "browserpass"], more].concat())
}

fn of_firefox(env: &TestEnv) -> PathBuf {
    env.home().join(".mozilla/native-messaging-hosts")
}

fn of_chromium(env: &TestEnv) -> PathBuf {
    env.home().join(".config/chromium/NativeMessagingHosts")
}

#[test]
fn firefox_reads_its_manifest_in_one_place_wherever_its_profiles_are() {
    for folder in [".mozilla", ".config/mozilla"] {
        let env = home(&[folder]);
        let is_new = folder == ".config/mozilla";
        let shown = setup(&env, &["-n"]).ok();
        assert!(!of_firefox(&env).exists());
        let done = setup(&env, &["-y"]).ok();
        done.tells("set up Browserpass for Firefox");
        for said in [shown, done] {
            if is_new {
                said.tells("/.mozilla is made").tells("ln -s ");
            } else {
                said.hides("is made");
            }
        }
        let manifest = fs::read_to_string(of_firefox(&env).join(MANIFEST)).unwrap();
        let manifest: Value = serde_json::from_str(&manifest).unwrap();
        let program = of_firefox(&env).join(PROGRAM);
        assert_eq!(manifest["path"], program.to_str().unwrap());
        assert_eq!(mode_of(&program), 0o755);
        setup(&env, &["-y"]).ok().tells("nothing to do");
    }
    setup(&home(&[".cache"]), &["-y"]).fails(3).says("Firefox");
}

#[test]
fn a_program_of_another_vault_or_that_cannot_run_is_told_and_mended() {
    let env = home(&[".mozilla"]);
    let other = env.path("other.age");
    setup(&env, &["-y", "--vault", &other]).ok();
    let program = of_firefox(&env).join(PROGRAM);
    let own = fs::read_to_string(&program).unwrap();
    let told = setup(&env, &["-y"]).ok();
    told.tells("in the place of exec ").tells("other.age");
    assert!(!fs::read_to_string(&program).unwrap().contains(&own));
    fs::set_permissions(&program, mode(0o600)).unwrap();
    let told = setup(&env, &["-n"]).ok();
    told.tells("could not be executed");
    assert_eq!(mode_of(&program), 0o600);
    setup(&env, &["-y"]).ok().tells("could not be executed");
    assert_eq!(mode_of(&program), 0o755);
    fs::set_permissions(&program, mode(0o700)).unwrap();
    setup(&env, &["-y"]).ok().tells("nothing to do");
    fs::write(&program, "#!/bin/sh\nexec rm -rf x\n").unwrap();
    setup(&env, &["-y"]).fails(7).says("another program");
}

#[test]
fn what_cannot_be_written_for_one_browser_is_written_for_none() {
    let env = home(&[".mozilla", ".config/chromium"]);
    fs::write(of_chromium(&env), "no folder").unwrap();
    let refused = setup(&env, &["-y"]).run();
    assert!(
        ![Some(0), Some(101)].contains(&refused.code),
        "{}",
        refused.stderr
    );
    assert!(
        refused.stderr.contains("NativeMessagingHosts"),
        "{}",
        refused.stderr
    );
    let left: Vec<_> = fs::read_dir(of_firefox(&env))
        .into_iter()
        .flatten()
        .collect();
    assert!(left.is_empty(), "{left:?}");
    fs::remove_file(of_chromium(&env)).unwrap();
    let done = setup(&env, &["-y"]).ok();
    done.tells("Firefox, Chromium");
    assert!(of_chromium(&env).join(MANIFEST).exists());
}

#[test]
fn a_home_that_is_no_absolute_path_is_refused() {
    let env = home(&[]);
    fs::create_dir_all(env.work().join("here/.mozilla")).unwrap();
    let vault = env.vault_file().display().to_string();
    let setup = setup(&env, &["-y", "--vault", &vault]).var("HOME", "here");
    setup.fails(2).says("HOME is here").hints("set HOME");
    assert!(
        !env.work()
            .join("here/.mozilla/native-messaging-hosts")
            .exists()
    );
}
