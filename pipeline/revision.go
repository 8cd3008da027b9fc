package pipeline

import (
	"time"

	"github.com/codesuite-go/codesuite/events"
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
