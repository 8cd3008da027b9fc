package multibranch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/codecommit/archive"
	"github.com/codesuite-go/codesuite/codecommit/trigger"
)

// Model is how a pipeline gets the content of a branch.
type Model string

// The models.
const (
	// ModelCommit starts the pipeline with the pushed commit as the revision of its
	// CodeCommit source action.
	ModelCommit Model = "commit"
	// ModelS3 archives the commit to a versioned bucket, exactly as git archive does,
	// and starts the pipeline with that version of the object as the revision of its
	// S3 source action. It reads from CodeCommit only what changed since the branch's
	// last archive. The object keeps the time of the newest push and refuses older
	// ones.
	ModelS3 Model = "s3"
	// ModelPerBranch keeps a copy of a template pipeline for each branch and starts
	// that with the pushed commit. [PipelineName] has its name. Its tags are
	// codesuite:template, codesuite:repository, codesuite:branch (written as in the
	// names of triggers), codesuite:commit and codesuite:pushed: the newest push and
	// its time, which refuse older ones.
	ModelPerBranch Model = "per-branch"
)

// Triggers are the repository triggers that the handler keeps.
type Triggers string

// The kinds of triggers.
const (
	// TriggersNone keeps none: an EventBridge rule or triggers of somebody else
	// deliver the events.
	TriggersNone Triggers = "none"
	// TriggersPerBranch keeps a trigger of updates for each branch, made when
	// the branch is created and removed with it. At most 10 branches.
	TriggersPerBranch Triggers = "per-branch"
	// TriggersAll keeps one trigger of all changes of all branches.
	TriggersAll Triggers = "all"
)

// Options configure a [Handler]. The zero value lacks only the name of the
// pipeline.
type Options struct {
	// Model is the model. The default is [ModelCommit].
	Model Model
	// Pipeline is the name of the pipeline, of the template for
	// [ModelPerBranch]. With CustomData it may be empty.
	Pipeline string
	// Bucket is the versioned bucket of [ModelS3], which the pipeline's S3
	// source action names as well. With CustomData it may be empty.
	Bucket string
	// KeyPrefix begins the keys of objects. It has to end with a slash, unless
	// it is empty, the default.
	KeyPrefix string

	// Account and Region are those of the clients. An event of another account or
	// Region is an [ErrForeign]. An empty one is not compared.
	Account, Region string

	// Branches are globs of the branches that run: "*" stands for any
	// characters but "/", "**" for any characters, "?" for one that is not "/".
	// The default is all branches.
	Branches []string
	// Protected are globs of branches of which nothing is removed or stopped
	// when they are deleted. The repository's default branch is always one.
	Protected []string

	// Triggers are the repository triggers to keep. The default is
	// [TriggersNone].
	Triggers Triggers
	// UpdatesFunction is the ARN of the Lambda function, or the SNS topic, that
	// the triggers invoke. With CustomData it may be empty.
	UpdatesFunction string
	// TriggerPrefix begins the names of the triggers. The default is
	// "multibranch".
	TriggerPrefix string
	// Adopt replaces triggers that widely copied lifecycle functions left,
	// see [trigger.Known], and triggers of the handler's names that invoke another
	// destination. Without it the latter are an error.
	Adopt bool
	// Trigger changes the options of the triggers. It runs after Adopt has
	// been applied.
	Trigger func(*trigger.Options)

	// CustomData lets the custom data of a repository trigger replace Pipeline,
	// Bucket and UpdatesFunction for its events, if it is a JSON object with
	// some of "pipeline_name", "bucket" and "pipeline_exec_function". Whoever
	// may write triggers then chooses among the pipelines that the handler may
	// start.
	CustomData bool

	// EveryPush starts an execution for each push, also for one that a newer
	// push has overtaken. By default only the head of a branch starts. The handler does
	// not check that the commit of such a push was ever in the branch: deliver
	// events from EventBridge or CodeCommit alone.
	EveryPush bool
	// KeepRunning leaves the executions of a deleted branch running.
	KeepRunning bool

	// BranchVariable, CommitVariable and RepositoryVariable are the names of
	// the variables that executions get, where the pipeline declares them. The
	// defaults are BRANCH, COMMIT and REPOSITORY.
	BranchVariable, CommitVariable, RepositoryVariable string

	// CommitInfo adds a member commit_info.json to the archives of [ModelS3],
	// with the commit as GetCommit returns it and the members branchName and
	// RepositoryName in it.
	CommitInfo bool
	// Archive changes the options of the archives of [ModelS3]. It runs after
	// the handler has set Base and Extra.
	Archive func(*archive.Options)

	// CacheTime is how long the structure of a pipeline is kept. The default is a
	// minute; a negative value reads it for each push.
	CacheTime time.Duration

	// Rules returns the EventBridge rules that start the pipeline with the
	// ARN, for Doctor: ListRuleNamesByTarget of the EventBridge API. Without
	// it, Doctor does not look at rules.
	Rules func(ctx context.Context, pipelineARN string) ([]string, error)

	// Logger is told what was started, left out and removed. The default is
	// silent.
	Logger *slog.Logger
}

// settle fills in the defaults and returns what is wrong with the options.
func (o *Options) settle() error {
	o.Model = cmp.Or(o.Model, ModelCommit)
	o.Triggers = cmp.Or(o.Triggers, TriggersNone)
	o.TriggerPrefix = cmp.Or(o.TriggerPrefix, "multibranch")
	o.BranchVariable = cmp.Or(o.BranchVariable, "BRANCH")
	o.CommitVariable = cmp.Or(o.CommitVariable, "COMMIT")
	o.RepositoryVariable = cmp.Or(o.RepositoryVariable, "REPOSITORY")
	o.CacheTime = cmp.Or(o.CacheTime, time.Minute)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	switch o.Model {
	case ModelCommit, ModelS3, ModelPerBranch:
	default:
		return fmt.Errorf("unknown model %q: it is %q, %q or %q", o.Model, ModelCommit, ModelS3, ModelPerBranch)
	}
	switch o.Triggers {
	case TriggersNone, TriggersPerBranch, TriggersAll:
	default:
		return fmt.Errorf("unknown triggers %q: they are %q, %q or %q", o.Triggers, TriggersNone, TriggersPerBranch, TriggersAll)
	}
	if strings.HasPrefix(o.KeyPrefix, "/") || o.KeyPrefix != "" && !strings.HasSuffix(o.KeyPrefix, "/") {
		return fmt.Errorf("the key prefix %q has to end with a slash and not to begin with one", o.KeyPrefix)
	}
	return o.target().check(o, !o.CustomData || o.Pipeline != "")
}

// target is what the events of one source start.
type target struct {
	pipeline, bucket, function string
	custom                     bool // from custom data
}

func (o *Options) target() target {
	return target{pipeline: o.Pipeline, bucket: o.Bucket, function: o.UpdatesFunction}
}

var (
	pipelinePattern = regexp.MustCompile(`^[A-Za-z0-9.@_-]{1,100}$`)
	bucketPattern   = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
)

// check returns what is wrong with the target, or missing if it has to be whole.
func (t target) check(o *Options, whole bool) error {
	switch {
	case t.pipeline == "" && whole:
		return errors.New("the name of the pipeline is missing")
	case t.pipeline != "" && !pipelinePattern.MatchString(t.pipeline):
		return fmt.Errorf("%.200q is not the name of a pipeline", t.pipeline)
	case t.bucket == "" && whole && o.Model == ModelS3:
		return fmt.Errorf("the model %q needs the name of a bucket", ModelS3)
	case t.bucket != "" && !bucketPattern.MatchString(t.bucket):
		return fmt.Errorf("%.200q is not the name of a bucket", t.bucket)
	case t.function == "" && whole && o.Triggers != TriggersNone:
		return fmt.Errorf("the triggers %q need the ARN of a function to invoke", o.Triggers)
	}
	return nil
}
