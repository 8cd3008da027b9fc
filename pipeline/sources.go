package pipeline

import (
	"cmp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
)

// joinRevisions returns the revision of each source action, from what
// GetPipelineExecution tells by the output artifact's name and from what the
// newest run of the action reported. The service returns both lists in any
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
	// The ID tells what belongs together where the names do not, unless two
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
		revisions = append(revisions, artifactRevision(&rest[i]))
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

func artifactRevision(t *types.ArtifactRevision) Revision {
	r := ParseRevision(aws.ToString(t.RevisionUrl), aws.ToString(t.RevisionSummary), aws.ToString(t.RevisionId))
	r.Artifact = aws.ToString(t.Name)
	r.ChangeID = aws.ToString(t.RevisionChangeIdentifier)
	r.Created = timeOf(t.Created)
	return r
}

// sourceID returns the ID of what a source action fetched.
func sourceID(a *ActionExecution) string {
	v := a.OutputVariables
	return cmp.Or(v["CommitId"], v["VersionId"], v["ImageDigest"], a.ExternalID)
}

// sourceRevision returns the revision of a source action. The artifact's
// revision is nil if the service has not told it.
func sourceRevision(a *ActionExecution, t *types.ArtifactRevision) Revision {
	if t == nil {
		t = new(types.ArtifactRevision)
	}
	text := func(told *string, reported string) string { return cmp.Or(aws.ToString(told), reported) }
	joined := *t
	joined.RevisionId = aws.String(text(t.RevisionId, sourceID(a)))
	joined.RevisionSummary = aws.String(text(t.RevisionSummary, a.Summary))
	joined.RevisionUrl = aws.String(text(t.RevisionUrl, a.URL))
	r := artifactRevision(&joined)
	if r.Artifact == "" && len(a.Outputs) > 0 {
		r.Artifact = a.Outputs[0].Name
	}
	r.Stage, r.Action = a.Stage, a.Action
	r.describe(a, *joined.RevisionSummary)
	return r
}

// describe adds what the action's type, configuration and output variables
// tell, which count more than what stands in a URL or a text.
func (r *Revision) describe(a *ActionExecution, summary string) {
	v, c := a.OutputVariables, a.Configuration
	switch kind := a.Type.Provider; {
	case a.Type.Owner == "Custom":
		return
	case kind == "CodeCommit":
		r.is(ProviderCodeCommit, summary)
		r.Repository = cmp.Or(v["RepositoryName"], c["RepositoryName"], r.Repository)
		r.Branch = cmp.Or(v["BranchName"], c["BranchName"], r.Branch)
		r.Region = cmp.Or(r.Region, a.Region)
	case kind == "GitHub":
		r.is(ProviderGitHub, summary)
		if c["Owner"] != "" && c["Repo"] != "" {
			r.Repository = c["Owner"] + "/" + c["Repo"]
		}
		r.Branch = cmp.Or(v["BranchName"], c["Branch"], r.Branch)
	case kind == "S3":
		r.is(ProviderS3, summary)
		if bucket, key := cmp.Or(v["BucketName"], c["S3Bucket"]), cmp.Or(v["ObjectKey"], c["S3ObjectKey"]); bucket != "" {
			r.Repository = bucket + "/" + key
		}
		r.Region = cmp.Or(r.Region, a.Region)
	case kind == "ECR":
		r.is(ProviderECR, summary)
		r.Repository = cmp.Or(v["RepositoryName"], c["RepositoryName"], r.Repository)
		r.Tag = cmp.Or(v["ImageTag"], c["ImageTag"], r.Tag)
		r.Region = cmp.Or(a.Region, r.Region)
		if host, _, ok := strings.Cut(v["ImageURI"], "/"); ok {
			r.Host = host
		}
	case v["ConnectionArn"] != "" || c["ConnectionArn"] != "": // CodeStarSourceConnection
		r.ConnectionARN = cmp.Or(v["ConnectionArn"], c["ConnectionArn"])
		if connection, ok := parseConnectionARN(r.ConnectionARN); ok {
			r.Region = connection.Region
		}
		r.Repository = cmp.Or(v["FullRepositoryName"], c["FullRepositoryId"], r.Repository)
		r.Branch = cmp.Or(v["BranchName"], c["BranchName"], r.Branch)
		if r.Provider == ProviderCodeCommit || r.Provider == ProviderS3 { // by a URL that is none of a connection
			r.Provider, r.Message = "", summary
		}
		opened := *r
		opened.Message = summary
		if opened.openSummary() {
			r.Provider, r.Message = opened.Provider, opened.Message
		} else {
			r.Message = cmp.Or(v["CommitMessage"], summary)
		}
		r.Host = publicHosts[r.Provider]
		return
	}
	r.Message = cmp.Or(r.Message, v["CommitMessage"])
}

// is sets the provider by the action's type. The summary of such an action is
// its text, whatever it looks like, and no URL makes it a connection's.
func (r *Revision) is(p Provider, summary string) {
	if r.Provider != p || r.ConnectionARN != "" {
		r.Repository, r.Branch, r.Tag, r.Region, r.ConnectionARN = "", "", "", "", ""
	}
	r.Provider, r.Host, r.Message = p, publicHosts[p], summary
}
