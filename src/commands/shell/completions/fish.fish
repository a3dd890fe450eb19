# Completion of vault in fish: vault completions fish > ~/.config/fish/completions/vault.fish
function __vault_complete
    set -l found (command vault complete --shell fish -- \
        (commandline -opc) (commandline -ct) 2>/dev/null </dev/null)
    if test "$found" = :files
        __fish_complete_path (commandline -ct)
    else if test "$found" = :command
        set -l words (commandline -opc)
        set -l after (math (contains -i -- -- $words) + 1)
        complete -C (string join ' ' -- (string escape -- $words[$after..-1]) (commandline -ct))
    else if set -q found[1]
        string join \n -- $found
    end
end
complete -k -c vault -f -a '(__vault_complete)'
