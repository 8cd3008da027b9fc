package action

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/codesuite-go/codesuite/internal/artifact"
)

// JobOptions configure a [Job].
type JobOptions struct {
	// Refresh asks CodePipeline for the job again, by GetJobDetails or
	// GetThirdPartyJobDetails. It is called when the credentials are about to
	// expire or have expired, and for the pipeline context of a job whose
	// details have none. It may be called while the job's other methods run, but not
	// twice at once. Without it, credentials are used until they expire.
	Refresh func(ctx context.Context) (*Details, error)

	// S3 returns the client for artifacts with the job's credentials. It is
	// called once, with the first artifact. [S3] makes one from a
	// configuration. Without it, artifacts can be neither read nor put.
	S3 func(aws.CredentialsProvider) S3API

	// Limits bound the artifacts.
	Limits Limits

	// TempDir is where input artifacts are kept while the job runs. The
	// default is that of [os.TempDir].
	TempDir string

	// Logger logs the refreshes of credentials, artifacts, and panics of the handler.
	// The default is silent.
	Logger *slog.Logger

	// Now is the clock for the expiration of credentials. The default is [time.Now].
	Now func() time.Time
}

// Limits bound an artifact, so that none fills the disk or the memory. 0 is the
// default, and a negative number is no limit. [Job.PutOutput] keeps to them as
// [Job.Input] does, so that the one takes no content that the other refuses.
type Limits struct {
	Download int64 // bytes of the artifact; the default is 8 GiB
	Unpacked int64 // bytes of all files and of the targets of links; the default is 32 GiB
	File     int64 // bytes of one file; the default is 8 GiB
	Entries  int   // files, folders and links; the default is 500,000
	Depth    int   // folders within each other; the default is 255
	Names    int64 // bytes of all names, each with its folders, and of the targets of links; the default is 48 MiB
	// Ratio is the number of unpacked bytes for one byte of the artifact. It counts
	// once more than 64 MiB are unpacked. The default is 1,100, which deflate does not
	// reach.
	Ratio int

	// InsideLinks refuses an artifact with a link that leads out of it, as an
	// absolute one does, or may lead out on another system. Set it if the
	// artifact is unpacked into a folder where others follow its links. By
	// default such a link is kept; opening a file through it fails.
	InsideLinks bool
}

// Job is one job of an action, as a [Handler] gets it. It is safe for
// concurrent use.
//
// It refreshes its credentials with [JobOptions.Refresh] a minute before they
// expire, 14 minutes after they came if CodePipeline did not say when they expire,
// and when S3 says that they have.
type Job struct {
	details     func() *Details // fmt shows the address of a function, and not the secrets behind it
	options     JobOptions
	credentials *provider
	s3          func() (S3API, error)
	inputs      []input // as in details

	mu     sync.Mutex
	puts   map[string]bool // by output artifact: true once it was put, false while it is put
	files  []*os.File
	closed bool
}

// NewJob returns the job with these details. It calls nothing.
func NewJob(details Details, optFns ...func(*JobOptions)) *Job {
	details = details.clone()
	j := &Job{details: func() *Details { return &details }, puts: make(map[string]bool), inputs: make([]input, len(details.Inputs))}
	for i, a := range j.details().Inputs {
		j.inputs[i].artifact, j.inputs[i].lock = a, make(chan struct{}, 1)
	}
	for _, fn := range optFns {
		fn(&j.options)
	}
	if j.options.Logger == nil {
		j.options.Logger = slog.New(slog.DiscardHandler)
	}
	if j.options.Now == nil {
		j.options.Now = time.Now
	}
	j.credentials = newProvider(j.details().Credentials, &j.options)
	j.s3 = sync.OnceValues(func() (S3API, error) {
		if j.options.S3 == nil {
			return nil, errNoS3
		}
		return j.options.S3(j.credentials), nil
	})
	return j
}

var errNoS3 = errors.New("no client of S3 is configured: set JobOptions.S3")

// String names the job, as [Details.String] does.
func (j *Job) String() string { return j.details().String() }

// GoString is the same as String.
func (j *Job) GoString() string { return j.String() }

// Format writes the same as String, whatever the verb.
func (j *Job) Format(f fmt.State, verb rune) { j.details().Format(f, verb) }

// MarshalJSON gives a string, the same as String.
func (j *Job) MarshalJSON() ([]byte, error) { return j.details().MarshalJSON() }

// LogValue names the job, as [Details.LogValue] does.
func (j *Job) LogValue() slog.Value { return j.details().LogValue() }

// ID returns the ID of the job. After a continuation token the next job of the
// action has another ID.
func (j *Job) ID() string { return j.details().ID }

// Details returns the details that the job was made with. [Job.Credentials] has
// its current credentials.
func (j *Job) Details() Details { return j.details().clone() }

// PipelineContext returns the place of the job in its pipeline. If the details
// of the job have none, the first call asks CodePipeline, by
// [JobOptions.Refresh].
func (j *Job) PipelineContext(ctx context.Context) (PipelineContext, error) {
	if j.details().Pipeline != "" {
		return j.details().pipelineContext(), nil
	}
	if j.options.Refresh == nil {
		return PipelineContext{}, errors.New("action: pipeline context: the job's details have none, and there is no way to ask for it")
	}
	learnt, err := j.credentials.details(ctx)
	if err != nil {
		return PipelineContext{}, fmt.Errorf("action: pipeline context: %w", err)
	}
	return learnt.pipelineContext(), nil
}

// Configuration returns the action's configuration, with the values of secret
// properties in plain text.
func (j *Job) Configuration() map[string]string { return maps.Clone(j.details().Configuration) }

// Inputs returns the input artifacts.
func (j *Job) Inputs() []Artifact { return slices.Clone(j.details().Inputs) }

// Outputs returns the output artifacts that the action has to put.
func (j *Job) Outputs() []Artifact { return slices.Clone(j.details().Outputs) }

// Credentials returns the credentials of the job, which open its artifacts and
// nothing else. They are refreshed when they are about to expire.
func (j *Job) Credentials() aws.CredentialsProvider { return j.credentials }

// Close removes the temporary files. The results of [Job.Input] and
// [Job.OpenInput] cannot be read any more.
func (j *Job) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.closed = true
	var errs []error
	for _, file := range j.files {
		if err := artifact.Unspool(file); err != nil {
			errs = append(errs, fmt.Errorf("action: close job %s: %w", j.details().ID, err))
		}
	}
	j.files = nil
	return errors.Join(errs...)
}

var errClosed = fmt.Errorf("the job is closed: %w", fs.ErrClosed)

func (j *Job) isClosed() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.closed
}

// keep leaves the file to Close.
func (j *Job) keep(file *os.File) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		artifact.Unspool(file)
		return errClosed
	}
	j.files = append(j.files, file)
	return nil
}

// startPut reports whether the output artifact may be put now.
func (j *Job) startPut(name string) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if _, ok := j.puts[name]; ok {
		return false
	}
	j.puts[name] = false
	return true
}

func (j *Job) endPut(name string, done bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if done {
		j.puts[name] = true
	} else {
		delete(j.puts, name)
	}
}

// notPut returns the names of the output artifacts that were not put.
func (j *Job) notPut() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	var names []string
	for _, a := range j.details().Outputs {
		if !j.puts[a.Name] {
			names = append(names, a.Name)
		}
	}
	return names
}

// listArtifacts says what artifacts there are.
func listArtifacts(which string, artifacts []Artifact) string {
	if len(artifacts) == 0 {
		return "it has no " + which + " artifacts"
	}
	names := make([]string, len(artifacts))
	for i, a := range artifacts {
		names[i] = strconv.Quote(a.Name)
	}
	return "its " + which + " artifacts are " + strings.Join(names, ", ")
}
