locals {
  enabled = {
    pull-requests = local.review
    comments      = local.commands
    branch        = var.event == "branch"
    tag           = var.event == "tag"
    builds        = local.tells
  }

  # The rules that the function asks for ("ci rules"), of the account. A glob of
  # branches or tags is left to the function.
  patterns = { for name, pattern in {
    pull-requests = {
      account     = [local.account_id]
      source      = ["aws.codecommit"]
      detail-type = ["CodeCommit Pull Request State Change", "CodeCommit PullRequest State Change"]
      detail = {
        event           = ["pullRequestCreated", "pullRequestSourceBranchUpdated", "pullRequestStatusChanged", "pullRequestMergeStatusUpdated"]
        repositoryNames = [var.repo_name]
      }
    }
    comments = {
      account     = [local.account_id]
      source      = ["aws.codecommit"]
      detail-type = ["CodeCommit Comment on Pull Request"]
      detail = {
        event          = ["commentOnPullRequestCreated"]
        repositoryName = [var.repo_name]
      }
    }
    branch = {
      account     = [local.account_id]
      source      = ["aws.codecommit"]
      detail-type = ["CodeCommit Repository State Change"]
      detail = {
        event          = ["referenceCreated", "referenceUpdated"]
        referenceType  = ["branch"]
        repositoryName = [var.repo_name]
      }
    }
    tag = {
      account     = [local.account_id]
      source      = ["aws.codecommit"]
      detail-type = ["CodeCommit Repository State Change"]
      detail = {
        event          = ["referenceCreated", "referenceUpdated"]
        referenceType  = ["tag"]
        repositoryName = [var.repo_name]
      }
    }
    builds = {
      account     = [local.account_id]
      source      = ["aws.codebuild"]
      detail-type = ["CodeBuild Build State Change"]
      detail = {
        project-name = [aws_codebuild_project.this.name]
      }
    }
  } : name => pattern if local.enabled[name] }

  # The additions to the names of rules, whose names have up to 64 characters.
  suffixes = { pull-requests = "-pulls", comments = "-comments", branch = "", tag = "", builds = "-builds" }
}

resource "aws_cloudwatch_event_rule" "this" {
  for_each = local.patterns

  name          = "${local.name}${local.suffixes[each.key]}"
  description   = "Events of ${var.repo_name} for builds: ${each.key}"
  event_pattern = jsonencode(each.value)
  tags          = var.tags
}

resource "aws_cloudwatch_event_target" "this" {
  for_each = local.patterns

  rule      = aws_cloudwatch_event_rule.this[each.key].name
  target_id = "ci"
  arn       = aws_lambda_function.this.arn

  retry_policy {
    maximum_event_age_in_seconds = 86400
    maximum_retry_attempts       = 10
  }

  dead_letter_config {
    arn = aws_sqs_queue.dead_letters.arn
  }
}

resource "aws_lambda_permission" "this" {
  for_each = local.patterns

  statement_id   = each.key
  action         = "lambda:InvokeFunction"
  function_name  = aws_lambda_function.this.function_name
  principal      = "events.amazonaws.com"
  source_arn     = aws_cloudwatch_event_rule.this[each.key].arn
  source_account = local.account_id
}

resource "aws_scheduler_schedule" "this" {
  count = var.event == "schedule" ? 1 : 0

  name                         = local.name
  description                  = "Builds ${var.repo_name}"
  schedule_expression          = var.schedule_expression
  schedule_expression_timezone = var.schedule_timezone

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_lambda_function.this.arn
    role_arn = aws_iam_role.schedule[0].arn

    retry_policy {
      maximum_retry_attempts = 10
    }

    dead_letter_config {
      arn = aws_sqs_queue.dead_letters.arn
    }
  }

  lifecycle {
    precondition {
      condition     = var.schedule_expression != null
      error_message = "The event schedule needs schedule_expression."
    }
  }
}

data "aws_iam_policy_document" "schedule_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }
  }
}

data "aws_iam_policy_document" "schedule" {
  statement {
    sid       = "Invoke"
    actions   = ["lambda:InvokeFunction"]
    resources = [aws_lambda_function.this.arn]
  }

  statement {
    sid       = "DeadLetters"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.dead_letters.arn]
  }
}

resource "aws_iam_role" "schedule" {
  count = var.event == "schedule" ? 1 : 0

  name               = "${local.name}-schedule"
  assume_role_policy = data.aws_iam_policy_document.schedule_trust.json
  tags               = var.tags
}

resource "aws_iam_role_policy" "schedule" {
  count = var.event == "schedule" ? 1 : 0

  name   = "schedule"
  role   = aws_iam_role.schedule[0].id
  policy = data.aws_iam_policy_document.schedule.json
}
