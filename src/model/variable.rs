//! The environment variables of a program that is run with secrets: those that entries name, and
//! those that are never set, because the program would be steered by them: what is loaded into it,
//! where its programs are found, how its shell or interpreter starts.

use std::collections::BTreeMap;

use super::entry::Entry;
use super::name::{ClientSlug, EntryPath, EnvName};
use super::reference::Reference;
use super::vault::Vault;
use crate::error::{Error, Result};

/// What a variable would decide, and the names of those that do; `*` stands for any rest.
const REFUSED: [(&str, &[&str]); 8] = [
    (
        "what is loaded into a program",
        &["LD_*", "DYLD_*", "_RLD*"],
    ),
    (
        "which programs and folders are used",
        &[
            "CDPATH", "HOME", "LOGNAME", "OLDPWD", "PATH", "PWD", "SHELL", "TMPDIR", "USER",
            "XDG_*",
        ],
    ),
    (
        "how a shell reads its commands",
        &[
            "BASH_ENV",
            "BASHOPTS",
            "BASH_FUNC_*",
            "BASH_XTRACEFD",
            "ENV",
            "FPATH",
            "GLOBIGNORE",
            "IFS",
            "PROMPT_COMMAND",
            "PS0",
            "PS1",
            "PS2",
            "PS3",
            "PS4",
            "SHELLOPTS",
            "ZDOTDIR",
        ],
    ),
    (
        "what an interpreter loads at its start",
        &[
            "CLASSPATH",
            "JAVA_OPTS",
            "JAVA_TOOL_OPTIONS",
            "JDK_JAVA_OPTIONS",
            "LUA_CPATH*",
            "LUA_INIT*",
            "LUA_PATH*",
            "NODE_OPTIONS",
            "NODE_PATH",
            "PERL5DB",
            "PERL5LIB",
            "PERL5OPT",
            "PERLLIB",
            "PHPRC",
            "PHP_INI_SCAN_DIR",
            "PYTHONHOME",
            "PYTHONINSPECT",
            "PYTHONPATH",
            "PYTHONSTARTUP",
            "PYTHONUSERBASE",
            "RUBYLIB",
            "RUBYOPT",
            "_JAVA_OPTIONS",
        ],
    ),
    (
        "which program another one starts",
        &[
            "BROWSER",
            "EDITOR",
            "GIT_ASKPASS",
            "GIT_CONFIG*",
            "GIT_EDITOR",
            "GIT_EXEC_PATH",
            "GIT_EXTERNAL_DIFF",
            "GIT_PAGER",
            "GIT_PROXY_COMMAND",
            "GIT_SEQUENCE_EDITOR",
            "GIT_SSH",
            "GIT_SSH_COMMAND",
            "GIT_TEMPLATE_DIR",
            "LESSCLOSE",
            "LESSOPEN",
            "MAKEFILES",
            "MAKEFLAGS",
            "MANPAGER",
            "MFLAGS",
            "PAGER",
            "RUSTC_WRAPPER",
            "SSH_ASKPASS",
            "SUDO_ASKPASS",
            "VISUAL",
        ],
    ),
    (
        "which servers, keys or certificates are trusted",
        &[
            "ALL_PROXY",
            "CURL_CA_BUNDLE",
            "FTP_PROXY",
            "HTTPS_PROXY",
            "HTTP_PROXY",
            "NODE_EXTRA_CA_CERTS",
            "NODE_TLS_REJECT_UNAUTHORIZED",
            "NO_PROXY",
            "OPENSSL_CONF",
            "OPENSSL_MODULES",
            "REQUESTS_CA_BUNDLE",
            "SSH_AUTH_SOCK",
            "SSLKEYLOGFILE",
            "SSL_CERT_DIR",
            "SSL_CERT_FILE",
        ],
    ),
    (
        "how the C library works",
        &[
            "GCONV_PATH",
            "GETCONF_DIR",
            "GLIBC_TUNABLES",
            "HOSTALIASES",
            "LOCALDOMAIN",
            "LOCPATH",
            "MALLOC_*",
            "NIS_PATH",
            "NLSPATH",
            "RESOLV_HOST_CONF",
            "RES_OPTIONS",
            "TERMCAP",
            "TERMINFO*",
            "TERMPATH",
            "TZDIR",
        ],
    ),
    ("how vault itself works", &["VAULT_*"]),
];

/// Refuses a variable that would decide more than what a program is told.
///
/// # Errors
/// [`crate::error::Kind::Refused`], saying what it decides.
pub fn check_settable(name: &EnvName) -> Result<()> {
    // Some are looked up in either case: http_proxy, for one.
    let upper = name.as_str().to_ascii_uppercase();
    let is_it = |refused: &&str| match refused.strip_suffix('*') {
        Some(start) => upper.starts_with(start),
        None => *refused == upper,
    };
    match REFUSED.iter().find(|(_, names)| names.iter().any(is_it)) {
        None => Ok(()),
        Some((decides, _)) => Err(Error::refused(format!(
            "{} is never set from the vault: it decides {decides}",
            name.as_str()
        ))
        .hint("give the variable another name, or set it yourself before the command")),
    }
}

/// Entries whose variables are set.
#[derive(Clone, Copy, Debug)]
pub struct Selection<'a> {
    /// All of these clients that name a variable.
    pub clients: &'a [ClientSlug],
    /// These; each has to name one.
    pub entries: &'a [EntryPath],
}

impl Vault {
    /// The variables that the selected entries name, each with the entry whose secret it holds.
    /// One that `is_set` otherwise is left out.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`] for an unknown client or entry, and where no variable is
    /// named; [`crate::error::Kind::Conflict`] when two entries name the same one;
    /// [`crate::error::Kind::Refused`] as [`check_settable`].
    pub fn variables(
        &self,
        selection: &Selection<'_>,
        is_set: impl Fn(&str) -> bool,
    ) -> Result<BTreeMap<String, EntryPath>> {
        let mut variables = BTreeMap::new();
        for path in selection.entries {
            let name = variable(path, self.entry(path)?)?.ok_or_else(|| {
                Error::not_found(format!("{path} names no variable")).hint(format!(
                    "name one: vault edit {path} --env NAME, or here: --env NAME=vault://…"
                ))
            })?;
            claim(&mut variables, &name, path.clone(), &is_set)?;
        }
        if selection.clients.is_empty() {
            return Ok(variables);
        }
        let live = self.live()?;
        for slug in selection.clients {
            let client = self.known_client(slug)?.id;
            let mut names_any = false;
            for (path, entry) in live.iter().filter(|(_, e)| e.client.get() == Some(&client)) {
                let path: EntryPath = path
                    .parse()
                    .map_err(|_| Error::integrity(format!("{} has no valid path", entry.id)))?;
                if let Some(name) = variable(&path, entry)? {
                    names_any = true;
                    claim(&mut variables, &name, path, &is_set)?;
                }
            }
            if !names_any {
                return Err(
                    Error::not_found(format!("no entry of {slug} names a variable"))
                        .hint(format!("name one: vault edit {slug}/NAME --env VARIABLE")),
                );
            }
        }
        Ok(variables)
    }
}

/// The variable that an entry names, if it does.
fn variable(path: &EntryPath, entry: &Entry) -> Result<Option<EnvName>> {
    let name = entry.env.value().map(|name| name.parse()).transpose();
    let name = name.map_err(|why: String| {
        Error::integrity(format!("{path} names a variable that cannot be: {why}"))
    })?;
    Ok(name)
}

fn claim(
    variables: &mut BTreeMap<String, EntryPath>,
    name: &EnvName,
    path: EntryPath,
    is_set: impl Fn(&str) -> bool,
) -> Result<()> {
    if is_set(name.as_str()) {
        return Ok(());
    }
    check_settable(name).map_err(|why| {
        let hint = format!("give it another: vault edit {path} --env NAME");
        Error::refused(format!("{path}: {why}")).hint(hint)
    })?;
    let name = name.as_str();
    match variables.insert(name.to_owned(), path.clone()) {
        Some(other) if other != path => Err(Error::conflict(format!(
            "{other} and {path} both name {name}"
        ))
        .hint(format!(
            "say which one: --env {name}={}",
            Reference::to_secret(path)
        ))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::check_settable;
    use crate::error::Kind;
    use crate::model::name::EnvName;

    fn settable(name: &str) -> bool {
        let name: EnvName = name.parse().unwrap();
        match check_settable(&name) {
            Ok(()) => true,
            Err(why) => {
                assert_eq!(why.kind(), Kind::Refused);
                assert!(why.message().contains(name.as_str()), "{why}");
                false
            }
        }
    }

    #[test]
    fn what_steers_a_child_is_never_set() {
        for name in [
            "PATH",
            "Path",
            "LD_PRELOAD",
            "LD_AUDIT",
            "ld_library_path",
            "DYLD_INSERT_LIBRARIES",
            "BASH_ENV",
            "ENV",
            "IFS",
            "SHELLOPTS",
            "PS4",
            "PYTHONPATH",
            "PERL5OPT",
            "NODE_OPTIONS",
            "GIT_SSH_COMMAND",
            "GIT_CONFIG_COUNT",
            "VAULT_FILE",
            "VAULT_PASSWORD_COMMAND",
            "http_proxy",
        ] {
            assert!(!settable(name), "{name}");
        }
    }

    #[test]
    fn what_tells_a_child_something_is_set() {
        for name in [
            "DB_PASSWORD",
            "WP_TOKEN",
            "AWS_SECRET_ACCESS_KEY",
            "GITHUB_TOKEN",
            "PGPASSWORD",
            "NPM_TOKEN",
            "MY_PATH",
            "LDAP_PASSWORD",
            "GIT_TOKEN",
            "SSHPASS",
            "HCLOUD_TOKEN",
        ] {
            assert!(settable(name), "{name}");
        }
    }
}
