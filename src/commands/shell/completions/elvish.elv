# Completion of vault in elvish: eval (vault completions elvish | slurp)
set edit:completion:arg-completer[vault] = {|@words|
    var found = []
    try {
        set found = [((external vault) complete --shell elvish -- $@words 2>/dev/null </dev/null | from-lines)]
    } catch { }
    if (eq $found [:files]) {
        edit:complete-filename $@words
    } else {
        use str
        for line $found {
            var value @about = (str:split &max=2 "\t" $line)
            var end = (if (str:has-suffix $value /) { put '' } else { put ' ' })
            if (eq $about []) {
                edit:complex-candidate $value &code-suffix=$end
            } else {
                edit:complex-candidate $value &code-suffix=$end &display=$value' ('$about[0]')'
            }
        }
    }
}
