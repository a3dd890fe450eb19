//! What no honest program sends to the SSH agent: it is refused, and nobody else is the worse for it.

use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;

use super::ssh_agent::{PUBLIC, SESSION, bound, client, knows, start, uses, with_keys};
use super::ssh_agent_asks::{asked, asking};
use crate::support::env::{TestEnv, mode};
use crate::support::ssh_client::{NO, SshClient, SshHost, YES, blob, file, login, string};
use crate::support::wait::wait_until;

fn running() -> TestEnv {
    let env = with_keys();
    env.call(&["unlock"]).ok();
    start(&env, &["--confirm", "never"]);
    env
}

#[track_caller]
fn serves(env: &TestEnv) {
    assert_eq!(client(env).names().len(), 2);
}

#[test]
fn keys_are_neither_taken_in_nor_given_up() {
    let env = running();
    let mut client = client(&env);
    let key = string(&blob(PUBLIC));
    for kind in [1, 3, 7, 9, 17, 18, 19, 20, 21, 22, 23, 25, 26, 0, 255] {
        assert_eq!(client.ask(&[&[kind][..], &key].concat()), NO, "{kind}");
    }
    let unknown = [&[27][..], &string(b"restrict-destination-v00@openssh.com")].concat();
    assert_eq!(client.ask(&unknown), NO);
    assert_eq!(client.names().len(), 2, "nothing was removed or locked");
    let query = client.ask(&[&[27][..], &string(b"query")].concat());
    assert!(String::from_utf8_lossy(&query).contains("session-bind@openssh.com"));
}

#[test]
fn messages_that_are_none_end_their_connection_alone() {
    let env = running();
    for bytes in [
        &[0, 0, 0, 0][..],
        &[0, 4, 0, 1, 11],
        &[0xff; 64],
        b"GET / HTTP/1.0\r\n\r\n",
    ] {
        let mut bad = client(&env);
        bad.stream.write_all(bytes).unwrap();
        assert_eq!(bad.answer(), None, "{bytes:?}");
        serves(&env);
    }
    // As long as it may be, and nothing in it.
    let mut long = client(&env);
    assert_eq!(long.ask(&vec![13; 256 << 10]), NO);
    assert_eq!(long.names().len(), 2);
}

#[test]
fn a_request_cut_anywhere_is_refused() {
    let env = running();
    let data = login(PUBLIC, SESSION, "root", None);
    let whole = [&[13][..], &string(&blob(PUBLIC)), &string(&data), &[0; 4]].concat();
    let bind = SshHost::new(1).binding(SESSION, false);
    let mut client = client(&env);
    for message in [&whole, &bind] {
        for end in 1..message.len() {
            assert_eq!(client.ask(&message[..end]), NO, "{end}");
        }
    }
    assert!(bound(&env, 1).signs(PUBLIC, &data));
}

#[test]
fn bytes_may_come_one_by_one_and_messages_together() {
    let env = running();
    let mut slow = client(&env);
    let message = string(&SshHost::new(1).binding(SESSION, false));
    let (last, most) = message.split_last().unwrap();
    for byte in most {
        slow.stream.write_all(&[*byte]).unwrap();
    }
    serves(&env);
    let data = login(PUBLIC, SESSION, "root", None);
    let sign = [&[13][..], &string(&blob(PUBLIC)), &string(&data), &[0; 4]].concat();
    let together = [&[*last][..], &string(&[11]), &string(&sign)].concat();
    slow.stream.write_all(&together).unwrap();
    assert_eq!(slow.answer().unwrap(), YES);
    assert_eq!(slow.answer().unwrap()[0], 12);
    assert!(slow.was_signed(PUBLIC, &data));
}

#[test]
fn who_is_silent_or_does_not_listen_blocks_nobody() {
    let env = running();
    let mut silent: Vec<SshClient> = (0..400).map(|_| client(&env)).collect();
    serves(&env);
    assert_eq!(silent.last_mut().unwrap().names().len(), 2);
    let mut deaf = client(&env);
    deaf.stream.set_nonblocking(true).unwrap();
    let asking = string(&[11]).repeat(1000);
    // Until nothing more goes in, or the connection is closed.
    for _ in 0..1000 {
        if deaf.stream.write_all(&asking).is_err() {
            break;
        }
    }
    serves(&env);
}

#[test]
fn a_binding_that_is_not_the_servers_counts_for_nothing() {
    // Whoever is asked says yes.
    let env = asking(Some("yes"), &["--confirm", "never"]);
    let data = login(PUBLIC, SESSION, "root", None);
    let mut forged = SshHost::new(1).binding(SESSION, false);
    let at = forged.len() - 10;
    forged[at] ^= 1;
    let mut bad = client(&env);
    assert_eq!(bad.ask(&forged), NO);
    assert!(!bad.signs(PUBLIC, &data));
    // Bound once, for good.
    let mut twice = bound(&env, 2);
    assert_eq!(twice.bind(&SshHost::new(1), SESSION, false), NO);
    assert!(!twice.signs(PUBLIC, &data));
    let mut many = client(&env);
    for n in 0..16_u8 {
        assert_eq!(many.bind(&SshHost::new(1), &[n], true), YES);
    }
    assert_eq!(many.bind(&SshHost::new(1), SESSION, false), NO);
    assert!(!many.signs(PUBLIC, &data));
    let mut broken = bound(&env, 1);
    assert!(broken.signs(PUBLIC, &data));
    assert_eq!(broken.ask(&forged), NO);
    assert!(!broken.signs(PUBLIC, &data), "no good any more");
    assert!(asked(&env).is_empty(), "{:?}", asked(&env));
    let events = uses(&env);
    assert_eq!(events[0]["detail"]["reason"], "unproved", "{events:#?}");
}

#[test]
fn a_program_that_tries_on_and_on_does_not_fill_the_log() {
    let env = running();
    let mut client = bound(&env, 2);
    for n in 0..50 {
        let user = format!("user{n}");
        assert!(!client.signs(PUBLIC, &login(PUBLIC, SESSION, &user, None)));
        assert!(!client.signs(PUBLIC, &file(&format!("space{n}"))));
        assert!(!client.signs(PUBLIC, format!("else {n}").as_bytes()));
    }
    let events = uses(&env);
    assert_eq!(events.len(), 3, "{events:#?}");
    let reasons: Vec<_> = events.iter().map(|it| &it["detail"]["reason"]).collect();
    assert!(reasons.contains(&&"unsafe".into()) && reasons.contains(&&"other-host".into()));
}

#[test]
fn hosts_that_are_not_known_and_urls_that_cannot_be_read_let_nothing_pass() {
    let env = running();
    let data = login(PUBLIC, SESSION, "root", None);
    let set = |url: &str| {
        env.call(&["edit", "acme/deploy", "--unset", "url"]).ok();
        env.call(&["edit", "acme/deploy", "--url", url]).ok();
    };
    for url in [
        "ssh://root@unknown.example",
        "ssh://",
        "ssh://root@web1.acme.example:99999",
    ] {
        set(url);
        assert!(!bound(&env, 1).signs(PUBLIC, &data), "{url}");
    }
    set("ssh://root@web2.acme.example:2222");
    assert!(!bound(&env, 2).signs(PUBLIC, &data));
    knows(&env, "[web2.acme.example]:2222", &SshHost::new(2));
    assert!(bound(&env, 2).signs(PUBLIC, &data), "known since");
    let known = env.home().join(".ssh/known_hosts");
    fs::write(
        &known,
        [&b"\xff\xfe\0 junk\n"[..], &fs::read(&known).unwrap()].concat(),
    )
    .unwrap();
    assert!(
        bound(&env, 2).signs(PUBLIC, &data),
        "what is junk is passed over"
    );
    let file = fs::File::options().write(true).open(&known).unwrap();
    file.set_len(5 << 20).unwrap();
    assert!(!bound(&env, 2).signs(PUBLIC, &data), "too large to be read");
}

#[test]
fn a_place_that_others_may_enter_or_that_leads_away_is_refused() {
    let env = with_keys();
    let folder = env.agent_folder();
    #[cfg(target_os = "linux")]
    {
        let runtime = folder.parent().unwrap();
        fs::set_permissions(runtime, mode(0o755)).unwrap();
        let refused = env.call(&["ssh-agent"]).fails(6);
        refused.says("XDG_RUNTIME_DIR").says("755").hints("700");
        fs::set_permissions(runtime, mode(0o700)).unwrap();
    }
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, mode(0o755)).unwrap();
    env.call(&["ssh-agent"]).fails(6).says("755");
    fs::set_permissions(&folder, mode(0o700)).unwrap();
    symlink(env.home(), folder.join("ssh")).unwrap();
    env.call(&["ssh-agent"]).fails(6).says("no folder");
    assert!(!env.ssh_socket().exists());
    fs::remove_file(folder.join("ssh")).unwrap();
    drop(UnixListener::bind(env.ssh_socket()).unwrap());
    start(&env, &[]);
    wait_until("it answers", || {
        SshClient::try_at(&env.ssh_socket()).is_some()
    });
}

#[test]
fn clients_with_names_of_any_kind_have_sockets_that_stay_in_their_folder() {
    let env = with_keys();
    for name in [
        "Acme Ltd",
        "日本",
        "a~@+b",
        &"x".repeat(64),
        &"ü".repeat(64),
    ] {
        let path = format!("{name}/key");
        env.call(&["add", &path]).stdin(super::ssh_agent::P256).ok();
    }
    env.call(&["unlock"]).ok();
    start(&env, &["--confirm", "never"]);
    let of = |name: &str| env.agent_folder().join(format!("ssh/{name}.sock"));
    wait_until("its socket", || {
        of("Acme Ltd").exists() && of("日本").exists()
    });
    assert_eq!(SshClient::at(&of("Acme Ltd")).names(), ["Acme Ltd/key"]);
    // The path of the last is longer than the system takes: it is served at the socket of all.
    assert!(client(&env).keys().len() == 2, "one key, under one name");
}
