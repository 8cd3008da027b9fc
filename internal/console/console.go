// Package console knows the addresses of the AWS consoles in every partition
// that has a public one.
package console

import (
	"net/url"
	"slices"
	"strings"
)

// partition is the console of a partition, by the start of its Regions' names.
type partition struct{ regions, host string }

// partitions end with that of aws, which has all other Regions.
var partitions = []partition{
	{"cn-", "console.amazonaws.cn"},
	{"us-gov-", "console.amazonaws-us-gov.com"},
	{"eusc-", "console.amazonaws-eusc.eu"},
	{"", "console.aws.amazon.com"},
}

// Execution returns the address of a pipeline execution, or of the pipeline
// itself if the execution's ID is "". This address and the others are "" for
// the Regions of partitions without a public console, for names that are no
// Region, and for names that cannot stand in an address: "", "." and "..".
func Execution(region, pipeline, executionID string) string {
	if executionID == "" {
		return address(region, "codepipeline", "pipelines", pipeline, "view")
	}
	return address(region, "codepipeline", "pipelines", pipeline, "executions", executionID, "timeline")
}

// Build returns the address of a build of CodeBuild. The ID of a build is
// "project:UUID".
func Build(region, account, project, buildID string) string {
	return address(region, "codebuild", account, "projects", project, "build", buildID)
}

// BuildBatch returns the address of a batch build of CodeBuild. The ID of a batch
// build is "project:UUID".
func BuildBatch(region, account, project, batchID string) string {
	return address(region, "codebuild", account, "projects", project, "batch", batchID)
}

// PullRequest returns the address of a pull request of CodeCommit.
func PullRequest(region, repository, pullRequestID string) string {
	return address(region, "codecommit", "repositories", repository, "pull-requests", pullRequestID, "details")
}

// Commit returns the address of a commit of CodeCommit.
func Commit(region, repository, commitID string) string {
	return address(region, "codecommit", "repositories", repository, "commit", commitID)
}

// Comparison returns the address of the changes between two commits of CodeCommit.
func Comparison(region, repository, before, after string) string {
	return address(region, "codecommit", "repositories", repository, "compare", after, "...", before)
}

// Document returns the address of a document of Systems Manager.
func Document(region, document string) string {
	host, ok := hostOf(region)
	if !ok || document == "" || document == "." || document == ".." {
		return ""
	}
	return "https://" + host + "/systems-manager/documents/" + url.PathEscape(document) + "/description?region=" + region
}

// StateMachineExecution returns the address of an execution of Step Functions. The
// ARN is not escaped: it may be a name in braces that CodePipeline replaces.
func StateMachineExecution(region, arn string) string {
	host, ok := hostOf(region)
	if !ok || arn == "" {
		return ""
	}
	return "https://" + host + "/states/home?region=" + region + "#/v2/executions/details/" + arn
}

// hostOf returns the host of the console in a Region, if there is a public one.
func hostOf(region string) (host string, ok bool) {
	if !ValidRegion(region) || strings.Contains(region, "-iso") {
		return "", false
	}
	i := slices.IndexFunc(partitions, func(p partition) bool { return strings.HasPrefix(region, p.regions) })
	return region + "." + partitions[i].host, true
}

func address(region string, path ...string) string {
	host, ok := hostOf(region)
	if !ok {
		return ""
	}
	var b strings.Builder
	b.WriteString("https://" + host + "/codesuite")
	for _, element := range path {
		if element == "" || element == "." || element == ".." {
			return ""
		}
		b.WriteString("/" + url.PathEscape(element))
	}
	return b.String() + "?region=" + region
}

// Region reports whether the host is a console's, and returns the Region that
// the host begins with, or "".
func Region(host string) (region string, ok bool) {
	for _, p := range partitions {
		if host == p.host {
			return "", true
		}
		if region, ok := strings.CutSuffix(host, "."+p.host); ok && ValidRegion(region) && strings.HasPrefix(region, p.regions) {
			return region, true
		}
	}
	return "", false
}

// ValidRegion reports whether s looks like a Region, such as "us-east-1", and
// cannot change a URL or a host.
func ValidRegion(s string) bool {
	parts := strings.Split(s, "-")
	if len(parts) < 3 || len(s) > 32 {
		return false
	}
	last := len(parts) - 1
	for _, part := range parts[:last] {
		if part == "" || strings.Trim(part, "abcdefghijklmnopqrstuvwxyz") != "" {
			return false
		}
	}
	return parts[last] != "" && strings.Trim(parts[last], "0123456789") == ""
}
