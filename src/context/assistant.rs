//! Whether an assistant runs this: what it is shown is sent elsewhere, and nobody sits at its terminal.

/// Variables that assistants set for the programs that they run.
const ASSISTANTS: [&str; 13] = [
    "AI_AGENT",
    "AUGMENT_AGENT",
    "CLAUDECODE",
    "CLAUDE_CODE",
    "CLINE_ACTIVE",
    "CODEX_CI",
    "CODEX_SANDBOX",
    "CODEX_SANDBOX_NETWORK_DISABLED",
    "CODEX_THREAD_ID",
    "CURSOR_AGENT",
    "GEMINI_CLI",
    "OPENCODE",
    "QWEN_CODE",
];

/// The first variable that tells of an assistant.
#[must_use]
pub(crate) fn assistant() -> Option<&'static str> {
    let is_set = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    ASSISTANTS.into_iter().find(is_set)
}
