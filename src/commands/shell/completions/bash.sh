# Completion of vault in bash: eval "$(vault completions bash)"
_vault() {
    local line
    COMPREPLY=()
    while IFS= read -r line; do
        if [[ $line == :files ]]; then
            compopt -o default -o filenames 2>/dev/null
            COMPREPLY=()
            return
        fi
        if [[ $line == :command ]]; then
            _vault_command
            return
        fi
        COMPREPLY+=("$line")
    done < <(command vault complete --shell bash --breaks "$COMP_WORDBREAKS" \
        -- "${COMP_LINE:0:COMP_POINT}" 2>/dev/null </dev/null)
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == */ ]]; then
        compopt -o nospace 2>/dev/null
    fi
}
_vault_command() {
    local at=1 IFS=$'\n'
    while [[ ${COMP_WORDS[at++]} != -- ]]; do :; done
    if declare -F _comp_command_offset >/dev/null; then
        _comp_command_offset "$at"
    elif declare -F _command_offset >/dev/null; then
        _command_offset "$at"
    elif ((at == COMP_CWORD)); then
        COMPREPLY=($(compgen -c -- "${COMP_WORDS[COMP_CWORD]}"))
    else
        compopt -o default -o filenames 2>/dev/null
    fi
}
# The order is ours; bash before 4.4 knows its own only.
complete -o nosort -F _vault vault 2>/dev/null || complete -F _vault vault
