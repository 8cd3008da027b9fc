package codecommit

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"

	"github.com/codesuite-go/codesuite/internal/sdkhttp"
)

// API lists the methods of the AWS SDK's CodeCommit client that a [Repository]
// calls. [*awscodecommit.Client] implements it. A later version may add methods:
// a fake that embeds the interface and overrides a few of them goes on to compile.
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

	// MaxElapsed bounds how long one call of the API is made again after
	// throttling, server errors and lost connections: no attempt starts later
	// than that after the first one. The default is 5 minutes; a negative value
	// bounds the call by its context alone.
	MaxElapsed time.Duration

	// OnCall is called after each call of the API, at the same time from
	// several goroutines if calls are made so.
	OnCall func(Call)

	// Logger receives a warning for each throttling and for each call that is
	// made again. The default is silent.
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
	invalid error // of New's arguments, which every call returns
	limiter *limiter
	reached *atomic.Bool // whether any call was ever answered
}

// defaultMaxElapsed is the default of Options.MaxElapsed.
const defaultMaxElapsed = 5 * time.Minute

// maxIdleConns is how many connections [Open] keeps between calls.
const maxIdleConns = 512

// Open returns the repository of that name in the account and Region of cfg.
// It makes no call: a repository that does not exist is the error of the first
// call. Connections are kept for many calls at once, unless cfg has an HTTP
// client of its own.
func Open(cfg aws.Config, name string, optFns ...func(*Options)) *Repository {
	return New(awscodecommit.NewFromConfig(sdkhttp.KeepIdle(cfg, maxIdleConns)), name, optFns...)
}

// New returns the repository of that name as api sees it. For more than ten
// calls at once, give the client of api an HTTP client that keeps as many idle
// connections; [Open] does. An api or an option function that is nil and an
// empty name are the error of the first call.
func New(api API, name string, optFns ...func(*Options)) *Repository {
	r := &Repository{api: api, name: name, limiter: new(limiter), reached: new(atomic.Bool)}
	client, ok := api.(*awscodecommit.Client)
	switch {
	case api == nil || ok && client == nil:
		r.invalid = errors.New("the API given to New is nil")
	case name == "":
		r.invalid = errors.New("the name of the repository is empty")
	}
	return r.With(optFns...)
}

// With returns a Repository with changed options that shares r's client and
// r's knowledge of the service's limits.
func (r *Repository) With(optFns ...func(*Options)) *Repository {
	c := *r
	if c.options.Logger == nil {
		c.options.Logger = slog.New(slog.DiscardHandler)
	}
	for _, fn := range optFns {
		if fn == nil {
			c.invalid = cmp.Or(c.invalid, errors.New("an option function is nil"))
			continue
		}
		fn(&c.options)
	}
	if c.options.Logger == nil {
		c.options.Logger = slog.New(slog.DiscardHandler)
	}
	return &c
}

// maxElapsed returns Options.MaxElapsed or its default.
func (r *Repository) maxElapsed() time.Duration {
	return cmp.Or(r.options.MaxElapsed, defaultMaxElapsed)
}

// Name returns the name of the repository.
func (r *Repository) Name() string { return r.name }
