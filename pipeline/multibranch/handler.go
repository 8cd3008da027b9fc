package multibranch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/codecommit/trigger"
	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/internal/gitobj"
	"github.com/codesuite-go/codesuite/internal/sdkhttp"
	"github.com/codesuite-go/codesuite/pipeline"
)

// CodeCommitAPI is what a [Handler] calls of the AWS SDK's CodeCommit client.
// Embed the interface in a fake, as it may grow.
type CodeCommitAPI interface {
	codecommit.API
	trigger.API
}

// CodePipelineAPI is what a [Handler] calls of the AWS SDK's CodePipeline
// client. Embed the interface in a fake, as it may grow.
type CodePipelineAPI interface {
	pipeline.API
	CreatePipeline(context.Context, *awscodepipeline.CreatePipelineInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.CreatePipelineOutput, error)
	DeletePipeline(context.Context, *awscodepipeline.DeletePipelineInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.DeletePipelineOutput, error)
	GetPipeline(context.Context, *awscodepipeline.GetPipelineInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.GetPipelineOutput, error)
	ListTagsForResource(context.Context, *awscodepipeline.ListTagsForResourceInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.ListTagsForResourceOutput, error)
	TagResource(context.Context, *awscodepipeline.TagResourceInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.TagResourceOutput, error)
	UpdatePipeline(context.Context, *awscodepipeline.UpdatePipelineInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.UpdatePipelineOutput, error)
}

// Clients are the clients that a [Handler] calls.
type Clients struct {
	CodeCommit   CodeCommitAPI
	CodePipeline CodePipelineAPI
	S3           S3API // of ModelS3 alone
}

// Handler runs pipelines for the branches of repositories. It is safe for
// concurrent use.
type Handler struct {
	clients    Clients
	options    Options
	invalid    error // of the options
	branches   globs // empty for all
	protected  globs
	pipelines  *pipeline.Client
	structures structures
	model      model
}

// model is one of the models.
type model interface {
	// start starts the execution of a push, unless the push turns out to be
	// overtaken: then it returns no execution.
	start(ctx context.Context, p push) (execution, error)
	// remove removes what start made for the branch, and stops its executions.
	remove(ctx context.Context, b branch) error
	// check adds the findings of Doctor.
	check(ctx context.Context, d *diagnosis) error
}

// branch is a branch of a repository, and what its pushes start.
type branch struct {
	target
	repository *codecommit.Repository
	name       string
}

// push is a new commit of a branch.
type push struct {
	branch
	commit *codecommit.Commit
	pushed time.Time // in whole seconds; zero if the event does not tell
}

// ErrForeign is the error of an event of another account or Region than those of
// [Options].
var ErrForeign = errors.New("event of another account or Region")

// maxAhead is how far the time of an event may be ahead of this machine's.
const maxAhead = 5 * time.Minute

// sameTime is how far the times of one push may be apart in the events of
// EventBridge and of triggers.
const sameTime = 5 * time.Second

// same reports whether the push is the recorded one: it came before, perhaps
// over the other channel.
func (p push) same(commit string, pushed time.Time) bool {
	return p.commit.ID == commit && (p.pushed.IsZero() || p.pushed.Sub(pushed).Abs() <= sameTime)
}

// execution is a started execution.
type execution struct{ pipeline, id string }

// Open returns a handler for the account and Region of cfg. It calls nothing.
// The default of [Options].Region is the Region of cfg.
func Open(cfg aws.Config, optFns ...func(*Options)) *Handler {
	region := func(o *Options) { o.Region = cfg.Region }
	return New(Clients{
		CodeCommit:   awscodecommit.NewFromConfig(sdkhttp.KeepIdle(cfg, 64)),
		CodePipeline: awscodepipeline.NewFromConfig(cfg),
		S3:           awss3.NewFromConfig(cfg),
	}, append([]func(*Options){region}, optFns...)...)
}

// New returns a handler that calls the clients. Options that make no sense are
// the error of the first call.
func New(clients Clients, optFns ...func(*Options)) *Handler {
	h := &Handler{clients: clients}
	for _, fn := range optFns {
		fn(&h.options)
	}
	if err := h.prepare(); err != nil {
		h.invalid = fmt.Errorf("multibranch: %w", err)
		return h
	}
	h.pipelines = pipeline.New(clients.CodePipeline, func(o *pipeline.Options) { o.Logger = h.options.Logger })
	switch h.options.Model {
	case ModelS3:
		h.model = &s3Model{h}
	case ModelPerBranch:
		h.model = &perBranchModel{h}
	default:
		h.model = &commitModel{h}
	}
	return h
}

func (h *Handler) prepare() (err error) {
	if h.clients.CodeCommit == nil || h.clients.CodePipeline == nil {
		return errors.New("New was given no client of CodeCommit or of CodePipeline")
	}
	if err = h.options.settle(); err != nil {
		return err
	}
	if h.options.Model == ModelS3 && h.clients.S3 == nil {
		return errors.New("New was given no client of S3")
	}
	if h.branches, err = compileGlobs(h.options.Branches); err != nil {
		return err
	}
	h.protected, err = compileGlobs(h.options.Protected)
	return err
}

// Register registers the handler for the events of branches.
func (h *Handler) Register(mux *events.Mux) error {
	if h.invalid != nil {
		return h.invalid
	}
	return events.On(mux, h.Handle)
}

// Handle handles an event of a repository: an EventBridge event or the record of
// a trigger. Tags, tests of triggers and branches that no glob matches are no
// error. A change of another account or Region is an [ErrForeign], and one of a
// repository that does not exist is an error; neither removes anything. All branches of the event are handled; the error joins theirs, and the
// event should then be delivered again.
func (h *Handler) Handle(ctx context.Context, event events.RefEvent) error {
	if h.invalid != nil {
		return h.invalid
	}
	t, err := h.targetOf(event)
	if err != nil {
		return err
	}
	var failures []error
	for change := range event.RefChanges() {
		if change.Kind != events.RefBranch || len(h.branches) > 0 && !h.branches.match(change.Name) {
			continue
		}
		if o := h.options; o.Account != "" && o.Account != change.Account || o.Region != "" && o.Region != change.Region {
			failures = append(failures, fmt.Errorf("multibranch: branch %q of %.100q: %w: it is of account %.20q in Region %.40q, the handler is for account %q in Region %q: narrow the rule",
				change.Name, change.Repository, ErrForeign, change.Account, change.Region, o.Account, o.Region))
			continue
		}
		b := branch{
			target:     t,
			repository: codecommit.New(h.clients.CodeCommit, change.Repository, func(o *codecommit.Options) { o.Logger = h.options.Logger }),
			name:       change.Name,
		}
		if err := h.change(ctx, b, change); err != nil {
			failures = append(failures, fmt.Errorf("multibranch: branch %q of %s: %w", change.Name, change.Repository, err))
		}
	}
	return errors.Join(failures...)
}

func (h *Handler) change(ctx context.Context, b branch, change events.RefChange) error {
	head, err := h.head(ctx, b)
	if err != nil {
		return err
	}
	created := change.Action == events.RefCreated
	switch {
	case head == nil: // an earlier delivery of another event may have left something
		return h.remove(ctx, b)
	case change.Action == events.RefDeleted:
		h.note(ctx, b, "the branch exists again")
		return nil
	}
	unreported := false // pushes so far
	if created && h.options.Triggers != TriggersNone {
		if unreported, err = h.ensure(ctx, b.repository, h.wantedTrigger(b)); err != nil {
			return err
		}
	}
	if unreported {
		if head, err = h.head(ctx, b); err != nil {
			return err
		}
		if head == nil {
			return h.remove(ctx, b)
		}
	}
	switch {
	case head.ID == change.NewCommit:
	case h.options.EveryPush:
		if !gitobj.IsID(change.NewCommit) {
			return fmt.Errorf("the event's commit %.200q is no full commit ID of 40 hexadecimal digits", change.NewCommit)
		}
		if head, err = b.repository.Resolve(ctx, change.NewCommit); err != nil {
			return err
		}
	case unreported && h.options.Triggers == TriggersPerBranch:
		h.note(ctx, b, "starting the newer commit, which was pushed before the branch had its trigger", slog.String("head", head.ID))
	default:
		h.note(ctx, b, "a newer push has its own event", slog.String("commit", change.NewCommit), slog.String("head", head.ID))
		return nil
	}
	p := push{branch: b, commit: head}
	if pushed, err := change.Time.Time(); err == nil {
		if latest := time.Now().Add(maxAhead); pushed.After(latest) {
			pushed = latest
		}
		p.pushed = pushed.UTC().Truncate(time.Second)
	}
	return h.push(ctx, p)
}

// push starts the execution of a push. The branch may move or go meanwhile.
func (h *Handler) push(ctx context.Context, p push) error {
	e, err := h.model.start(ctx, p)
	if err != nil {
		return err
	}
	if e.id == "" {
		h.note(ctx, p.branch, "a newer push was there before", slog.String("commit", p.commit.ID))
		return nil
	}
	h.options.Logger.InfoContext(ctx, "multibranch: started", "repository", p.repository.Name(), "branch", p.name,
		"commit", p.commit.ID, "pipeline", e.pipeline, "execution", e.id)
	head, err := h.head(ctx, p.branch)
	switch {
	case err != nil:
		return err
	case head == nil:
		return h.remove(ctx, p.branch)
	case head.ID == p.commit.ID || h.options.EveryPush:
		return nil
	}
	// The newer push may have started its execution before this one.
	h.note(ctx, p.branch, "stopping the execution that a newer push overtook", slog.String("execution", e.id))
	return h.stop(ctx, e, "A newer commit of the branch was pushed")
}

// overtaken reports whether a push that is older than the record, by the times of
// their events, starts nothing. The head of the branch does, unless the record is
// of the same commit.
func (h *Handler) overtaken(ctx context.Context, p push, recorded string) (bool, error) {
	if recorded == p.commit.ID {
		return true, nil
	}
	head, err := h.head(ctx, p.branch)
	return err == nil && (head == nil || head.ID != p.commit.ID), err
}

// head returns the commit of the branch, nil if there is no such branch. A
// repository that does not exist is an error.
func (h *Handler) head(ctx context.Context, b branch) (*codecommit.Commit, error) {
	commit, err := b.repository.Resolve(ctx, "refs/heads/"+b.name)
	switch apierror.Code(err) {
	case "BranchDoesNotExistException", "InvalidBranchNameException":
		return nil, nil
	}
	return commit, err
}

// remove removes what was made for a deleted branch.
func (h *Handler) remove(ctx context.Context, b branch) error {
	if h.protected.match(b.name) {
		h.note(ctx, b, "a protected branch keeps what was made for it")
		return nil
	}
	switch name, err := b.repository.DefaultBranch(ctx); {
	case err == nil && name == b.name:
		h.note(ctx, b, "the default branch keeps what was made for it")
		return nil
	case apierror.Code(err) != "" || err != nil && !errors.Is(err, fs.ErrNotExist): // an empty repository has no code
		return err
	}
	if err := errors.Join(h.removeTrigger(ctx, b), h.model.remove(ctx, b)); err != nil {
		return err
	}
	h.options.Logger.InfoContext(ctx, "multibranch: removed", "repository", b.repository.Name(), "branch", b.name)
	return nil
}

func (h *Handler) note(ctx context.Context, b branch, reason string, attrs ...slog.Attr) {
	h.options.Logger.LogAttrs(ctx, slog.LevelInfo, "multibranch: "+reason,
		append([]slog.Attr{slog.String("repository", b.repository.Name()), slog.String("branch", b.name)}, attrs...)...)
}
