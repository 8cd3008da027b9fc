locals {
  # Without the members that are not for the event, which are null.
  flow = { for member, value in {
    name               = local.stage_name
    event              = var.event
    project            = aws_codebuild_project.this.name
    repo_name          = contains(["branch", "review", "tag"], var.event) ? var.repo_name : null
    branch             = var.event == "branch" ? [for glob in split(",", local.branch) : trimspace(glob)] : null
    tag                = var.event == "tag" ? compact([for glob in split(",", var.tag) : trimspace(glob)]) : null
    destination_branch = local.review ? var.destination_branch : null
    approve            = local.review ? var.approve : null
    rule               = var.event == "schedule" ? "default/${local.name}" : null
  } : member => value if value != null }

  # A flow has a name of up to 64 characters.
  stage_name = length(local.stage) <= 64 ? local.stage : "${substr(local.stage, 0, 55)}-${substr(sha256(local.stage), 0, 8)}"

  review   = var.event == "review"
  commands = local.review && length(var.command_authors) > 0
  # The function is told about builds for comments and for the topic.
  tells = local.review || var.report_topic_arn != null
}

resource "aws_cloudwatch_log_group" "function" {
  name              = "/aws/lambda/${local.name}"
  retention_in_days = var.log_retention_days
  tags              = var.tags
}

resource "aws_lambda_function" "this" {
  function_name                  = local.name
  description                    = "Builds ${var.repo_name} for the event ${var.event}"
  role                           = aws_iam_role.function.arn
  filename                       = var.package
  source_code_hash               = filebase64sha256(var.package)
  handler                        = "bootstrap"
  runtime                        = "provided.al2023"
  architectures                  = ["arm64"]
  memory_size                    = 256
  timeout                        = 300
  reserved_concurrent_executions = var.concurrency
  tags                           = var.tags

  dead_letter_config {
    target_arn = aws_sqs_queue.dead_letters.arn
  }

  environment {
    variables = {
      ACCOUNT          = local.account_id
      COMMAND_AUTHORS  = join(",", var.command_authors)
      FLOWS            = jsonencode([local.flow])
      LOG_LEVEL        = var.log_level
      REPORT_TOPIC_ARN = var.report_topic_arn == null ? "" : var.report_topic_arn
    }
  }

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.function.name
  }

  depends_on = [aws_iam_role_policy.function]
}

data "aws_iam_policy_document" "function_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "function" {
  statement {
    sid       = "Build"
    actions   = ["codebuild:BatchGetBuilds", "codebuild:ListBuildsForProject", "codebuild:StartBuild", "codebuild:StopBuild"]
    resources = [aws_codebuild_project.this.arn]
  }

  dynamic "statement" {
    for_each = local.review ? ["review"] : []
    content {
      sid = "Comment"
      actions = concat(
        [
          "codecommit:DeleteCommentContent",
          "codecommit:GetCommentsForPullRequest",
          "codecommit:GetPullRequest",
          "codecommit:PostCommentForPullRequest",
          "codecommit:UpdateComment",
        ],
        var.approve ? ["codecommit:EvaluatePullRequestApprovalRules", "codecommit:UpdatePullRequestApprovalState"] : [],
        local.commands ? ["codecommit:GetComment", "codecommit:PutCommentReaction"] : [],
      )
      resources = [local.repository_arn]
    }
  }

  dynamic "statement" {
    for_each = local.tells ? ["tells"] : []
    content {
      sid       = "ReadReports"
      actions   = ["codebuild:BatchGetReports", "codebuild:DescribeTestCases"]
      resources = ["arn:${local.partition}:codebuild:${local.region}:${local.account_id}:report-group/${local.project_name}-*"]
    }
  }

  dynamic "statement" {
    for_each = local.tells ? ["tells"] : []
    content {
      sid = "ReadBuildLogs"
      # The name has the prefix, as that of the project has.
      actions   = ["logs:GetLogEvents"]
      resources = ["${aws_cloudwatch_log_group.build.arn}:log-stream:*"]
    }
  }

  dynamic "statement" {
    for_each = var.report_topic_arn == null ? [] : [var.report_topic_arn]
    content {
      sid       = "Report"
      actions   = ["sns:Publish"]
      resources = [statement.value]
    }
  }

  statement {
    sid       = "Log"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.function.arn}:*"]
  }

  statement {
    sid       = "DeadLetters"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.dead_letters.arn]
  }
}

resource "aws_iam_role" "function" {
  name               = "${local.name}-function"
  assume_role_policy = data.aws_iam_policy_document.function_trust.json
  tags               = var.tags
}

resource "aws_iam_role_policy" "function" {
  name   = "function"
  role   = aws_iam_role.function.id
  policy = data.aws_iam_policy_document.function.json
}
