locals {
  environment = merge({
    compute_type = "BUILD_GENERAL1_SMALL"
    image        = "aws/codebuild/amazonlinux-x86_64-standard:5.0"
    type         = "LINUX_CONTAINER"
  }, var.environment)
  artifacts = merge({ type = "NO_ARTIFACTS" }, var.artifacts)
}

resource "aws_cloudwatch_log_group" "build" {
  name              = "/aws/codebuild/${local.project_name}"
  retention_in_days = var.log_retention_days
  tags              = var.tags
}

resource "aws_codebuild_project" "this" {
  name           = local.project_name
  description    = "Builds ${var.repo_name} for the event ${var.event}"
  badge_enabled  = var.badge_enabled
  build_timeout  = var.build_timeout
  queued_timeout = var.queued_timeout
  encryption_key = var.encryption_key
  service_role   = aws_iam_role.build.arn
  source_version = var.source_version
  tags           = var.tags

  artifacts {
    type                = local.artifacts.type
    encryption_disabled = lookup(local.artifacts, "encryption_disabled", null)
    location            = lookup(local.artifacts, "location", null)
    name                = lookup(local.artifacts, "name", null)
    namespace_type      = lookup(local.artifacts, "namespace_type", null)
    packaging           = lookup(local.artifacts, "packaging", null)
    path                = lookup(local.artifacts, "path", null)
  }

  environment {
    compute_type                = local.environment.compute_type
    image                       = local.environment.image
    type                        = local.environment.type
    certificate                 = lookup(local.environment, "certificate", null)
    image_pull_credentials_type = lookup(local.environment, "image_pull_credentials_type", null)
    privileged_mode             = lookup(local.environment, "privileged_mode", null)

    dynamic "environment_variable" {
      for_each = var.environment_variables
      content {
        name  = environment_variable.value.name
        value = environment_variable.value.value
        type  = lookup(environment_variable.value, "type", null)
      }
    }
  }

  logs_config {
    cloudwatch_logs {
      group_name = aws_cloudwatch_log_group.build.name
    }
  }

  source {
    type      = "CODECOMMIT"
    location  = local.clone_url
    buildspec = var.buildspec
  }

  dynamic "vpc_config" {
    for_each = var.vpc_config == null ? [] : [var.vpc_config]
    content {
      security_group_ids = vpc_config.value.security_group_ids
      subnets            = vpc_config.value.subnets
      vpc_id             = vpc_config.value.vpc_id
    }
  }

  lifecycle {
    ignore_changes = [project_visibility]
  }
}

data "aws_iam_policy_document" "build_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["codebuild.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }
  }
}

data "aws_iam_policy_document" "build" {
  override_policy_documents = compact([local.policy_override])

  statement {
    sid       = "Log"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.build.arn}:*"]
  }

  statement {
    sid       = "Clone"
    actions   = ["codecommit:GitPull"]
    resources = [local.repository_arn]
  }

  statement {
    sid = "Report"
    actions = [
      "codebuild:BatchPutCodeCoverages",
      "codebuild:BatchPutTestCases",
      "codebuild:CreateReport",
      "codebuild:CreateReportGroup",
      "codebuild:UpdateReport",
    ]
    resources = ["arn:${local.partition}:codebuild:${local.region}:${local.account_id}:report-group/${local.project_name}-*"]
  }

  dynamic "statement" {
    for_each = var.vpc_config == null ? [] : [var.vpc_config]
    content {
      sid = "Network"
      # None of these can be limited to resources.
      actions = [
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeDhcpOptions",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
      ]
      resources = ["*"]
    }
  }

  dynamic "statement" {
    for_each = var.vpc_config == null ? [] : [var.vpc_config]
    content {
      sid       = "NetworkPermission"
      actions   = ["ec2:CreateNetworkInterfacePermission"]
      resources = ["arn:${local.partition}:ec2:${local.region}:${local.account_id}:network-interface/*"]

      condition {
        test     = "StringEquals"
        variable = "ec2:Subnet"
        values   = [for id in statement.value.subnets : "arn:${local.partition}:ec2:${local.region}:${local.account_id}:subnet/${id}"]
      }

      condition {
        test     = "StringEquals"
        variable = "ec2:AuthorizedService"
        values   = ["codebuild.amazonaws.com"]
      }
    }
  }
}

resource "aws_iam_role" "build" {
  name               = "${local.name}-build"
  assume_role_policy = data.aws_iam_policy_document.build_trust.json
  tags               = var.tags
}

resource "aws_iam_role_policy" "build" {
  name   = "build"
  role   = aws_iam_role.build.id
  policy = data.aws_iam_policy_document.build.json
}

resource "aws_iam_role_policy_attachment" "build" {
  # By number, as the ARNs may be known only when they have been made.
  for_each = { for i, arn in local.policy_arns : tostring(i) => arn }

  role       = aws_iam_role.build.name
  policy_arn = each.value
}

# Takes off what others attach, unless policy_arns is null.
resource "aws_iam_role_policy_attachments_exclusive" "build" {
  count = var.policy_arns == null ? 0 : 1

  role_name   = aws_iam_role.build.name
  policy_arns = local.policy_arns
}
