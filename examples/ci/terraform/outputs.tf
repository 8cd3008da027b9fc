locals {
  # The outputs of the flow, with the names that they have in the original. There,
  # events_rule_codebuild_arn is the rule of builds for a review, and otherwise the one
  # that starts them.
  outputs = {
    codebuild_project_arn          = aws_codebuild_project.this.arn
    codebuild_project_name         = aws_codebuild_project.this.name
    codebuild_project_service_role = aws_iam_role.build.arn
    events_rule_codebuild_arn = (
      local.review
      ? aws_cloudwatch_event_rule.this["builds"].arn
      : try(aws_cloudwatch_event_rule.this[var.event].arn, aws_scheduler_schedule.this[0].arn, null)
    )
    events_rule_pull_request_rule_arn = try(aws_cloudwatch_event_rule.this["pull-requests"].arn, null)
    lambda_function_arn               = aws_lambda_function.this.arn
    lambda_function_name              = aws_lambda_function.this.function_name
    lambda_role_arn                   = aws_iam_role.function.arn
    lambda_role_name                  = aws_iam_role.function.name
  }
}

output "branch" {
  description = "The flow, for event branch."
  value       = var.event == "branch" ? local.outputs : null
}

output "on_demand" {
  description = "The flow, for event on-demand."
  value       = var.event == "on-demand" ? local.outputs : null
}

output "review" {
  description = "The flow, for event review."
  value       = local.review ? local.outputs : null
}

output "schedule" {
  description = "The flow, for event schedule."
  value       = var.event == "schedule" ? local.outputs : null
}

output "tag" {
  description = "The flow, for event tag."
  value       = var.event == "tag" ? local.outputs : null
}

output "approval_pool_member" {
  description = "Member of the approval pool of an approval rule that lets the function approve."
  value       = "arn:${local.partition}:sts::${local.account_id}:assumed-role/${aws_iam_role.function.name}/*"
}
