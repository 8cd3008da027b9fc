package pipeline

import (
	"net/url"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/internal/console"
)

// Revision is a revision that a source action fetched. Fields that AWS does not
// return are empty. The texts come from outside: a commit message, a branch or a
// URL may hold anything.
type Revision struct {
	// Stage and Action are the names of the source action; empty if it is not
	// known which one it was.
	Stage, Action string
	Artifact      string // name of the output artifact
	Provider      events.Provider
	// Host serves the repository: "github.com", "bitbucket.org", "gitlab.com",
	// "dev.azure.com", or the registry of ECR. Of GitHub Enterprise Server and
	// self-managed GitLab it is the host of the connection, with its port if it
	// has one ("git.example.com:8443"), and empty if that is not known: see
	// [Options]. It is empty for CodeCommit and S3.
	Host string
	// HostErr is the reason why Host, and maybe Provider, could not be looked up:
	// an [*Error] of GetConnection or GetHost, such as a missing permission.
	HostErr error
	// Region is where the repository of CodeCommit or ECR or the connection is.
	Region string
	// Repository is the full name: "owner/name" on GitHub and Bitbucket,
	// "group/subgroup/name" with any number of groups on GitLab, the
	// connection's FullRepositoryId on Azure DevOps, the name on CodeCommit and
	// ECR, "bucket/key" of the object on S3.
	Repository string
	// ID is the commit ID, the version ID of the S3 object or the digest of the
	// image.
	ID string
	// Branch is the branch and Tag the tag that the source follows, for ECR
	// that of the image.
	Branch, Tag   string
	ConnectionARN string
	// Message is the commit message or, for other sources, the summary of the
	// revision. It is taken out of the JSON that connections report; JSON that is
	// cut stays as it came.
	Message string
	// URL is the revision's URL as AWS returned it, not checked.
	URL string
	// ChangeID is the service's identifier of the change, such as the date of
	// the commit or the ETag of an S3 object.
	ChangeID string
	Created  time.Time // when the revision was made; zero if not known
}

// revisionFrom returns the revision that the event package reads from what an
// action of the type reported.
func revisionFrom(action events.ActionType, revisionURL, summary, id string) Revision {
	r := events.ParseRevision(action, revisionURL, summary, id)
	return Revision{
		Provider: r.Provider, Host: r.Host, Region: r.Region, Repository: r.Repository, ID: r.ID,
		Branch: r.Branch, Tag: r.Tag, ConnectionARN: r.ConnectionARN, Message: r.Message, URL: r.URL,
	}
}

// WebURL returns the address of the revision's page: that of the commit at its
// provider or in the AWS console, or else URL if that is an address of the console.
// It is "" if there is none. Unlike URL it is checked, and safe to show as a link.
func (r *Revision) WebURL() string {
	if isCommitID(r.ID) {
		page := "/commit/" + r.ID
		switch r.Provider {
		case events.ProviderCodeCommit:
			return console.Commit(r.Region, r.Repository, r.ID)
		case events.ProviderGitLab, events.ProviderGitLabSelfManaged:
			page = "/-" + page
		case events.ProviderBitbucket:
			page = "/commits/" + r.ID
		}
		if base := r.repositoryURL(); base != "" {
			return base + page
		}
	}
	if u, err := url.Parse(r.URL); err == nil && u.Scheme == "https" && u.User == nil {
		if _, ok := console.Region(strings.ToLower(u.Host)); ok {
			return u.String()
		}
	}
	return ""
}

// CompareURL returns the address of the page with the changes from the commit with
// the ID previous to the revision. It is "" where there is none, as for S3 and ECR,
// for a host that is not known, and for the same commit.
func (r *Revision) CompareURL(previous string) string {
	if !isCommitID(previous) || !isCommitID(r.ID) || previous == r.ID {
		return ""
	}
	if r.Provider == events.ProviderCodeCommit {
		return console.Comparison(r.Region, r.Repository, previous, r.ID)
	}
	base := r.repositoryURL()
	if base == "" {
		return ""
	}
	switch r.Provider {
	case events.ProviderGitLab, events.ProviderGitLabSelfManaged:
		return base + "/-/compare/" + previous + "..." + r.ID
	case events.ProviderBitbucket:
		return base + "/branches/compare/" + r.ID + ".." + previous // the new one first
	case events.ProviderAzureDevOps:
		return base + "/branchCompare?baseVersion=GC" + previous + "&targetVersion=GC" + r.ID
	}
	return base + "/compare/" + previous + "..." + r.ID
}

// repositoryURL returns the address of a repository outside AWS, "" if there is
// none.
func (r *Revision) repositoryURL() string {
	parts := strings.Split(r.Repository, "/")
	least, most := 2, 2
	switch r.Provider {
	case events.ProviderGitHub, events.ProviderGitHubEnterpriseServer, events.ProviderBitbucket:
	case events.ProviderGitLab, events.ProviderGitLabSelfManaged:
		most = len(parts)
	case events.ProviderAzureDevOps: // organization/project/repository
		least, most = 3, 3
	default:
		return ""
	}
	if len(parts) < least || len(parts) > most || !isHost(r.Host) {
		return ""
	}
	for i, part := range parts {
		if part == "" || part == "." || part == ".." {
			return ""
		}
		parts[i] = url.PathEscape(part)
	}
	if r.Provider == events.ProviderAzureDevOps {
		parts = []string{parts[0], parts[1], "_git", parts[2]}
	}
	return "https://" + r.Host + "/" + strings.Join(parts, "/")
}

// isHost reports whether s is the name of a host, and maybe a port.
func isHost(s string) bool {
	u, err := url.Parse("https://" + s + "/")
	return err == nil && u.Hostname() != "" && u.Host == s && u.User == nil && u.Path == "/" &&
		strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:") == ""
}

// isCommitID reports whether s is the ID of a commit, of SHA-1 or SHA-256.
func isCommitID(s string) bool {
	return (len(s) == 40 || len(s) == 64) && strings.Trim(s, "0123456789abcdefABCDEF") == ""
}
