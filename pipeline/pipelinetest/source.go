package pipelinetest

import (
	"io/fs"
	"time"
)

// NoURL as the URL of a [Revision] or an [Outcome] stands for none.
const NoURL = "none"

// Revision is what a source action finds. The zero value of a field stands for
// what is usual for the provider, made up where needed.
type Revision struct {
	ID      string // commit ID, S3 version ID or image digest
	Message string // commit message
	// Summary is shown instead of the message. By default it is the message, or
	// for a connection JSON with the provider type and the message.
	Summary  string
	URL      string    // by default the provider's page; NoURL for none
	ChangeID string    // revisionChangeIdentifier; by default there is none
	Created  time.Time // by default when the action ends

	// Files are those of the output artifact, in place of those that are made up. They
	// are read when somebody gets the artifact.
	Files fs.FS

	objectKey string // S3_OBJECT_KEY of an override
	branch    string // that was pushed, if it is not that of the action
}

// onlyID reports whether nothing but the ID is given.
func (v *Revision) onlyID() bool {
	return v.Message == "" && v.Summary == "" && v.URL == "" && v.ChangeID == "" && v.Created.IsZero() && v.Files == nil && v.objectKey == "" && v.branch == ""
}

// SourceRevision is what the source action with the name finds.
type SourceRevision struct {
	Action   string
	Revision Revision
}

// GitHubSource returns a source action of GitHub version 1 (owner ThirdParty,
// OAuth token), whose revisions have URLs such as
// https://github.com/owner/repo/commit/<id>. The output artifact is
// <name>Artifact, as for all sources.
func GitHubSource(name, owner, repo, branch string) Action {
	return source(name, ActionType{"Source", "ThirdParty", "GitHub", "1"}, map[string]string{
		"Owner":                owner,
		"Repo":                 repo,
		"Branch":               branch,
		"OAuthToken":           "test-token",
		"PollForSourceChanges": "false",
	}, "OAuthToken")
}

// ConnectionSource returns a source action of a connection
// (CodeStarSourceConnection) to a repository such as "owner/repo". The server
// knows the connection. Revisions have URLs that lead to the console's redirect
// page and name the repository in the query.
func ConnectionSource(name string, connection Connection, repository, branch string) Action {
	connection = connection.withDefaults()
	a := source(name, ActionType{"Source", "AWS", "CodeStarSourceConnection", "1"}, map[string]string{
		"ConnectionArn":    connection.ARN,
		"FullRepositoryId": repository,
		"BranchName":       branch,
	})
	a.connection = &connection
	return a
}

// CodeCommitSource returns a source action of a CodeCommit repository.
func CodeCommitSource(name, repository, branch string) Action {
	return source(name, ActionType{"Source", "AWS", "CodeCommit", "1"}, map[string]string{
		"RepositoryName":       repository,
		"BranchName":           branch,
		"PollForSourceChanges": "false",
	})
}

// S3Source returns a source action of an S3 object, whose revisions have no
// URL.
func S3Source(name, bucket, key string) Action {
	return source(name, ActionType{"Source", "AWS", "S3", "1"}, map[string]string{
		"S3Bucket":             bucket,
		"S3ObjectKey":          key,
		"PollForSourceChanges": "false",
	})
}

// ECRSource returns a source action of an image of ECR with the tag.
func ECRSource(name, repository, tag string) Action {
	return source(name, ActionType{"Source", "AWS", "ECR", "1"}, map[string]string{
		"RepositoryName": repository,
		"ImageTag":       tag,
	})
}

func source(name string, actionType ActionType, configuration map[string]string, secrets ...string) Action {
	return Action{
		Name:          name,
		Type:          actionType,
		Configuration: configuration,
		Secrets:       secrets,
		Outputs:       []string{artifactName(name)},
	}
}
