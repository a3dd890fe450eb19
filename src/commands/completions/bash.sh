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
        COMPREPLY+=("$line")
    done < <(command vault complete --shell bash --breaks "$COMP_WORDBREAKS" \
        -- "${COMP_LINE:0:COMP_POINT}" 2>/dev/null </dev/null)
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == */ ]]; then
        compopt -o nospace 2>/dev/null
    fi
}
complete -F _vault vault
