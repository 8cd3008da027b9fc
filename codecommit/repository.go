package codecommit

import (
	"context"
	"log/slog"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"

	"github.com/codesuite-go/codesuite/internal/sdkhttp"
)

// API is what a [Repository] calls of the AWS SDK's CodeCommit client.
// [*awscodecommit.Client] implements it.
type API interface {
	GetBlob(context.Context, *awscodecommit.GetBlobInput, ...func(*awscodecommit.Options)) (*awscodecommit.GetBlobOutput, error)
	GetBranch(context.Context, *awscodecommit.GetBranchInput, ...func(*awscodecommit.Options)) (*awscodecommit.GetBranchOutput, error)
	GetCommit(context.Context, *awscodecommit.GetCommitInput, ...func(*awscodecommit.Options)) (*awscodecommit.GetCommitOutput, error)
	GetDifferences(context.Context, *awscodecommit.GetDifferencesInput, ...func(*awscodecommit.Options)) (*awscodecommit.GetDifferencesOutput, error)
	GetFolder(context.Context, *awscodecommit.GetFolderInput, ...func(*awscodecommit.Options)) (*awscodecommit.GetFolderOutput, error)
	GetRepository(context.Context, *awscodecommit.GetRepositoryInput, ...func(*awscodecommit.Options)) (*awscodecommit.GetRepositoryOutput, error)
	ListBranches(context.Context, *awscodecommit.ListBranchesInput, ...func(*awscodecommit.Options)) (*awscodecommit.ListBranchesOutput, error)
}

var _ API = (*awscodecommit.Client)(nil)

// Options configure a [Repository]. The zero value holds the defaults.
type Options struct {
	// SkipVerify turns off the check of blobs and folder listings against
	// their object IDs.
	SkipVerify bool

	// OnCall is called after each call of the API, at the same time from
	// several goroutines if calls are made so.
	OnCall func(Call)

	// Logger is told about throttling and about calls that are tried again.
	// The default is silent.
	Logger *slog.Logger
}

// Call describes one call of the API, for metrics and logs.
type Call struct {
	Operation string // such as "GetBlob"
	Attempts  int    // HTTP requests sent, with the SDK's retries
	Throttled int    // attempts that the service refused for their rate
	Err       error  // nil if the call succeeded in the end
}

// Repository reads one CodeCommit repository. It is safe for concurrent use.
type Repository struct {
	api     API
	name    string
	options Options
	limiter *limiter
	reached *atomic.Bool // whether any call was ever answered
}

// maxIdleConns is how many connections [Open] keeps between calls.
const maxIdleConns = 512

// Open returns the repository of that name in the account and Region of cfg.
// It calls nothing: a repository that does not exist is the error of the first
// call. Unless cfg has an HTTP client of its own, connections are kept for
// many calls at once.
func Open(cfg aws.Config, name string, optFns ...func(*Options)) *Repository {
	return New(awscodecommit.NewFromConfig(sdkhttp.KeepIdle(cfg, maxIdleConns)), name, optFns...)
}

// New returns the repository of that name as api sees it. For more than ten
// calls at once, give the client of api an HTTP client that keeps as many idle
// connections; [Open] does.
func New(api API, name string, optFns ...func(*Options)) *Repository {
	r := &Repository{api: api, name: name, limiter: new(limiter), reached: new(atomic.Bool)}
	return r.With(optFns...)
}

// With returns a Repository with changed options that shares r's client and
// what r has learnt of the service's limits.
func (r *Repository) With(optFns ...func(*Options)) *Repository {
	c := *r
	for _, fn := range optFns {
		fn(&c.options)
	}
	if c.options.Logger == nil {
		c.options.Logger = slog.New(slog.DiscardHandler)
	}
	return &c
}

// Name returns the name of the repository.
func (r *Repository) Name() string { return r.name }
