# Runs one build on an instance. Systems Manager replaces the names in double
# braces: values are base64 or an ID, so that none is part of a line of this script.
# Lists have a zero character behind each element.
#
# Needs: Windows PowerShell 5.1, and the AWS CLI or the AWS Tools for PowerShell,
# one of which the images of Amazon have.
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
Set-StrictMode -Version 2

$command64 = '{{ Command }}'
$directory64 = '{{ WorkingDirectory }}'
$environment64 = '{{ Environment }}'
$inputs64 = '{{ Inputs }}'
$outputs64 = '{{ Outputs }}'
$key64 = '{{ EncryptionKey }}'
$variables64 = '{{ Variables }}'
$instance = '{{ Instance }}'

function Write-Note([string]$text) { Write-Output "codesuite: $text" }

function Exit-Failed([string]$text, [int]$code = 1) {
    [Console]::Error.WriteLine("codesuite: $text")
    exit $code
}

function ConvertFrom-Parameter([string]$text) {
    [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($text))
}

function ConvertFrom-List([string]$text) {
    $all = ConvertFrom-Parameter $text
    if ($all.Length -eq 0) { return , @() }
    return , ($all.Substring(0, $all.Length - 1).Split([char]0))
}

Add-Type -AssemblyName System.IO.Compression
Add-Type -AssemblyName System.IO.Compression.FileSystem

$temp = [IO.Path]::Combine([IO.Path]::GetTempPath(), 'codesuite-' + [Guid]::NewGuid().ToString('N'))
foreach ($folder in 'work', 'inputs', 'outputs') {
    [void][IO.Directory]::CreateDirectory([IO.Path]::Combine($temp, $folder))
}

$pairs = ConvertFrom-List $environment64
for ($i = 0; $i -lt $pairs.Length; $i += 2) {
    [Environment]::SetEnvironmentVariable($pairs[$i], $pairs[$i + 1])
}
$output = [IO.Path]::Combine($temp, 'variables')
$env:CODESUITE_OUTPUT = $output

$directory = [IO.Path]::Combine([IO.Path]::Combine($temp, 'work'), (ConvertFrom-Parameter $directory64))
try {
    [void][IO.Directory]::CreateDirectory($directory)
    Set-Location -LiteralPath $directory
    [IO.Directory]::SetCurrentDirectory($directory)
} catch {
    Exit-Failed "cannot make and enter the working directory: $_"
}
$env:Path = "$directory;$env:Path"

$cli = Get-Command -Name aws -CommandType Application -ErrorAction SilentlyContinue

function Receive-Artifact([string]$name, [string]$bucket, [string]$key, [string]$folder) {
    Write-Note "fetching the input artifact $name"
    $file = [IO.Path]::Combine($temp, 'artifact.zip')
    try {
        if ($cli) {
            & aws s3 cp --only-show-errors "s3://$bucket/$key" $file
            if ($LASTEXITCODE -ne 0) { throw "aws s3 cp ended with exit code $LASTEXITCODE" }
        } else {
            [void](Read-S3Object -BucketName $bucket -Key $key -File $file)
        }
    } catch {
        Exit-Failed "cannot fetch the input artifact $name from s3://$bucket/${key}: the instance's role needs s3:GetObject for it, and kms:Decrypt for its key: $_"
    }
    try {
        Expand-Archive -LiteralPath $file -DestinationPath $folder -Force
    } catch {
        Exit-Failed "cannot unpack the input artifact ${name}: it has to be a zip archive: $_"
    }
    Remove-Item -LiteralPath $file
}

# Send-File puts a file, an artifact encrypted with the key of the artifact store.
function Send-File([string]$file, [string]$bucket, [string]$key, [bool]$artifact) {
    $kms = ConvertFrom-Parameter $key64
    try {
        if ($cli) {
            $encryption = @()
            if ($artifact) { $encryption += @('--sse', 'aws:kms') }
            if ($artifact -and $kms) { $encryption += @('--sse-kms-key-id', $kms) }
            & aws s3 cp --only-show-errors $file "s3://$bucket/$key" @encryption
            if ($LASTEXITCODE -ne 0) { throw "aws s3 cp ended with exit code $LASTEXITCODE" }
        } else {
            $encryption = @{}
            if ($artifact) { $encryption['ServerSideEncryption'] = 'aws:kms' }
            if ($artifact -and $kms) { $encryption['ServerSideEncryptionKeyManagementServiceKeyId'] = $kms }
            Write-S3Object -BucketName $bucket -Key $key -File $file @encryption
        }
    } catch {
        Exit-Failed "cannot put s3://$bucket/${key}: the instance's role needs s3:PutObject for it, and kms:GenerateDataKey for the key: $_"
    }
}

# The first input is unpacked into the working directory, every other into a
# folder of its own, which a variable names.
$inputs = ConvertFrom-List $inputs64
for ($i = 0; $i -lt $inputs.Length; $i += 3) {
    $folder = $directory
    if ($i -gt 0) {
        $folder = [IO.Path]::Combine($temp, 'inputs', $inputs[$i])
        [void][IO.Directory]::CreateDirectory($folder)
    }
    [Environment]::SetEnvironmentVariable('CODESUITE_INPUT_' + $inputs[$i].Replace('-', '_'), $folder)
    Receive-Artifact $inputs[$i] $inputs[$i + 1] $inputs[$i + 2] $folder
}

# PowerShell goes on after a program that failed. So each statement of the command is
# followed by a check of the exit code: in the file itself and its begin, process and
# end blocks, and in the blocks of if, switch, loops, try and catch. A check in a
# function or an expression could come before the statement that looks at the exit code
# itself: there the statement around is checked. A check in a finally block would leave
# out what cleans up.
$text = ConvertFrom-Parameter $command64
$tokens = $null
$problems = $null
$syntax = [Management.Automation.Language.Parser]::ParseInput($text, [ref]$tokens, [ref]$problems)
if ($problems.Count -gt 0) {
    Exit-Failed "the command is not valid: $($problems[0].Message)"
}
$ends = @()
$blocks = $syntax.FindAll({
        param($node)
        $node -is [Management.Automation.Language.NamedBlockAst] -or $node -is [Management.Automation.Language.StatementBlockAst]
    }, $false)
foreach ($block in $blocks) {
    $node = $block
    while ($null -ne $node.Parent) {
        $around = $node.Parent
        if ($around -is [Management.Automation.Language.ExpressionAst] -or
            $around -is [Management.Automation.Language.DataStatementAst] -or
            ($around -is [Management.Automation.Language.TryStatementAst] -and [object]::ReferenceEquals($around.Finally, $node))) {
            break
        }
        $node = $around
    }
    if ($null -eq $node.Parent) {
        foreach ($statement in $block.Statements) { $ends += $statement.Extent.EndOffset }
    }
}
foreach ($end in $ends | Sort-Object -Descending -Unique) {
    # On the same line: the lines of errors stay right.
    $text = $text.Insert($end, '; if ($global:LASTEXITCODE) { exit $global:LASTEXITCODE }')
}
# The command is a file of its own, as nothing may come before its param block. The
# program that calls it ends with its exit code, or with 1 after an error.
$files = @{
    'command.ps1' = $text
    'run.ps1'     = @'
$ErrorActionPreference = 'Stop'
$global:LASTEXITCODE = 0
& (Join-Path $PSScriptRoot 'command.ps1')
exit $global:LASTEXITCODE
'@
}
foreach ($name in $files.Keys) {
    # With a mark: without one, Windows PowerShell takes the file to be in ANSI.
    [IO.File]::WriteAllText([IO.Path]::Combine($temp, $name), $files[$name], (New-Object Text.UTF8Encoding $true))
}

Write-Note "running the command in $directory"
& "$PSHOME\powershell.exe" -NoProfile -NonInteractive -ExecutionPolicy Bypass -File ([IO.Path]::Combine($temp, 'run.ps1'))
$code = $LASTEXITCODE
if ($code -eq 3010) {
    # The agent would reboot the machine and run this script again.
    Exit-Failed 'the command ended with exit code 3010, which asks for a reboot: builds cannot reboot their instance'
}
if ($code -ne 0) {
    Exit-Failed "the command failed with exit code $code" $code
}

# Save-Zip packs a file, or what is in a folder. The names in it have forward
# slashes, which those of CreateFromDirectory have not in Windows PowerShell.
function Save-Zip([string]$from, [string]$file) {
    $zip = [IO.Compression.ZipFile]::Open($file, [IO.Compression.ZipArchiveMode]::Create)
    try {
        if (Test-Path -LiteralPath $from -PathType Leaf) {
            [void][IO.Compression.ZipFileExtensions]::CreateEntryFromFile($zip, $from, [IO.Path]::GetFileName($from))
            return
        }
        $root = (Get-Item -LiteralPath $from -Force).FullName.TrimEnd('\')
        foreach ($item in Get-ChildItem -LiteralPath $from -Recurse -Force) {
            $name = $item.FullName.Substring($root.Length + 1).Replace('\', '/')
            if (-not $item.PSIsContainer) {
                [void][IO.Compression.ZipFileExtensions]::CreateEntryFromFile($zip, $item.FullName, $name)
            } elseif (@(Get-ChildItem -LiteralPath $item.FullName -Force).Length -eq 0) {
                [void]$zip.CreateEntry("$name/")
            }
        }
    } finally {
        $zip.Dispose()
    }
}

$outputs = ConvertFrom-List $outputs64
for ($i = 0; $i -lt $outputs.Length; $i += 4) {
    $name = $outputs[$i]
    $from = [IO.Path]::Combine($directory, $outputs[$i + 3])
    if (-not (Test-Path -LiteralPath $from)) {
        Exit-Failed "the output artifact $name has no content: there is no such file or folder as its path"
    }
    if ((Test-Path -LiteralPath $from -PathType Container) -and @(Get-ChildItem -LiteralPath $from -Force).Length -eq 0) {
        Exit-Failed "the output artifact $name is empty: its folder has no files"
    }
    Write-Note "packing the output artifact $name"
    $file = [IO.Path]::Combine($temp, 'outputs', "$name.zip")
    try {
        Save-Zip $from $file
    } catch {
        Exit-Failed "cannot pack the output artifact ${name}: $_"
    }
    Send-File $file $outputs[$i + 1] $outputs[$i + 2] $true
}

# The lines of $env:CODESUITE_OUTPUT become output variables, as one JSON object. Its
# bucket says how it is encrypted: the state machine, which reads it, has no access
# to the key of the artifact store.
$limit = 122880 - 4096 # without those that the state machine adds
if ($variables64) {
    $variables = New-Object 'Collections.Generic.Dictionary[string,string]'
    $size = 0
    $number = 0
    $lines = @()
    if ([IO.File]::Exists($output)) { $lines = [IO.File]::ReadAllLines($output) }
    foreach ($line in $lines) {
        $number++
        if ($line -eq '' -or $line.StartsWith('#')) { continue }
        $name, $value = $line.Split([char[]]'=', 2)
        if ($null -eq $value -or $name -cnotmatch '\A[A-Za-z0-9@_-]+\z') {
            Exit-Failed "line $number of CODESUITE_OUTPUT is not NAME=value with a name of letters, digits, '@', '_' and '-'"
        }
        if ($value -match '[\x00-\x08\x0a-\x1f\x7f]') {
            Exit-Failed "line $number of CODESUITE_OUTPUT has a control character"
        }
        $size += $name.Length + [Text.Encoding]::UTF8.GetByteCount($value)
        if ($size -gt $limit) {
            Exit-Failed "the output variables in CODESUITE_OUTPUT have more than $limit bytes"
        }
        $variables[$name] = $value
    }
    $file = [IO.Path]::Combine($temp, 'variables.json')
    [IO.File]::WriteAllText($file, (ConvertTo-Json -InputObject $variables -Compress))
    $place = ConvertFrom-List $variables64
    Send-File $file $place[0] ($place[1] + $instance) $false
}
Write-Note 'done'
exit 0
