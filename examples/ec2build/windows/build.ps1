# Builds the container image in this folder and pushes it to ECR. A program that
# fails ends the script with its exit code: PowerShell itself would go on.
param(
    [Parameter(Mandatory)][string]$AccountId,
    [Parameter(Mandatory)][string]$Region,
    [Parameter(Mandatory)][string]$RepositoryName,
    [string]$Suffix = 'amazonaws.com'
)
$ErrorActionPreference = 'Stop'

function Invoke-Program([scriptblock]$block) {
    & $block
    if ($LASTEXITCODE -ne 0) {
        [Console]::Error.WriteLine("failed with exit code ${LASTEXITCODE}: $block")
        exit $LASTEXITCODE
    }
}

$registry = "$AccountId.dkr.ecr.$Region.$Suffix"
$tag = $env:PipelineExecutionId
$image = "$registry/${RepositoryName}:$tag"

# The images of Amazon have the AWS Tools for PowerShell.
$login = Get-ECRLoginCommand -Region $Region
$login.Password | docker login --username $login.Username --password-stdin $registry
if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }

Invoke-Program { docker build --tag $image . }
Invoke-Program { docker push $image }

Add-Content -LiteralPath $env:CODESUITE_OUTPUT -Value "Image=$image"
exit 0
