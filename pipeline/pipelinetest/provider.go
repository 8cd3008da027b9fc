package pipelinetest

import (
	"cmp"
	"encoding/json"
	"strings"
	"time"
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
		if o.State == Failed {
			return usual{summary: "The source action failed"}
		}
		return r.found(o)
	}
	failed := o.State == Failed
	either := func(ifFailed, ifNot string) string {
		if failed {
			return ifFailed
		}
		return ifNot
	}
	switch r.action.Type.Provider {
	case "CodeBuild":
		id := cmp.Or(o.ExternalID, r.externalID, r.configuration["ProjectName"]+":"+madeUpUUID("build", r.id))
		return usual{
			summary:    either("Build terminated with state: FAILED", ""),
			externalID: id,
			url:        "https://console.aws.amazon.com/codebuild/home?region=" + r.action.Region + "#/builds/" + id + "/view/new",
		}
	case "CodeDeploy":
		id := cmp.Or(o.ExternalID, r.externalID, "d-"+strings.ToUpper(madeUpHex(9, "deployment", r.id)))
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
		externalID: madeUpUUID("external", r.id),
	}
}

// found returns what a source action has found.
func (r *run) found(o Outcome) usual {
	e, a := r.execution, r.action
	var v Revision
	if current, ok := e.pipeline.revisions[a.Name]; ok {
		v = current
	} else if a.Revision != nil {
		v = *a.Revision
	}
	if override, ok := e.overrides[a.Name]; ok && override != (Revision{ID: v.ID}) {
		v = override
	}
	if o.Revision != nil {
		v = *o.Revision
	}
	if v.Created.IsZero() {
		v.Created = r.updated
	}
	configuration := r.configuration
	date := v.Created.UTC().Format(time.RFC3339)
	u := usual{revision: &v}
	switch provider := a.Type.Provider; provider {
	case "S3":
		v.ID = cmp.Or(v.ID, madeUpHex(32, "version", e.definition.Name, a.Name, v.objectKey))
		v.Summary = cmp.Or(v.Summary, v.Message, "Amazon S3 version id: "+v.ID)
		u.variables = map[string]string{"ETag": madeUpHex(32, "etag", v.ID), "VersionId": v.ID}
	case "ECR":
		v.ID = cmp.Or(v.ID, "sha256:"+madeUpHex(64, "image", e.definition.Name, a.Name))
		v.Summary = cmp.Or(v.Summary, v.Message)
		repository, tag := configuration["RepositoryName"], cmp.Or(configuration["ImageTag"], "latest")
		u.variables = map[string]string{
			"ImageDigest":    v.ID,
			"ImageTag":       tag,
			"ImageURI":       accountID + ".dkr.ecr." + a.Region + ".amazonaws.com/" + repository + "@" + v.ID,
			"RegistryId":     accountID,
			"RepositoryName": repository,
		}
	default:
		v.ID = cmp.Or(v.ID, madeUpHex(40, "commit", e.definition.Name, a.Name))
		v.Message = cmp.Or(v.Message, "Commit "+v.ID[:min(7, len(v.ID))])
		u.variables = map[string]string{"AuthorDate": date, "CommitId": v.ID, "CommitMessage": v.Message}
		switch provider {
		case "CodeStarSourceConnection":
			arn, repository := configuration["ConnectionArn"], configuration["FullRepositoryId"]
			v.Summary = cmp.Or(v.Summary, connectionSummary(e.server().providerType(arn), v.Message))
			v.URL = cmp.Or(v.URL, redirectURL(a.Region, arn, "COMMIT", repository, "Commit", v.ID))
			u.variables["BranchName"] = configuration["BranchName"]
			u.variables["ConnectionArn"] = arn
			u.variables["FullRepositoryName"] = repository
		case "CodeCommit":
			repository := configuration["RepositoryName"]
			v.URL = cmp.Or(v.URL, "https://console.aws.amazon.com/codecommit/home?region="+a.Region+"#/repository/"+repository+"/commit/"+v.ID)
			u.variables["BranchName"] = configuration["BranchName"]
			u.variables["CommitterDate"] = date
			u.variables["RepositoryName"] = repository
		case "GitHub":
			repository := configuration["Owner"] + "/" + configuration["Repo"]
			v.URL = cmp.Or(v.URL, "https://github.com/"+repository+"/commit/"+v.ID)
			u.variables["BranchName"] = configuration["Branch"]
			u.variables["CommitterDate"] = date
			u.variables["CommitUrl"] = v.URL
			u.variables["RepositoryName"] = repository
		}
		v.Summary = cmp.Or(v.Summary, v.Message)
	}
	u.summary, u.externalID, u.url = v.Summary, v.ID, v.URL
	return u
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
