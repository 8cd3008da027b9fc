//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/codesuite-go/codesuite/customaction"
	"github.com/codesuite-go/codesuite/pipeline/action"
)

// reportReserve is the time that a job takes to end after its command has.
const reportReserve = 10 * time.Second

// runner runs the command for jobs.
type runner struct {
	definition *definition
	aws        aws.Config
	folder     *folder
	commands   *processes
	output     *lineWriter
	logger     *slog.Logger

	mu    sync.Mutex
	ended map[string]*workspace // by the ID of a job whose handler has returned
}

// onEvent removes the folder of a job when its result is reported: a pipeline
// does not wait for that. The worker takes no other job in its place before the
// folder is gone.
func (r *runner) onEvent(e customaction.Event) {
	if e.Type != customaction.EventReported && e.Type != customaction.EventUnreported {
		return
	}
	r.mu.Lock()
	ws := r.ended[e.JobID]
	delete(r.ended, e.JobID)
	r.mu.Unlock()
	if ws == nil {
		return
	}
	if err := ws.remove(); err != nil {
		r.logger.Error("the folder of a job was not removed", "job", e.JobID, "error", err)
	}
}

// end keeps the folder of a job until its result is reported.
func (r *runner) end(id string, ws *workspace) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended == nil {
		r.ended = make(map[string]*workspace)
	}
	r.ended[id] = ws
}

// HandleJob runs the command for one job. The external execution ID of the
// action is the ID of the job, which is at the start of each line of its output
// in the log.
func (r *runner) HandleJob(ctx context.Context, job *action.Job) (*action.Result, error) {
	result, err := r.handle(ctx, job)
	if err != nil {
		failure := &action.Failure{ExternalExecutionID: job.ID(), Err: err}
		if cause := context.Cause(ctx); cause != nil && !errors.Is(err, cause) {
			failure.Err = fmt.Errorf("%w: %w", cause, err)
		}
		if inner := (*action.Failure)(nil); errors.As(failure.Err, &inner) {
			failure.Type = inner.Type
		}
		err = failure
	}
	return result, err
}

func (r *runner) handle(ctx context.Context, job *action.Job) (result *action.Result, err error) {
	ws, err := newWorkspace(r.folder, job.Details())
	if err != nil {
		return nil, err
	}
	defer r.end(job.ID(), ws)
	if err := ws.unpack(ctx, job, r.definition.InputFiles); err != nil {
		return nil, err
	}
	env, secrets, err := r.environment(ctx, job.Details(), ws)
	if err != nil {
		return nil, err
	}
	log := newOutputLog(r.output, job.ID(), secrets)
	err = r.commands.run(ctx, command{
		text: r.definition.Command, dir: ws.source, env: env, output: log, killDelay: r.definition.KillDelay.Duration,
	})
	log.flush()
	if err != nil {
		return nil, commandError(err, log.tail())
	}
	result, err = ws.result()
	if err != nil {
		return nil, err
	}
	result.ExternalExecutionID = job.ID()
	if result.ContinuationToken != "" {
		return result, nil // the job that ends the action puts its artifacts
	}
	for _, artifact := range job.Outputs() {
		if err := r.put(ctx, job, ws, artifact.Name); err != nil {
			return nil, err
		}
	}
	return result, nil
}

// commandError tells how the command ended, and the end of its output.
func commandError(err error, tail string) error {
	what := "the command was ended"
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		what = "the command failed"
	}
	if tail == "" {
		return fmt.Errorf("%s without output: %w", what, err)
	}
	return fmt.Errorf("%s: %w. The end of its output:\n%s", what, err, tail)
}

// workspace is the folder of a job.
type workspace struct {
	folder    *folder
	path      string
	source    string            // the working directory of the command
	primary   string            // the name of the input artifact in it, "" if there is none
	inputs    map[string]string // folders by artifact
	files     map[string]string // by artifact that is one file
	outputs   map[string]string // folders by artifact
	home, tmp string
	control   string // folder of the files with the result
}

// The files that the command may write.
const (
	variablesFile    = "variables"
	summaryFile      = "summary"
	continuationFile = "continuation"
)

// newWorkspace makes the folder of a job. If that fails it leaves nothing.
func newWorkspace(parent *folder, d action.Details) (*workspace, error) {
	primary, err := primaryInput(d)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(parent.path, jobPrefix+"*")
	if err != nil {
		return nil, err
	}
	ws := &workspace{
		folder: parent, path: dir, primary: primary, source: filepath.Join(dir, "source"),
		inputs: make(map[string]string), files: make(map[string]string), outputs: make(map[string]string),
		home: filepath.Join(dir, "home"), tmp: filepath.Join(dir, "tmp"), control: filepath.Join(dir, "result"),
	}
	folders := []string{ws.source, ws.home, ws.tmp, ws.control}
	for _, a := range d.Inputs {
		ws.inputs[a.Name] = filepath.Join(dir, "inputs", a.Name)
		if a.Name == primary {
			ws.inputs[a.Name] = ws.source
		}
		folders = append(folders, ws.inputs[a.Name])
	}
	for _, a := range d.Outputs {
		ws.outputs[a.Name] = filepath.Join(dir, "outputs", a.Name)
		folders = append(folders, ws.outputs[a.Name])
	}
	for _, folder := range folders {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return nil, errors.Join(err, ws.remove())
		}
	}
	return ws, nil
}

// keyPrimarySource names the property that tells which of several input
// artifacts is the primary one, as in the configuration of CodeBuild actions.
const keyPrimarySource = "PrimarySource"

// primaryInput returns the name of the input artifact that the command runs in.
func primaryInput(d action.Details) (string, error) {
	for _, artifacts := range [][]action.Artifact{d.Inputs, d.Outputs} {
		for _, a := range artifacts {
			if !artifactName.MatchString(a.Name) {
				return "", action.Failf(action.FailureTypeConfigurationError, "the artifact %q: its name is not made of letters, digits, '_' and '-'", a.Name)
			}
		}
	}
	if len(d.Inputs) == 0 {
		return "", nil
	}
	name := d.Configuration[keyPrimarySource]
	if name == "" {
		return d.Inputs[0].Name, nil
	}
	for _, a := range d.Inputs {
		if a.Name == name {
			return name, nil
		}
	}
	return "", action.Failf(action.FailureTypeConfigurationError, "%s is %q, but the action has no input artifact of that name", keyPrimarySource, name)
}

// unpack writes the input artifacts into their folders. An artifact that is no
// archive, or that has to stay one, is one file there.
func (ws *workspace) unpack(ctx context.Context, job *action.Job, asFiles []string) error {
	for _, a := range job.Inputs() {
		if slices.Contains(asFiles, a.Name) {
			if err := ws.unpackFile(ctx, job, a); err != nil {
				return err
			}
			continue
		}
		content, err := job.Input(ctx, a.Name)
		if errors.Is(err, action.ErrNotArchive) {
			if err := ws.unpackFile(ctx, job, a); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		if err := unpack(ctx, ws.inputs[a.Name], content); err != nil {
			return fmt.Errorf("unpack input artifact %q: %w", a.Name, err)
		}
	}
	return nil
}

// unpackFile writes an input artifact as one file, named as the last part of the
// artifact's key in S3.
func (ws *workspace) unpackFile(ctx context.Context, job *action.Job, a action.Artifact) (err error) {
	in, err := job.OpenInput(ctx, a.Name)
	if err != nil {
		return err
	}
	defer in.Close()
	name := path.Base(a.Key)
	if !fs.ValidPath(name) || name == "." || strings.ContainsRune(name, 0) {
		name = a.Name
	}
	file := filepath.Join(ws.inputs[a.Name], name)
	out, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return fmt.Errorf("write input artifact %q: %w", a.Name, err)
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if _, err := io.Copy(out, &contextReader{ctx, in}); err != nil {
		return fmt.Errorf("write input artifact %q: %w", a.Name, err)
	}
	ws.files[a.Name] = file
	return nil
}

func (ws *workspace) remove() error { return removeAll(ws.folder.root, filepath.Base(ws.path)) }
