package pipeline

import (
	"cmp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
	"github.com/codesuite-go/codesuite/events"
)

// joinRevisions returns the revision of each source action, from the reply of
// GetPipelineExecution under the output artifact's name and from the report of the
// newest run of the action. The service returns both lists in any
// order. A revision whose action is not found stands for itself.
func joinRevisions(told []types.ArtifactRevision, actions, runs []ActionExecution) []Revision {
	rest := slices.Clone(told)
	take := func(match func(types.ArtifactRevision) bool) *types.ArtifactRevision {
		i := slices.IndexFunc(rest, match)
		if i < 0 {
			return nil
		}
		found := rest[i]
		rest = slices.Delete(rest, i, i+1)
		return &found
	}

	var sources []*ActionExecution
	artifacts := make(map[*ActionExecution]*types.ArtifactRevision)
	for i := range actions {
		if a := &actions[i]; a.Type.Category == "Source" {
			sources = append(sources, a)
			artifacts[a] = take(func(t types.ArtifactRevision) bool {
				return t.Name != nil && hasOutput(runs, a, *t.Name)
			})
		}
	}
	// Where the names do not match, the ID does, unless two
	// sources fetched the same.
	for _, a := range sources {
		id := sourceID(a)
		if artifacts[a] != nil || id == "" || slices.ContainsFunc(sources, func(b *ActionExecution) bool {
			return a != b && sourceID(b) == id
		}) {
			continue
		}
		artifacts[a] = take(func(t types.ArtifactRevision) bool { return aws.ToString(t.RevisionId) == id })
	}

	var revisions []Revision
	for _, a := range sources {
		if artifacts[a] != nil || a.Status == ActionSucceeded {
			revisions = append(revisions, sourceRevision(a, artifacts[a]))
		}
	}
	for i := range rest {
		revisions = append(revisions, artifactRevision(events.ActionType{}, &rest[i]))
	}
	slices.SortStableFunc(revisions, func(a, b Revision) int {
		return cmp.Or(strings.Compare(a.Action, b.Action), strings.Compare(a.Stage, b.Stage), strings.Compare(a.Artifact, b.Artifact))
	})
	return revisions
}

// hasOutput reports whether any run of the action had the output artifact: one
// that runs again may have none yet.
func hasOutput(runs []ActionExecution, a *ActionExecution, name string) bool {
	return slices.ContainsFunc(runs, func(run ActionExecution) bool {
		return run.Stage == a.Stage && run.Action == a.Action &&
			slices.ContainsFunc(run.Outputs, func(o Artifact) bool { return o.Name == name })
	})
}

func artifactRevision(action events.ActionType, t *types.ArtifactRevision) Revision {
	r := revisionFrom(action, aws.ToString(t.RevisionUrl), aws.ToString(t.RevisionSummary), aws.ToString(t.RevisionId))
	r.Artifact = aws.ToString(t.Name)
	r.ChangeID = aws.ToString(t.RevisionChangeIdentifier)
	r.Created = timeOf(t.Created)
	return r
}

// sourceID returns the ID of the revision that a source action fetched.
func sourceID(a *ActionExecution) string {
	v := a.OutputVariables
	return cmp.Or(v["CommitId"], v["VersionId"], v["ImageDigest"], a.ExternalID)
}

// sourceRevision returns the revision of a source action. The artifact's
// revision is nil if the service has not returned it.
func sourceRevision(a *ActionExecution, t *types.ArtifactRevision) Revision {
	if t == nil {
		t = new(types.ArtifactRevision)
	}
	text := func(told *string, reported string) string { return cmp.Or(aws.ToString(told), reported) }
	joined := *t
	joined.RevisionId = aws.String(text(t.RevisionId, sourceID(a)))
	joined.RevisionSummary = aws.String(text(t.RevisionSummary, a.Summary))
	joined.RevisionUrl = aws.String(text(t.RevisionUrl, a.URL))
	r := artifactRevision(sourceType(a), &joined)
	if r.Artifact == "" && len(a.Outputs) > 0 {
		r.Artifact = a.Outputs[0].Name
	}
	r.Stage, r.Action = a.Stage, a.Action
	r.describe(a, *joined.RevisionSummary)
	return r
}

// sourceType returns the type of a source action. An action with a connection
// is one of connections, whatever its provider is called.
func sourceType(a *ActionExecution) events.ActionType {
	t := events.ActionType{Category: a.Type.Category, Owner: a.Type.Owner, Provider: a.Type.Provider, Version: a.Type.Version}
	if t.Owner != "Custom" && (a.OutputVariables["ConnectionArn"] != "" || a.Configuration["ConnectionArn"] != "") {
		t.Provider = "CodeStarSourceConnection"
	}
	return t
}

// describe adds the action's configuration and output variables, which count
// more than a URL or a text.
func (r *Revision) describe(a *ActionExecution, summary string) {
	v, c := a.OutputVariables, a.Configuration
	action := sourceType(a)
	if action.Owner == "Custom" {
		return
	}
	switch action.Provider {
	case "CodeCommit":
		r.Repository = cmp.Or(v["RepositoryName"], c["RepositoryName"], r.Repository)
		r.Branch = cmp.Or(v["BranchName"], c["BranchName"], r.Branch)
		r.Region = cmp.Or(r.Region, a.Region)
	case "GitHub":
		if c["Owner"] != "" && c["Repo"] != "" {
			r.Repository = c["Owner"] + "/" + c["Repo"]
		}
		r.Branch = cmp.Or(v["BranchName"], c["Branch"], r.Branch)
	case "S3":
		if bucket, key := cmp.Or(v["BucketName"], c["S3Bucket"]), cmp.Or(v["ObjectKey"], c["S3ObjectKey"]); bucket != "" {
			r.Repository = bucket + "/" + key
		}
		r.Region = cmp.Or(r.Region, a.Region)
	case "ECR":
		r.Repository = cmp.Or(v["RepositoryName"], c["RepositoryName"], r.Repository)
		r.Tag = cmp.Or(v["ImageTag"], c["ImageTag"], r.Tag)
		r.Region = cmp.Or(a.Region, r.Region)
		if host, _, ok := strings.Cut(v["ImageURI"], "/"); ok {
			r.Host = host
		}
	case "CodeStarSourceConnection":
		r.ConnectionARN = cmp.Or(v["ConnectionArn"], c["ConnectionArn"], r.ConnectionARN)
		if connection, ok := parseConnectionARN(r.ConnectionARN); ok {
			r.Region = connection.Region
		}
		r.Repository = cmp.Or(v["FullRepositoryName"], c["FullRepositoryId"], r.Repository)
		r.Branch = cmp.Or(v["BranchName"], c["BranchName"], r.Branch)
		if r.Message == summary { // it was cut, or did not come as the JSON of connections
			r.Message = cmp.Or(v["CommitMessage"], summary)
		}
		return
	}
	r.Message = cmp.Or(r.Message, v["CommitMessage"])
}
