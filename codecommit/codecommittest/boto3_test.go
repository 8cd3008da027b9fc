package codecommittest_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"testing"
	"testing/fstest"

	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/internal/gittest"
)

// boto3 reads the replies of the operations that change a repository, by the
// service's model.
func TestRepliesByBoto3(t *testing.T) {
	t.Parallel()
	if os.Getenv("CODESUITE_BOTO3") == "" {
		t.Skip("set CODESUITE_BOTO3=1 to run python3 with boto3")
	}
	gittest.Need(t)
	server := codecommittest.NewServer(t, codecommittest.FS("app", fstest.MapFS{"a": {Data: []byte("1\n")}}))
	cmd := exec.CommandContext(t.Context(), "python3", "-c", boto3Script, server.URL())
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("python3: %v\n%s", err, stderr.Bytes())
	}
	var got map[string]any
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	same(t, "replies", map[string]any{
		"problems": []any{}, "operations": 42.0, "merged": []any{"CLOSED", "CLOSED", "CLOSED"}, "conflicts": 1.0, "comments": []any{"passed", "thanks"},
		"error": "PullRequestCannotBeApprovedByAuthorException",
	}, got)
}

const boto3Script = `
import boto3, botocore.exceptions, json, sys
from botocore.validate import ParamValidator
client = boto3.client("codecommit", endpoint_url=sys.argv[1], region_name="us-east-1", aws_access_key_id="AKIA", aws_secret_access_key="x")
problems, operations = [], set()
def call(operation, **given):
    operations.add(operation)
    reply = getattr(client, operation)(**given)
    del reply["ResponseMetadata"]
    shape = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[operation]).output_shape
    if shape is not None:  # the checks of inputs, on an output
        report = ParamValidator().validate(reply, shape)
        if report.has_errors():
            problems.append(operation + ": " + report.generate_report())
    return reply
app = dict(repositoryName="app")
main = call("get_branch", branchName="main", **app)["branch"]["commitId"]
result = dict(merged=[])
def branch(name, path, text):
    call("create_branch", branchName=name, commitId=main, **app)
    return call("put_file", branchName=name, filePath=path, fileContent=text.encode(), parentCommitId=main, **app)["commitId"]
def pull(name):
    p = call("create_pull_request", title=name, targets=[dict(sourceReference=name, destinationReference="main", **app)])["pullRequest"]
    return p["pullRequestId"], p["revisionId"]
topic = branch("one", "a", "2\n")
branch("two", "b", "b\n")
branch("three", "c", "c\n")
branch("clash", "a", "3\n")
one, revision = pull("one")
call("update_pull_request_title", pullRequestId=one, title="better")
call("update_pull_request_description", pullRequestId=one, description="why")
call("update_pull_request_status", pullRequestId=one, pullRequestStatus="OPEN")
between = dict(beforeCommitId=main, afterCommitId=topic, **app)
where = dict(location=dict(filePath="a", filePosition=1, relativeFileVersion="AFTER"))
comment = call("post_comment_for_pull_request", pullRequestId=one, content="queued", **where, **between)["comment"]["commentId"]
call("post_comment_for_compared_commit", content="on commits", **between)
call("update_comment", commentId=comment, content="passed")
reply = call("post_comment_reply", inReplyTo=comment, content="thanks")["comment"]["commentId"]
call("put_comment_reaction", commentId=comment, reactionValue=":thumbsup:")
call("get_comment_reactions", commentId=comment)
call("get_comment", commentId=comment)
call("get_comments_for_compared_commit", **between)
result["comments"] = [c["content"] for t in call("get_comments_for_pull_request", pullRequestId=one, **between)["commentsForPullRequestData"] for c in t["comments"]]
call("delete_comment_content", commentId=reply)
rule = json.dumps(dict(Version="2018-11-08", Statements=[dict(Type="Approvers", NumberOfApprovalsNeeded=1)]))
call("create_pull_request_approval_rule", pullRequestId=one, approvalRuleName="rule", approvalRuleContent=rule)
call("update_pull_request_approval_rule_content", pullRequestId=one, approvalRuleName="rule", newRuleContent=rule)
at = dict(pullRequestId=one, revisionId=revision)
call("evaluate_pull_request_approval_rules", **at)
try:
    call("update_pull_request_approval_state", approvalState="APPROVE", **at)
except botocore.exceptions.ClientError as e:
    result["error"] = e.response["Error"]["Code"]
call("get_pull_request_approval_states", **at)
call("override_pull_request_approval_rules", overrideStatus="OVERRIDE", **at)
call("get_pull_request_override_state", **at)
call("get_pull_request", pullRequestId=one)
call("delete_pull_request_approval_rule", pullRequestId=one, approvalRuleName="rule")
specifiers = lambda source: dict(sourceCommitSpecifier=source, destinationCommitSpecifier="main", **app)
call("get_merge_options", **specifiers("one"))
for name, merge in ("one", "merge_pull_request_by_fast_forward"), ("two", "merge_pull_request_by_squash"), ("three", "merge_pull_request_by_three_way"):
    id = one if name == "one" else pull(name)[0]
    result["merged"].append(call(merge, pullRequestId=id, **app)["pullRequest"]["pullRequestStatus"])
result["conflicts"] = len(call("get_merge_conflicts", mergeOption="THREE_WAY_MERGE", **specifiers("clash"))["conflictMetadataList"])
call("get_merge_commit", **specifiers("three"))
call("describe_pull_request_events", pullRequestId=one)
call("list_pull_requests", pullRequestStatus="CLOSED", **app)
tip = call("get_branch", branchName="main", **app)["branch"]["commitId"]
tip = call("create_commit", branchName="main", parentCommitId=tip, putFiles=[dict(filePath="d", fileContent=b"d")], deleteFiles=[dict(filePath="b")], setFileModes=[dict(filePath="c", fileMode="EXECUTABLE")], **app)["commitId"]
call("delete_file", branchName="main", parentCommitId=tip, filePath="d", **app)
call("update_default_branch", defaultBranchName="main", **app)
call("delete_branch", branchName="one", **app)
arn = call("get_repository", **app)["repositoryMetadata"]["Arn"]
call("tag_resource", resourceArn=arn, tags=dict(team="a"))
call("list_tags_for_resource", resourceArn=arn)
call("untag_resource", resourceArn=arn, tagKeys=["team"])
result.update(problems=problems, operations=len(operations))
print(json.dumps(result))
`
