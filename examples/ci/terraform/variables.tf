# The variables of plus3it/terraform-aws-codecommit-flow-ci come first, with the names,
# types and defaults that they have there. README.md says which ones differ.

variable "event" {
  description = "Event that starts builds: branch, on-demand, review, schedule or tag."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["branch", "on-demand", "review", "schedule", "tag"], var.event)
    error_message = "event must be branch, on-demand, review, schedule or tag."
  }
}

variable "repo_name" {
  description = "Name of the CodeCommit repository."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9._-]{1,100}$", var.repo_name)) && !endswith(var.repo_name, ".git")
    error_message = "repo_name must be the name of a repository: 1 to 100 letters, digits, '.', '_' and '-', without .git at the end."
  }
}

variable "name_prefix" {
  description = "Text that begins the names of all resources."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]*$", var.name_prefix))
    error_message = "name_prefix may have letters, digits, '_' and '-'."
  }
}

variable "artifacts" {
  description = "Artifacts of the project: a map of encryption_disabled, location, name, namespace_type, packaging, path and type."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "badge_enabled" {
  description = "Whether the project has a build badge."
  type        = bool
  default     = null
}

variable "branch" {
  description = "Branches that are built, for event branch: a name, a glob, or several with commas between them."
  type        = string
  default     = "master"
}

variable "build_timeout" {
  description = "Minutes after which a build times out, 5 to 2160."
  type        = number
  default     = null

  validation {
    condition     = var.build_timeout == null ? true : var.build_timeout >= 5 && var.build_timeout <= 2160
    error_message = "build_timeout must be between 5 and 2160 minutes."
  }
}

variable "buildspec" {
  description = "Buildspec of the project: its path in the repository, or its text."
  type        = string
  default     = ""
  nullable    = false
}

variable "encryption_key" {
  description = "ARN of the KMS key for the artifacts."
  type        = string
  default     = null
}

variable "environment" {
  description = "Environment of the project: a map of certificate, compute_type, image, image_pull_credentials_type, privileged_mode and type."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "environment_variables" {
  description = "Variables of the builds: maps with name, value and type (PLAINTEXT, PARAMETER_STORE or SECRETS_MANAGER)."
  type        = list(map(string))
  default     = []
  nullable    = false

  validation {
    condition = alltrue([
      for v in var.environment_variables : can(v.name) && can(v.value) &&
      contains(["PLAINTEXT", "PARAMETER_STORE", "SECRETS_MANAGER"], lookup(v, "type", "PLAINTEXT"))
    ])
    error_message = "Each of environment_variables needs a name and a value, and may have the type PLAINTEXT, PARAMETER_STORE or SECRETS_MANAGER."
  }
}

variable "policy_arns" {
  description = "ARNs of policies for the role of the builds, in which placeholders may be written. Null leaves policies alone that others attach."
  type        = list(string)
  default     = []
}

variable "policy_override" {
  description = "JSON of a policy that is merged into that of the builds, in which placeholders may be written. A statement with the Sid of one there replaces it."
  type        = string
  default     = ""
  nullable    = false
}

variable "python_runtime" {
  description = "Not used: the function is written in Go. A value only makes a warning."
  type        = string
  default     = null
}

variable "queued_timeout" {
  description = "Minutes after which a build that waits times out, 5 to 480."
  type        = number
  default     = null

  validation {
    condition     = var.queued_timeout == null ? true : var.queued_timeout >= 5 && var.queued_timeout <= 480
    error_message = "queued_timeout must be between 5 and 480 minutes."
  }
}

variable "schedule_expression" {
  description = "When builds start, for event schedule: rate(…), cron(…) or at(…) of EventBridge Scheduler."
  type        = string
  default     = null

  validation {
    condition     = var.schedule_expression == null ? true : can(regex("^(at|cron|rate)\\(.+\\)$", var.schedule_expression))
    error_message = "schedule_expression must be rate(…), cron(…) or at(…)."
  }
}

variable "source_version" {
  description = "Branch, tag or commit that is built where the event has none."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of all resources."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "vpc_config" {
  description = "VPC of the builds: security_group_ids, subnets and vpc_id."
  type = object({
    security_group_ids = list(string)
    subnets            = list(string)
    vpc_id             = string
  })
  default = null
}

# The variables that are new.

variable "package" {
  description = "Path of the zip file with the function: the program bootstrap, compiled for linux/arm64."
  type        = string
  nullable    = false
}

variable "tag" {
  description = "Tags that are built, for event tag: a name, a glob, or several with commas between them."
  type        = string
  default     = ""
  nullable    = false
}

variable "destination_branch" {
  description = "Destination branches of the pull requests that are built, for event review."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "approve" {
  description = "Whether the function approves a pull request whose build has succeeded, for event review."
  type        = bool
  default     = false
  nullable    = false
}

variable "command_authors" {
  description = "Globs of the ARNs of those who may give commands in comments, for event review."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "schedule_timezone" {
  description = "Time zone of schedule_expression, such as Europe/Berlin."
  type        = string
  default     = "UTC"
  nullable    = false
}

variable "report_topic_arn" {
  description = "ARN of an SNS topic that gets a message for each build that has ended."
  type        = string
  default     = null
}

variable "alarm_topic_arn" {
  description = "ARN of an SNS topic that alarms go to."
  type        = string
  default     = null
}

variable "log_level" {
  description = "What the function logs at least: debug, info, warning, error or critical."
  type        = string
  default     = "info"
  nullable    = false

  validation {
    condition     = contains(["debug", "info", "warning", "error", "critical"], var.log_level)
    error_message = "log_level must be debug, info, warning, error or critical."
  }
}

variable "log_retention_days" {
  description = "After how many days the logs of the function and of the builds are deleted."
  type        = number
  default     = 30
  nullable    = false
}

variable "concurrency" {
  description = "How many instances of the function run at once; -1 for as many as the account lets run."
  type        = number
  default     = 5
  nullable    = false
}
