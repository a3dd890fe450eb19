//! `helper docker`: what docker asks and is answered, over stdin and stdout.

use serde_json::json;

use crate::support::call::Call;
use crate::support::env::TestEnv;

const NOT_FOUND: &str = "credentials not found in native keychain\n";

fn env() -> TestEnv {
    TestEnv::copied("with logins of registries", |env| {
        for (path, url) in [
            ("acme/hub", "https://hub.docker.com"),
            ("acme/registry", "registry.example:5000"),
            ("acme/shop", "https://shop.example"),
        ] {
            let add = ["add", path, "-u", "jo", "--url", url];
            env.call(&add).stdin(format!("secret of {path}")).ok();
        }
    })
}

fn call<'a>(env: &'a TestEnv, operation: &str, stdin: &str) -> Call<'a> {
    env.call(&["helper", "docker", operation]).stdin(stdin)
}

#[track_caller]
fn not_found(call: Call<'_>, why: &str) {
    let got = call.run();
    assert_eq!(
        (got.code, &*got.stdout),
        (Some(1), NOT_FOUND.as_bytes()),
        "{got:?}"
    );
    assert!(got.stderr.contains(why), "{got:?}");
    assert!(!why.is_empty() || got.stderr.is_empty(), "{got:?}");
}

#[test]
fn docker_gets_the_login_of_a_registry_in_its_spelling() {
    let env = env();
    for (server, path) in [
        ("https://index.docker.io/v1/", "acme/hub"),
        ("registry.example:5000", "acme/registry"),
        ("https://registry.example:5000/v2/", "acme/registry"),
        ("shop.example", "acme/shop"),
    ] {
        let got = call(&env, "get", &format!("{server}\n")).ok().json();
        let secret = format!("secret of {path}");
        assert_eq!(
            got,
            json!({"ServerURL": server, "Username": "jo", "Secret": secret})
        );
    }
    assert_eq!(env.last_event()["detail"]["program"], "docker");
    assert_eq!(env.last_event()["detail"]["host"], "shop.example");
    for other in ["registry.example", "http://shop.example", "other.example"] {
        not_found(call(&env, "get", other), "");
    }
    for bad in ["", "\n", "a\nb", "a\0b"] {
        call(&env, "get", bad).fails(2);
    }
}

#[test]
fn docker_is_told_of_registries_only() {
    let env = env();
    let servers =
        json!({"https://index.docker.io/v1/": "jo", "https://registry.example:5000": "jo"});
    assert_eq!(call(&env, "list", "").ok().json(), servers);
    env.call(&["edit", "acme/shop", "--tag", "registry"]).ok();
    let list = call(&env, "list", "").ok().json();
    assert_eq!(list["https://shop.example"], "jo");
}

#[test]
fn while_it_is_locked_and_where_several_fit_docker_finds_nothing() {
    let env = env();
    let hint = "hint: the vault is locked, and docker gets no answer: vault unlock";
    not_found(call(&env, "get", "shop.example").no_password(), hint);
    // An image that needs no login is built all the same.
    let list = call(&env, "list", "").no_password();
    list.ok().prints("{}\n").tells(hint);
    let add = [
        "add",
        "globex/shop",
        "-u",
        "al",
        "--url",
        "https://shop.example",
    ];
    env.call(&add).stdin("x").ok();
    not_found(
        call(&env, "get", "shop.example"),
        "acme/shop and globex/shop fit",
    );
    let add = ["add", "acme/token", "--url", "https://token.example"];
    env.call(&add).stdin("x").ok();
    not_found(
        call(&env, "get", "token.example"),
        "acme/token has no user name",
    );
}

#[test]
fn of_two_clients_logins_at_one_registry_the_image_chooses_or_none_is_given() {
    let env = env();
    let add = |path: &str, url: &str| {
        let add = ["add", path, "-u", "al", "--url", url];
        env.call(&add).stdin(format!("secret of {path}")).ok();
    };
    add("globex/quay", "https://quay.io/globex");
    let got = call(&env, "get", "quay.io").ok().json();
    assert_eq!(got["Secret"], "secret of globex/quay");
    add("globex/hub", "https://hub.docker.com/u/globex");
    let hub = "https://index.docker.io/v1/";
    not_found(call(&env, "get", hub), "acme/hub and globex/hub fit");
    not_found(
        call(&env, "get", hub),
        "one entry has the login: take the URL",
    );
    for (image, path) in [("globex/img", "globex/hub"), ("library/img", "acme/hub")] {
        let got = call(&env, "get", &format!("docker.io/{image}")).ok().json();
        assert_eq!(got["Secret"], format!("secret of {path}"));
    }
    // docker asks for all that is listed, and each is one that it gets.
    let list = call(&env, "list", "").ok().json();
    let servers: Vec<&String> = list.as_object().unwrap().keys().collect();
    assert_eq!(
        servers,
        ["https://quay.io/globex", "https://registry.example:5000"]
    );
    for server in servers {
        call(&env, "get", server).ok();
    }
    let without = [
        "edit",
        "globex/hub",
        "--unset",
        "url=https://hub.docker.com/u/globex",
    ];
    env.call(&without).ok();
    let got = call(&env, "get", hub).ok().json();
    assert_eq!(got["Secret"], "secret of acme/hub");
    for other in [
        "http://index.docker.io/v1/",
        "http://docker.io",
        "docker.io:8443",
        "docker%2eio",
        "docker.io ",
    ] {
        not_found(call(&env, "get", other), "");
    }
}

#[test]
fn a_login_is_stored_only_where_that_was_set_up_and_a_logout_deletes_nothing() {
    let env = env();
    let login = |secret: &str, server: &str| {
        json!({"ServerURL": server, "Username": "jo", "Secret": secret}).to_string()
    };
    let before = env.snapshot();
    let known = login("secret of acme/shop", "shop.example");
    call(&env, "store", &known).ok().prints("").silently();
    let other = call(&env, "store", &login("other", "shop.example")).run();
    let said = String::from_utf8(other.stdout).unwrap();
    assert!(
        other.code == Some(1) && said.contains("acme/shop has another secret"),
        "{said}"
    );
    for (login, why) in [
        (
            call(&env, "store", &login("x", "none.example")),
            "vault add",
        ),
        (
            call(&env, "store", &login("x", "shop.example")).no_password(),
            "the vault is locked",
        ),
    ] {
        let said = String::from_utf8(login.run().stdout).unwrap();
        assert!(said.contains(why), "{said}");
    }
    assert!(!said.contains("other\""), "{said}");
    call(&env, "erase", "shop.example")
        .ok()
        .prints("")
        .tells("nothing is removed");
    for bad in [
        "",
        "{}",
        "[]",
        &login("a\nb", "shop.example"),
        &login("x", "a b"),
    ] {
        call(&env, "store", bad).fails(2).hides("a\nb");
    }
    call(&env, "frob", "").fails(2);
    assert_eq!(env.snapshot(), before);
    let store = ["helper", "docker", "--store", "acme", "store"];
    let new = login("s3cret", "new.example");
    env.call(&store)
        .stdin(&new)
        .ok()
        .prints("")
        .tells("added acme/new.example");
    let got = call(&env, "get", "new.example").ok().json();
    assert_eq!(got["Secret"], "s3cret");
}
