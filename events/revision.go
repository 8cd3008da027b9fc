package events

import (
	"encoding/json"
	"net/url"
	"strings"

	"github.com/codesuite-go/codesuite/internal/console"
)

// Provider is the service that a source action fetches from. It is an open
// set: a provider of a connection that this package does not know is kept as
// AWS spells it. It is "" if nothing names it.
type Provider string

// The providers of sources. Those of connections have the API's spelling.
const (
	ProviderGitHub                 Provider = "GitHub" // through a connection or the older GitHub action
	ProviderGitHubEnterpriseServer Provider = "GitHubEnterpriseServer"
	ProviderBitbucket              Provider = "Bitbucket"
	ProviderGitLab                 Provider = "GitLab"
	ProviderGitLabSelfManaged      Provider = "GitLabSelfManaged"
	ProviderAzureDevOps            Provider = "AzureDevOps"
	ProviderCodeCommit             Provider = "CodeCommit"
	ProviderS3                     Provider = "S3"
	ProviderECR                    Provider = "ECR"
)

// PublicHost returns the host that serves all repositories of the provider,
// such as "github.com". It is "" for providers with a host of each customer,
// for those of AWS, and for unknown ones.
func (p Provider) PublicHost() string {
	switch p {
	case ProviderGitHub:
		return "github.com"
	case ProviderBitbucket:
		return "bitbucket.org"
	case ProviderGitLab:
		return "gitlab.com"
	case ProviderAzureDevOps:
		return "dev.azure.com"
	}
	return ""
}

// providerOf returns the provider of a connection in the API's spelling.
// Summaries spell some differently.
func providerOf(s string) Provider {
	for _, p := range []Provider{
		ProviderGitHub, ProviderGitHubEnterpriseServer, ProviderBitbucket,
		ProviderGitLab, ProviderGitLabSelfManaged, ProviderAzureDevOps,
	} {
		if strings.EqualFold(s, string(p)) {
			return p
		}
	}
	return Provider(s)
}

// SourceRevision is what a source action fetched. Unknown fields are "". The
// texts come from outside: a commit message, a branch or a URL may hold
// anything.
type SourceRevision struct {
	Provider Provider
	// Host serves the repository: the provider's public host. It is "" for
	// GitHub Enterprise Server and self-managed GitLab, whose host only the
	// connection knows, and for CodeCommit, S3 and ECR.
	Host string
	// Region is where the repository of CodeCommit, the bucket or the
	// connection is.
	Region string
	// Repository is the full name: "owner/name" on GitHub and Bitbucket,
	// "group/subgroup/name" with any number of groups on GitLab, the
	// connection's FullRepositoryId on Azure DevOps, the name on CodeCommit.
	Repository string
	// ID is the commit ID, the version ID of the S3 object or the digest of the
	// image.
	ID string
	// Branch and Tag are what the source follows.
	Branch, Tag   string
	ConnectionARN string
	// Message is the commit message or, for other sources, the summary of the
	// revision. The JSON in which connections report a message is opened; a
	// summary that is cut or is no such JSON stays as it came.
	Message string
	// URL is the revision's URL as it came, not checked.
	URL string
}

// SourceRevision returns what a succeeded source action fetched. ok is false
// for other actions and for one that has no result yet.
func (e *ActionExecutionStateChange) SourceRevision() (revision SourceRevision, ok bool) {
	if e.Type.Category != "Source" || e.Result == nil || e.Result.ExternalExecutionID == "" {
		return SourceRevision{}, false
	}
	return ParseRevision(e.Type, e.Result.URL, e.Result.Summary, e.Result.ExternalExecutionID), true
}

// Commit returns the commit that started the execution. ok is false for a
// trigger without one; call GetPipelineExecution then.
func (t *ExecutionTrigger) Commit() (revision SourceRevision, ok bool) {
	if t == nil || t.CommitID == "" {
		return SourceRevision{}, false
	}
	r := SourceRevision{
		Provider: providerOf(t.ProviderType), Repository: t.FullRepositoryName, ID: t.CommitID,
		Branch: t.Branch, Tag: t.Tag, ConnectionARN: t.ConnectionARN, Message: t.CommitMessage,
	}
	r.Host = r.Provider.PublicHost()
	r.Region, _ = connectionRegion(t.ConnectionARN)
	return r, true
}

// ParseRevision takes a revision apart: the URL, summary and ID that an action
// reported, as the events of actions, GetPipelineExecution and
// ListPipelineExecutions carry them. All three may be "". It calls nothing.
//
// The type of the action decides on the provider where it is one of AWS's own
// and not a connection: a URL of another service counts for nothing then. The
// zero ActionType stands for an action of unknown type.
//
// ParseRevision recognises the URLs of connections, of GitHub, of CodeCommit in
// the console's older and newer form, and of S3, in every partition with a
// public console, and the JSON in which connections report a commit message.
// The rest is kept in URL, Message and ID: then Provider is "" unless the type
// or the summary names it, and so is Repository.
func ParseRevision(action ActionType, revisionURL, revisionSummary, revisionID string) SourceRevision {
	r := SourceRevision{ID: revisionID, Message: revisionSummary, URL: revisionURL}
	recognised := r.parseURL()
	provider, known := action.sourceProvider()
	switch {
	case known:
		if r.Provider != provider || r.ConnectionARN != "" {
			r = SourceRevision{ID: revisionID, Message: revisionSummary, URL: revisionURL}
		}
		r.Provider = provider
	case action.Provider == connectionAction:
		if r.Provider == ProviderCodeCommit || r.Provider == ProviderS3 { // no connection fetches from there
			r = SourceRevision{ID: revisionID, Message: revisionSummary, URL: revisionURL}
		}
		r.openSummary()
	case r.ConnectionARN != "" || !recognised:
		r.openSummary()
		if r.Provider == "" && revisionURL == "" && revisionID != "" && revisionSummary == s3Summary+revisionID {
			r.Provider = ProviderS3
		}
	}
	r.Host = r.Provider.PublicHost()
	return r
}

// connectionAction is the action provider of all connections.
const connectionAction = "CodeStarSourceConnection"

// sourceProvider returns the provider that the type of a source action fixes.
func (t ActionType) sourceProvider() (Provider, bool) {
	if t.Owner == "Custom" {
		return "", false
	}
	switch p := Provider(t.Provider); p {
	case ProviderCodeCommit, ProviderGitHub, ProviderS3, ProviderECR:
		return p, true
	}
	return "", false
}

// s3Summary and the version's ID are the summary of an object without one of
// its own.
const s3Summary = "Amazon S3 version id: "

// openSummary takes provider and message from the JSON of a connection.
// CodePipeline cuts a long one short, and a commit message may look like JSON:
// such a text stays the message.
func (r *SourceRevision) openSummary() {
	if !strings.HasPrefix(strings.TrimLeft(r.Message, " \t\r\n"), "{") {
		return
	}
	var summary struct {
		ProviderType  string
		CommitMessage *string
	}
	if json.Unmarshal([]byte(r.Message), &summary) != nil || summary.ProviderType == "" {
		return
	}
	r.Provider = providerOf(summary.ProviderType)
	if summary.CommitMessage != nil {
		r.Message = *summary.CommitMessage
	}
}

// parseURL takes the revision's URL apart and reports whether it knows it.
func (r *SourceRevision) parseURL() bool {
	u, err := url.Parse(r.URL)
	if err != nil || u.Scheme != "https" || u.User != nil || u.Opaque != "" {
		return false
	}
	path, ok := segments(u.EscapedPath())
	if !ok {
		return false
	}
	host := strings.ToLower(u.Host)
	if region, ok := console.Region(host); ok {
		if region == "" {
			if region = queryValue(u.RawQuery, "region"); !console.ValidRegion(region) {
				region = ""
			}
		}
		return r.parseConsole(u, path, region)
	}
	switch host {
	case "github.com":
		// OWNER/REPO/commit/SHA, OWNER/REPO/tree/BRANCH
		return len(path) >= 4 && (path[2] == "commit" && len(path) == 4 || path[2] == "tree") &&
			r.setGitHub(path[0], path[1], path[2], path[3:])
	case "api.github.com":
		// repos/OWNER/REPO/git/commits/SHA, repos/OWNER/REPO/commits/SHA
		if len(path) == 6 && path[3] == "git" {
			path = append(path[:3:3], path[4:]...)
		}
		return len(path) == 5 && path[0] == "repos" && path[3] == "commits" &&
			r.setGitHub(path[1], path[2], "commit", path[4:])
	}
	return false
}

func (r *SourceRevision) setGitHub(owner, name, kind string, rest []string) bool {
	if !plainName(owner) || !plainName(name) {
		return false
	}
	r.Provider, r.Repository = ProviderGitHub, owner+"/"+name
	if kind == "tree" {
		r.Branch = strings.Join(rest, "/")
	} else if r.ID == "" {
		r.ID = rest[0]
	}
	return true
}

// parseConsole knows the consoles of connections, CodeCommit and S3.
func (r *SourceRevision) parseConsole(u *url.URL, path []string, region string) bool {
	switch where := strings.Join(path, "/"); {
	case where == "codesuite/settings/connections/redirect":
		// A "#" in it is one of a branch, as nothing is escaped.
		_, query, _ := strings.Cut(r.URL, "?")
		return r.parseRedirect(query)
	case where == "codecommit/home":
		// #/repository/NAME/commit/ID, #/repository/NAME/browse/BRANCH/--/PATH
		fragment, ok := segments(u.EscapedFragment())
		return ok && len(fragment) >= 2 && fragment[0] == "repository" &&
			r.setCodeCommit(fragment[1], fragment[2:], region)
	case len(path) >= 4 && strings.HasPrefix(where, "codesuite/codecommit/repositories/"):
		return r.setCodeCommit(path[3], path[4:], region)
	case path[0] == "s3":
		r.Provider, r.Region = ProviderS3, region
		return true
	}
	return false
}

func (r *SourceRevision) setCodeCommit(name string, rest []string, region string) bool {
	if !plainName(name) {
		return false
	}
	r.Provider, r.Repository, r.Region = ProviderCodeCommit, name, region
	if len(rest) < 2 {
		return true
	}
	switch rest[0] {
	case "commit":
		if r.ID == "" {
			r.ID = rest[1]
		}
	case "browse":
		ref, _, _ := strings.Cut(strings.Join(rest[1:], "/"), "/--")
		if tag, ok := strings.CutPrefix(ref, "refs/tags/"); ok {
			r.Tag = tag
		} else {
			r.Branch = strings.TrimPrefix(ref, "refs/heads/")
		}
	}
	return true
}

// parseRedirect reads the query with which the console goes to the repository
// of a connection.
func (r *SourceRevision) parseRedirect(query string) bool {
	repository, connection := queryValue(query, "FullRepositoryId"), queryValue(query, "connectionArn")
	region, ok := connectionRegion(connection)
	if !ok || !validRepository(repository) {
		return false
	}
	r.Repository, r.ConnectionARN, r.Region = repository, connection, region
	r.Branch = queryValue(query, "Branch")
	if r.ID == "" {
		r.ID = queryValue(query, "Commit")
	}
	return true
}

// queryValue returns the first value of the key. AWS does not escape what it
// puts into the query of a redirect, so that "+" is no space there: a space is
// in no branch.
func queryValue(query, key string) string {
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		if value, ok := strings.CutPrefix(pair, key+"="); ok {
			if unescaped, err := url.PathUnescape(value); err == nil {
				return unescaped
			}
			return value
		}
	}
	return ""
}

// segments returns the unescaped elements of a path, without empty ones at its
// ends. ok is false for a path with an element that is empty or leads
// elsewhere.
func segments(escaped string) (path []string, ok bool) {
	path = strings.Split(strings.Trim(escaped, "/"), "/")
	for i, s := range path {
		s, err := url.PathUnescape(s)
		if err != nil || isDots(s) || s == "" && len(path) > 1 || strings.Contains(s, "/") {
			return nil, false
		}
		path[i] = s
	}
	return path, true
}

// plainName reports whether s is a name as GitHub and CodeCommit have them.
func plainName(s string) bool {
	return s != "" && !isDots(s) && strings.Trim(s,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == ""
}

// validRepository reports whether s is a full name of at least two parts,
// which may hold spaces and letters of any alphabet on some providers.
func validRepository(s string) bool {
	parts := strings.Split(s, "/")
	for _, part := range parts {
		if part == "" || isDots(part) || strings.ContainsFunc(part, func(c rune) bool {
			return c < ' ' || c == 0x7f || c == 0xfffd || strings.ContainsRune(`\?#%&`, c)
		}) {
			return false
		}
	}
	return len(parts) >= 2
}

// isDots reports whether s leads elsewhere in a path.
func isDots(s string) bool { return s == "." || s == ".." }

// connectionRegion returns the Region of a connection's ARN. Connections have
// two services: codestar-connections is that of older ones.
func connectionRegion(arn string) (region string, ok bool) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[2] != "codeconnections" && parts[2] != "codestar-connections" || !console.ValidRegion(parts[3]) {
		return "", false
	}
	return parts[3], true
}
