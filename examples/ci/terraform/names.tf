data "aws_caller_identity" "this" {}

data "aws_partition" "this" {}

data "aws_region" "this" {}

locals {
  account_id = data.aws_caller_identity.this.account_id
  partition  = data.aws_partition.this.partition
  region     = data.aws_region.this.region
  dns_suffix = data.aws_partition.this.dns_suffix

  # The part of names that says what is built. A branch whose name has other characters
  # gets some of a hash as well, so that a/b, a-b and ab have names of their own.
  branch      = var.branch == null ? "" : var.branch
  branch_slug = replace(local.branch, "/[^A-Za-z0-9_-]/", "-")
  branch_stage = (
    local.branch == local.branch_slug
    ? "branch-${local.branch}"
    : "branch-${local.branch_slug}-${substr(sha256(local.branch), 0, 6)}"
  )
  stage     = var.event == "branch" ? local.branch_stage : var.event
  full_name = "${var.name_prefix}${var.repo_name}-${local.stage}-flow-ci"

  # A repository may have dots in its name, which functions and projects may not.
  plain_name = (
    can(regex("^[A-Za-z0-9_-]+$", local.full_name))
    ? local.full_name
    : "${replace(local.full_name, "/[^A-Za-z0-9_-]/", "-")}-${substr(sha256(local.full_name), 0, 6)}"
  )

  # Functions, rules, schedules and roles have names of up to 64 characters, and the
  # longest addition below has 10.
  name = (
    length(local.plain_name) <= 54
    ? local.plain_name
    : "${substr(local.plain_name, 0, 45)}-${substr(sha256(local.plain_name), 0, 8)}"
  )
  project_name = (
    length(local.plain_name) <= 150
    ? local.plain_name
    : "${substr(local.plain_name, 0, 141)}-${substr(sha256(local.plain_name), 0, 8)}"
  )

  repository_arn = "arn:${local.partition}:codecommit:${local.region}:${local.account_id}:${var.repo_name}"
  clone_url      = "https://git-codecommit.${local.region}.${local.dns_suffix}/v1/repos/${var.repo_name}"

  # What is written for the placeholders in policies.
  placeholders = {
    name        = "${var.name_prefix}${var.repo_name}"
    name_prefix = var.name_prefix
    name_slug   = local.project_name
    partition   = local.partition
    region      = local.region
    repo_name   = var.repo_name
    account_id  = local.account_id
  }
  policy_override = replace(replace(replace(replace(replace(replace(replace(var.policy_override,
    "$${name}", local.placeholders.name),
    "$${name_prefix}", local.placeholders.name_prefix),
    "$${name_slug}", local.placeholders.name_slug),
    "$${partition}", local.placeholders.partition),
    "$${region}", local.placeholders.region),
    "$${repo_name}", local.placeholders.repo_name),
  "$${account_id}", local.placeholders.account_id)
  policy_arns = [
    for arn in(var.policy_arns == null ? [] : var.policy_arns) :
    replace(replace(replace(replace(replace(replace(replace(arn,
      "$${name}", local.placeholders.name),
      "$${name_prefix}", local.placeholders.name_prefix),
      "$${name_slug}", local.placeholders.name_slug),
      "$${partition}", local.placeholders.partition),
      "$${region}", local.placeholders.region),
      "$${repo_name}", local.placeholders.repo_name),
    "$${account_id}", local.placeholders.account_id)
  ]
}

# The variable does nothing, which a plan says.
check "python_runtime" {
  assert {
    condition     = var.python_runtime == null
    error_message = "python_runtime is not used: the function is written in Go."
  }
}
