package pipelinetest

import (
	"cmp"
	"encoding/json"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// usual is what actions of a provider tell if they are not told otherwise.
type usual struct {
	summary, externalID, url string
	variables                map[string]string
	revision                 *Revision // of sources
}

// usual returns what the run tells when it ends with the outcome.
func (r *run) usual(o Outcome) usual {
	if r.action.isSource() {
		if o.State == StateFailed {
			return usual{summary: "The source action failed"}
		}
		return r.found(o)
	}
	failed := o.State == StateFailed
	either := func(ifFailed, ifNot string) string {
		if failed {
			return ifFailed
		}
		return ifNot
	}
	switch r.action.Type.Provider {
	case "CodeBuild":
		id := cmp.Or(o.ExternalID, r.externalID, r.configuration["ProjectName"]+":"+awsjson.UUID("build", r.id))
		return usual{
			summary:    either("Build terminated with state: FAILED", ""),
			externalID: id,
			url:        "https://console.aws.amazon.com/codebuild/home?region=" + r.action.Region + "#/builds/" + id + "/view/new",
		}
	case "CodeDeploy":
		id := cmp.Or(o.ExternalID, r.externalID, "d-"+strings.ToUpper(awsjson.Hex(9, "deployment", r.id)))
		return usual{
			summary:    either("Deployment "+id+" failed", "Deployment Succeeded"),
			externalID: id,
			url:        "https://console.aws.amazon.com/codedeploy/home?region=" + r.action.Region + "#/deployments/" + id,
		}
	case "Manual":
		return usual{summary: either("Rejected by ", "Approved by ") + user, externalID: r.id}
	}
	return usual{
		summary:    either("The action failed", ""),
		externalID: awsjson.UUID("external", r.id),
	}
}

// found returns what a source action has found.
func (r *run) found(o Outcome) usual {
	e, a, c := r.execution, r.action, r.configuration
	v := r.given(o)
	if v.Created.IsZero() {
		v.Created = r.updated
	}
	var variables map[string]string
	switch a.Type.Provider {
	case "S3":
		v.ID = cmp.Or(v.ID, awsjson.Hex(32, "version", e.definition.Name, a.Name, v.objectKey))
		v.Summary = cmp.Or(v.Summary, v.Message, "Amazon S3 version id: "+v.ID)
		variables = map[string]string{"ETag": awsjson.Hex(32, "etag", v.ID), "VersionId": v.ID}
	case "ECR":
		v.ID = cmp.Or(v.ID, "sha256:"+awsjson.Hex(64, "image", e.definition.Name, a.Name))
		variables = map[string]string{
			"ImageDigest":    v.ID,
			"ImageTag":       cmp.Or(c["ImageTag"], "latest"),
			"ImageURI":       accountID + ".dkr.ecr." + a.Region + ".amazonaws.com/" + c["RepositoryName"] + "@" + v.ID,
			"RegistryId":     accountID,
			"RepositoryName": c["RepositoryName"],
		}
	case "CodeStarSourceConnection", "CodeCommit", "GitHub":
		variables = r.commit(&v)
	default:
		v.ID = cmp.Or(v.ID, awsjson.Hex(40, "revision", e.definition.Name, a.Name))
	}
	v.Summary = cmp.Or(v.Summary, v.Message)
	return usual{v.Summary, v.ID, v.URL, variables, &v}
}

// given returns what a source action was told to find.
func (r *run) given(o Outcome) Revision {
	if o.Revision != nil {
		return *o.Revision
	}
	e, name := r.execution, r.action.Name
	v, ok := e.pipeline.revisions[name]
	if !ok && r.action.Revision != nil {
		v = *r.action.Revision
	}
	if override, ok := e.overrides[name]; ok && override != (Revision{ID: v.ID}) {
		v = override
	}
	return v
}

// commit fills in what is missing of the revision of a git repository, and
// returns the output variables.
func (r *run) commit(v *Revision) map[string]string {
	e, a, c := r.execution, r.action, r.configuration
	v.ID = cmp.Or(v.ID, awsjson.Hex(40, "commit", e.definition.Name, a.Name))
	v.Message = cmp.Or(v.Message, "Commit "+v.ID[:min(7, len(v.ID))])
	date := v.Created.UTC().Format(time.RFC3339)
	variables := map[string]string{"AuthorDate": date, "CommitId": v.ID, "CommitMessage": v.Message}
	switch a.Type.Provider {
	case "CodeStarSourceConnection":
		arn, repository := c["ConnectionArn"], c["FullRepositoryId"]
		v.Summary = cmp.Or(v.Summary, connectionSummary(e.server().providerType(arn), v.Message))
		v.URL = cmp.Or(v.URL, redirectURL(a.Region, arn, "COMMIT", repository, "Commit", v.ID))
		variables["BranchName"] = c["BranchName"]
		variables["ConnectionArn"] = arn
		variables["FullRepositoryName"] = repository
	case "CodeCommit":
		v.URL = cmp.Or(v.URL, "https://console.aws.amazon.com/codecommit/home?region="+a.Region+"#/repository/"+c["RepositoryName"]+"/commit/"+v.ID)
		variables["BranchName"] = c["BranchName"]
		variables["CommitterDate"] = date
		variables["RepositoryName"] = c["RepositoryName"]
	case "GitHub":
		repository := c["Owner"] + "/" + c["Repo"]
		v.URL = cmp.Or(v.URL, "https://github.com/"+repository+"/commit/"+v.ID)
		variables["BranchName"] = c["Branch"]
		variables["CommitterDate"] = date
		variables["CommitUrl"] = told(v.URL)
		variables["RepositoryName"] = repository
	}
	return variables
}

func connectionSummary(providerType, message string) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.Encode(struct { // cannot fail
		ProviderType, CommitMessage string
	}{providerType, message})
	return strings.TrimSuffix(b.String(), "\n")
}

// redirectURL returns the page of the console that leads to the provider's. It
// escapes nothing, as the service does not.
func redirectURL(region, arn, referenceType, repository, key, value string) string {
	return "https://" + region + ".console.aws.amazon.com/codesuite/settings/connections/redirect?connectionArn=" + arn +
		"&referenceType=" + referenceType + "&FullRepositoryId=" + repository + "&" + key + "=" + value
}

// entityURL returns the page of what the action works on, "" if it is not
// known.
func (a *Action) entityURL() string {
	c := a.Configuration
	switch a.Type.Provider {
	case "CodeStarSourceConnection":
		return redirectURL(a.Region, c["ConnectionArn"], "BRANCH", c["FullRepositoryId"], "Branch", c["BranchName"])
	case "GitHub":
		return "https://github.com/" + c["Owner"] + "/" + c["Repo"] + "/tree/" + c["Branch"]
	case "CodeCommit":
		return "https://console.aws.amazon.com/codecommit/home?region=" + a.Region + "#/repository/" + c["RepositoryName"] + "/browse/" + c["BranchName"] + "/--/"
	case "S3":
		if a.isSource() {
			return "https://console.aws.amazon.com/s3/home?#"
		}
	case "CodeBuild":
		return "https://console.aws.amazon.com/codebuild/home?region=" + a.Region + "#/projects/" + c["ProjectName"] + "/view"
	case "CodeDeploy":
		return "https://console.aws.amazon.com/codedeploy/home?region=" + a.Region + "#/applications/" + c["ApplicationName"] + "/deployment-groups/" + c["DeploymentGroupName"]
	}
	return ""
}

// told returns the URL as the service tells it.
func told(url string) string {
	if url == NoURL {
		return ""
	}
	return url
}
