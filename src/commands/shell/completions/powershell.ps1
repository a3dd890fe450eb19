# Completion of vault in PowerShell: vault completions powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName vault -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
        ForEach-Object { if ($null -ne $_.Value) { [string]$_.Value } else { $_.Extent.Text } })
    $current = $wordToComplete.Trim("'", '"')
    $program = @(Get-Command vault -CommandType Application)[0]
    # An empty argument was lost on its way to a program before PowerShell 7.3: it is left out.
    if ($current -eq '') { $last = @('--empty') } else { $last = @() ; $words += $current }
    & $program complete --shell powershell @last -- @words 2>$null | ForEach-Object {
        $value, $about = $_ -split "`t", 2
        if ($value -eq ':files') {
            [System.Management.Automation.CompletionCompleters]::CompleteFilename($wordToComplete)
            return
        }
        $quoted = if ($value -match "[^\w./@+=-]|^@") { "'" + $value.Replace("'", "''") + "'" } else { $value }
        $tip = if ($about) { $about } else { $value }
        [System.Management.Automation.CompletionResult]::new($quoted, $value, 'ParameterValue', $tip)
    }
}
