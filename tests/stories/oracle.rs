//! The second reader of the format, as in the tests of interoperation: `VAULT_ORACLE` is its path
//! and `VAULT_ORACLE_PYTHON` the Python that runs it.

use std::process::Command;

use serde_json::Value;

use crate::stories::reference::Reference;
use crate::support::env::TestEnv;

/// The second reader verifies the vault, opens it, and finds every secret that there ever was.
pub(crate) fn agrees(env: &TestEnv, signer: &str, reference: &Reference) -> Result<(), String> {
    run(env, &["verify"], &["--signer", signer])?;
    let password = env.password_file();
    let payload = run(
        env,
        &["open"],
        &["--password-file", password.to_str().unwrap()],
    )?;
    let entries = payload["entries"].as_array().into_iter().flatten();
    let versions = entries.flat_map(|entry| entry["versions"].as_array().into_iter().flatten());
    let mut secrets: Vec<&str> = versions.filter_map(|v| v["value"].as_str()).collect();
    secrets.sort_unstable();
    if secrets != reference.secrets() {
        return Err("the second reader finds other secrets".to_owned());
    }
    Ok(())
}

fn run(env: &TestEnv, verb: &[&str], more: &[&str]) -> Result<Value, String> {
    let variable = |name: &str| std::env::var_os(name).unwrap_or_else(|| panic!("{name} is unset"));
    let output = Command::new(variable("VAULT_ORACLE_PYTHON"))
        .arg(variable("VAULT_ORACLE"))
        .args(verb)
        .arg(env.vault_file())
        .args(more)
        .output()
        .map_err(|why| why.to_string())?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("the second reader refuses the vault: {said}"));
    }
    serde_json::from_slice(&output.stdout).map_err(|why| why.to_string())
}
