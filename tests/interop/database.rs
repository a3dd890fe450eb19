//! A server of `PostgreSQL` for one test, with a role `shop` that has a password.

use std::fs;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::support::wait::wait_until;

/// A program that is ended with the test.
pub(super) struct Server(pub(super) Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A program of Debian's server, whichever version that is.
fn postgres(program: &str) -> String {
    let versions = fs::read_dir("/usr/lib/postgresql").unwrap();
    let mut found: Vec<_> = versions.map(|it| it.unwrap().path()).collect();
    found.sort();
    let found = found.pop().unwrap().join("bin").join(program);
    found.display().to_string()
}

/// Whoever may run that server: root may not.
fn as_ordinary_user(program: &str) -> Command {
    if rustix::process::geteuid().is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups", program]);
        return command;
    }
    Command::new(program)
}

/// The server, which listens in its own folder only. Whoever calls itself `keeper` needs no password.
pub(super) struct DatabaseServer {
    /// Ended before its folder is removed.
    _server: Server,
    folder: TempDir,
}

impl DatabaseServer {
    /// Starts it, with this password of `shop`.
    pub(super) fn start(password: &str) -> Self {
        // Its folder is its user's own, and short enough for the name of a socket.
        let folder = tempfile::Builder::new()
            .prefix("pg")
            .tempdir_in("/tmp")
            .unwrap();
        if rustix::process::geteuid().is_root() {
            std::os::unix::fs::chown(folder.path(), Some(65534), Some(65534)).unwrap();
        }
        let place = folder.path().display().to_string();
        let data = format!("{place}/data");
        let init = as_ordinary_user(&postgres("initdb"))
            .args(["-D", &data, "-A", "trust", "-U", "keeper", "--no-sync"])
            .stdout(Stdio::null())
            .status();
        assert!(init.unwrap().success());
        fs::write(
            format!("{data}/pg_hba.conf"),
            "local all keeper trust\nlocal all all scram-sha-256\n",
        )
        .unwrap();
        let mut server = as_ordinary_user(&postgres("postgres"));
        server.args(["-D", &data, "-k", &place, "-c", "listen_addresses="]);
        server.stdout(Stdio::null()).stderr(Stdio::null());
        let server = Self {
            _server: Server(server.spawn().unwrap()),
            folder,
        };
        wait_until("postgres", || server.ask("SELECT 1"));
        let doubled = password.replace('\'', "''");
        assert!(server.ask(&format!("CREATE ROLE shop LOGIN PASSWORD '{doubled}'")));
        server
    }

    /// Where its socket lies.
    pub(super) fn place(&self) -> String {
        self.folder.path().display().to_string()
    }

    /// Whether `keeper` may say so.
    fn ask(&self, sql: &str) -> bool {
        let url = format!("postgresql:///postgres?host={}&user=keeper", self.place());
        let psql = Command::new("psql")
            .args(["-Xqw", "-d", &url, "-c", sql])
            .output();
        psql.unwrap().status.success()
    }
}
