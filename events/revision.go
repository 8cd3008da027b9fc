package events

import (
	"net/url"
	"strings"

	"github.com/codesuite-go/codesuite/internal/jsontext"
)

// SourceRevision is the commit that a source action fetched, as far as the
// event tells. Fields that it does not tell are "".
type SourceRevision struct {
	// CommitID is the ID that the action reported: a commit, or for S3 a
	// version, for ECR a digest.
	CommitID      string
	CommitMessage string
	// Provider is CodeCommit, or the provider behind a connection or GitHub
	// action: GitHub, Bitbucket, GitLab, ... as AWS spells it.
	Provider string
	// Repository is the name of the repository, owner/name but for CodeCommit.
	Repository    string
	Branch        string
	Tag           string
	ConnectionARN string
	URL           string
}

// SourceRevision returns what a succeeded source action fetched. ok is false
// for other actions and for one that has no result yet.
func (e *ActionExecutionStateChange) SourceRevision() (revision SourceRevision, ok bool) {
	if e.Type.Category != "Source" || e.Result == nil || e.Result.ExternalExecutionID == "" {
		return SourceRevision{}, false
	}
	r := SourceRevision{CommitID: e.Result.ExternalExecutionID, CommitMessage: e.Result.Summary, URL: e.Result.URL}
	// A connection reports JSON; CodePipeline cuts a long one short, and a
	// commit message may look like JSON. Then the text is the message.
	var summary struct {
		ProviderType string `event:"ProviderType"`
		Message      string `event:"CommitMessage"`
	}
	d := jsontext.Scanner{Text: e.Result.Summary}
	if d.Peek() == '{' && bind(&d, &summary) == nil && d.End() == nil && summary.ProviderType != "" {
		r.Provider, r.CommitMessage = summary.ProviderType, summary.Message
	}
	r.fromURL(e.Result.URL)
	if r.Provider == "" && e.Type.Owner == "AWS" && e.Type.Provider == "CodeCommit" {
		r.Provider = "CodeCommit"
	}
	return r, true
}

// fromURL takes the repository from the link of an action's result: the
// redirect of a connection, GitHub, or the console of CodeCommit in its old
// form, with everything in the fragment, and its new one.
func (r *SourceRevision) fromURL(link string) {
	u, err := url.Parse(link)
	if err != nil || u.Host == "" {
		return
	}
	path := strings.Split(strings.Trim(u.Path, "/"), "/")
	fragment := strings.Split(strings.Trim(u.Fragment, "/"), "/")
	switch {
	case strings.HasSuffix(u.Path, "/connections/redirect"):
		q := u.Query()
		r.Repository, r.ConnectionARN = q.Get("FullRepositoryId"), q.Get("connectionArn")
		r.Branch = q.Get("Branch")
	case u.Host == "github.com" && len(path) >= 2:
		r.Provider, r.Repository = "GitHub", path[0]+"/"+path[1]
	case u.Host == "api.github.com" && len(path) >= 3 && path[0] == "repos":
		r.Provider, r.Repository = "GitHub", path[1]+"/"+path[2]
	case strings.HasPrefix(u.Path, "/codecommit/") && len(fragment) >= 2 && fragment[0] == "repository":
		r.Provider, r.Repository = "CodeCommit", fragment[1]
	case strings.HasPrefix(u.Path, "/codesuite/codecommit/repositories/") && len(path) >= 4:
		r.Provider, r.Repository = "CodeCommit", path[3]
	}
}

// Commit returns the commit that started the execution. ok is false for a
// trigger that does not tell it; then the GetPipelineExecution API does.
func (t *ExecutionTrigger) Commit() (revision SourceRevision, ok bool) {
	if t == nil || t.CommitID == "" {
		return SourceRevision{}, false
	}
	return SourceRevision{
		CommitID: t.CommitID, CommitMessage: t.CommitMessage, Provider: t.ProviderType,
		Repository: t.FullRepositoryName, Branch: t.Branch, Tag: t.Tag, ConnectionARN: t.ConnectionARN,
	}, true
}
