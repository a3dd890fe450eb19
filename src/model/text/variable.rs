//! Environment variables that a secret is never put into, because a program would be steered by
//! them: what is loaded into it, where its programs are found, how its shell or interpreter starts.

use std::ffi::OsStr;

use super::name::EnvName;
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
            "BASH_LOADABLES_PATH",
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
            "BUNDLE_GEMFILE",
            "CLASSPATH",
            "DOTNET_STARTUP_HOOKS",
            "GEM_HOME",
            "GEM_PATH",
            "JAVA_OPTS",
            "JAVA_TOOL_OPTIONS",
            "JDK_JAVA_OPTIONS",
            "LUA_CPATH*",
            "LUA_INIT*",
            "LUA_PATH*",
            "NODE_OPTIONS",
            "NODE_PATH",
            "NPM_CONFIG_GLOBALCONFIG",
            "NPM_CONFIG_NODE_OPTIONS",
            "NPM_CONFIG_SCRIPT_SHELL",
            "NPM_CONFIG_USERCONFIG",
            "PERL5DB",
            "PERL5LIB",
            "PERL5OPT",
            "PERLLIB",
            "PHPRC",
            "PHP_INI_SCAN_DIR",
            "PYTHONBREAKPOINT",
            "PYTHONEXECUTABLE",
            "PYTHONHOME",
            "PYTHONINSPECT",
            "PYTHONPATH",
            "PYTHONPLATLIBDIR",
            "PYTHONSTARTUP",
            "PYTHONUSERBASE",
            "PYTHONWARNINGS",
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

/// Whether a variable says where the master password is: no child gets it.
pub fn tells_password(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b"VAULT_PASSWORD")
}

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

#[cfg(test)]
mod tests {
    use super::check_settable;
    use crate::error::Kind;
    use crate::model::text::name::EnvName;

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
            "npm_config_script_shell",
            "PYTHONWARNINGS",
            "DOTNET_STARTUP_HOOKS",
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
