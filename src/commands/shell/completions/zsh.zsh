#compdef vault
# Completion of vault in zsh: source <(vault completions zsh), after compinit.
_vault() {
    local line value
    local -a closed open
    for line in "${(@f)$(command vault complete --shell zsh -- \
        "${(@Q)words[1,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null </dev/null)}"; do
        value=${line%%$'\t'*}
        if [[ $value == :files ]]; then
            _files
            return
        fi
        if [[ $value == :command ]]; then
            local at=${words[(i)--]}
            shift $at words
            (( CURRENT -= at ))
            _normal
            return
        fi
        [[ -n $value ]] || continue
        [[ $line == *$'\t'* ]] && line=${value//:/\\:}:${line#*$'\t'} || line=${value//:/\\:}
        if [[ $value == */ ]]; then open+=("$line"); else closed+=("$line"); fi
    done
    _describe -V vault closed -- open -S ''
}
if [[ $funcstack[1] == _vault ]]; then _vault "$@"; else compdef _vault vault; fi
