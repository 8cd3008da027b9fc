package main

// manual is what -h prints.
const manual = `NAME
    pipeline - check, compare, draw, run and watch pipelines of CodePipeline

SYNOPSIS
    pipeline [OPTION...] show [-json] [NAME | FILE]
    pipeline [OPTION...] check [-json] [-strict] FILE...
    pipeline [OPTION...] diff [NAME | FILE] FILE
    pipeline [OPTION...] draw [-format svg|mermaid] [-theme auto|light|dark]
             [-width PIXELS] [-o FILE] [-id ID | -last] [NAME | FILE]
    pipeline [OPTION...] start [-var NAME=VALUE]... [-token TOKEN] [-watch]
             [-revision ACTION=REVISION]... [NAME]
    pipeline [OPTION...] watch [-id ID] [NAME]
    pipeline [OPTION...] approvals [-stage STAGE] [-action ACTION] [-id ID]
             [NAME]
    pipeline [OPTION...] approve | reject [-stage STAGE] [-action ACTION]
             [-id ID] [-summary TEXT] [-watch] [NAME]
    pipeline [OPTION...] stop [-id ID] [-abandon] [-reason TEXT] [-watch] [NAME]
    pipeline [OPTION...] retry [-id ID] [-stage STAGE] [-all] [-watch] [NAME]
    pipeline [OPTION...] rollback -stage STAGE [-to ID] [-watch] [NAME]
    pipeline [OPTION...] override -stage STAGE [-condition CONDITION] [-id ID]
             [-watch] [NAME]
    pipeline [OPTION...] disable -stage STAGE [-outbound] -reason TEXT [NAME]
    pipeline [OPTION...] enable -stage STAGE [-outbound] [NAME]
    pipeline [OPTION...] catalogue [-strict]
    pipeline -local FILE [OPTION...]

DESCRIPTION
    NAME is a pipeline of the account. FILE holds pipelines: the output of aws
    codepipeline get-pipeline, a bare structure, or a template of CloudFormation
    with resources AWS::CodePipeline::Pipeline, in JSON or YAML. "-" is standard
    input. An operand with a slash, or that ends in .json, .yaml, .yml or
    .template, is a FILE. Options may stand before and behind operands.

    show       Print a structure. Secret values are ****; those of action types
               that are not known, too.
    check      Print what is wrong with files, a line for each finding:
                   FILE: PATH: error or warning: MESSAGE
               A file that cannot be read has the line, and in JSON the column:
               FILE:LINE:COLUMN.
               All pipelines of a template are checked.
    diff       Print how the second structure differs from the first. With one
               FILE the first is the pipeline of its name in the account.
    draw       Draw a structure as an SVG picture or as text for Mermaid. With
               -id or -last the picture has the states of an execution.
    start      Start an execution, and print its ID.
    watch      Show an execution until it has ended, the newest one without -id:
               a live view in a terminal, a line for each change otherwise.
    approvals  List the manual approvals that wait, with what they are about.
    approve    Approve the approval that waits, or that the options name.
    reject     Reject it.
    stop       Stop an execution, once its running actions have ended.
    retry      Run the failed actions of a stage again.
    rollback   Run a stage with the revisions of an earlier execution.
    override   Let an execution go on that a condition of a stage holds.
    disable    Let no execution enter a stage.
    enable     Let executions enter it again.
    catalogue  Compare the action types and rule types that this program knows
               with those of the account, or of the -types FILE.

OPTIONS OF ALL
    -local FILE
        Run the pipelines of FILE in a server in this process: no account is
        needed, and nothing is called. Builds and deployments are made up;
        approvals, conditions, retries and rollbacks are real. NAME may be left
        out if FILE has one pipeline. All is gone when the process ends, so that
        without a verb the commands come from standard input, one in each line.

    -speed N
        With -local, let N seconds of the pipeline pass in one: 60 if not given.

    -fail STAGE/ACTION
        With -local, let the first run of the action in each execution fail. May
        be given several times.

    -region REGION, -profile PROFILE
        Use this Region, and this profile of ~/.aws/config. Without them Region
        and credentials come from where the AWS CLI takes them.

    -types FILE
        The action types and rule types that there are besides those that this
        program knows: the output of aws codepipeline list-action-types, of
        list-rule-types, or of both.

    -no-color
        Use no colors, as with the variable NO_COLOR.

    -v  Log to standard error what is tried again.

    -h  Print this manual.

OPTIONS
    -json, -strict
        Print JSON. Let warnings, and differences of the catalogue, be failures.

    -o FILE, -format svg|mermaid, -theme auto|light|dark, -width PIXELS
        Write the picture to FILE, whose name decides on the format (.mmd and
        .md are Mermaid). An SVG of the theme auto follows the reader's system.

    -var NAME=VALUE, -revision ACTION=REVISION
        Start with a value of a variable, or with a revision of a source action:
        a full commit ID, sha256:DIGEST, S3_OBJECT_VERSION_ID:ID or
        S3_OBJECT_KEY:KEY. May be given several times.

    -token TOKEN
        Start one execution for all starts with the same token.

    -id ID
        The execution. Without it, the newest one.

    -watch
        Watch the execution afterwards.

    -plain, -interval DURATION
        Watch in lines also in a terminal. Poll as often as that, such as 2s; it
        is 5s if not given, and longer while nothing changes.

    -approve, -ask
        Watch, and approve each approval (with -local only), or ask for each in
        the terminal, which is the default with -local.

    -stage STAGE, -action ACTION
        The stage, and the action. The default of retry is the last stage with a
        failed action.

    -summary TEXT, -reason TEXT
        What is kept with the answer, the stop, or the transition.

    -abandon, -all, -to ID, -condition CONDITION, -outbound
        Stop at once and leave running actions alone. Retry all actions of the
        stage. Roll back to this execution rather than to the one before the
        newest success. Override this condition, before-entry (the default) or
        on-success. Disable or enable the transition out of the stage.

EXAMPLES
    Watch a pipeline run, without an account:
        pipeline -local sample.json start -watch

    Check all templates:
        pipeline check templates/*.yaml

    Start with a commit and a variable, and wait for the end:
        pipeline start -watch -revision Site=$(git rev-parse HEAD) \
            -var Release=no web

    What an update would change:
        pipeline diff web.json

    A picture of the newest execution:
        pipeline draw -last -o web.svg web

    Commands for one process, one in each line:
        printf 'start -watch\napprove -watch\n' | pipeline -local sample.json

EXIT STATUS
    0    Done. With check: no errors. With -watch: the execution succeeded.
    1    It could not be done, and standard error says why; or check found
         errors, diff found differences, or the execution did not succeed.
    2    The command line is wrong.
    130  Interrupted (SIGINT, SIGTERM or SIGHUP). An execution goes on.

PERMISSIONS
    The IAM actions are, of codepipeline:
    show, diff       GetPipeline
    check            none
    draw             GetPipeline; with -id or -last as watch, and
                     GetPipelineState
    start            StartPipelineExecution
    watch, -watch    GetPipeline, GetPipelineExecution, ListActionExecutions;
                     GetPipelineState and ListRuleExecutions for conditions and
                     retries, ListDeployActionExecutionTargets for EC2
                     deployments; and codeconnections:GetConnection and GetHost
                     for self-managed hosts
    approvals, approve, reject
                     GetPipeline, GetPipelineState, GetPipelineExecution,
                     ListActionExecutions, ListPipelineExecutions for the mode
                     PARALLEL, and PutApprovalResult to answer
    stop             StopPipelineExecution, GetPipelineExecution
    retry            RetryStageExecution, and as watch without -stage
    rollback         RollbackStage
    override         OverrideStageCondition
    disable, enable  DisableStageTransition, EnableStageTransition
    catalogue        ListActionTypes, ListRuleTypes
    Without -id, stop, retry, watch, override and draw -last, and rollback
    without -to, need ListPipelineExecutions as well.

LIMITS
    A file has at most 4 MiB. What only a deployment of a template knows, such
    as !GetAtt, is taken as it is by check, and made up by -local. YAML has no
    lines in messages about members.
`
