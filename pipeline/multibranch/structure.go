package multibranch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/pipeline"
)

// structure is the structure of a pipeline.
type structure struct {
	*types.PipelineDeclaration // not changed
	arn                        string
	read                       time.Time
}

// structures keeps structures for a while.
type structures struct {
	mu     sync.Mutex
	byName map[string]*structure
}

// maxStructures is how many are kept: custom data may name any number.
const maxStructures = 100

func (s *structures) get(name string, age time.Duration) *structure {
	s.mu.Lock()
	defer s.mu.Unlock()
	if kept := s.byName[name]; kept != nil && time.Since(kept.read) < age {
		return kept
	}
	return nil
}

func (s *structures) put(name string, st *structure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byName == nil || len(s.byName) >= maxStructures {
		s.byName = make(map[string]*structure)
	}
	s.byName[name] = st
}

func (s *structures) forget(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byName, name)
}

// failed returns the error of a call of CodePipeline.
func failed(operation, name string, err error) error {
	return &pipeline.Error{Operation: operation, Pipeline: name, Err: err}
}

// structure returns the structure of the pipeline, not older than age.
func (h *Handler) structure(ctx context.Context, name string, age time.Duration) (*structure, error) {
	if kept := h.structures.get(name, age); kept != nil {
		return kept, nil
	}
	out, err := h.clients.CodePipeline.GetPipeline(ctx, &awscodepipeline.GetPipelineInput{Name: &name})
	if err == nil && (out == nil || out.Pipeline == nil || out.Metadata == nil) {
		err = apierror.ErrNoReply
	}
	if err != nil {
		return nil, failed("GetPipeline", name, err)
	}
	st := &structure{out.Pipeline, aws.ToString(out.Metadata.PipelineArn), time.Now()}
	h.structures.put(name, st)
	return st, nil
}

// source returns the name of the source action with the provider whose
// configuration has the value under the key.
func (s *structure) source(provider, key, value string) (*types.ActionDeclaration, error) {
	var found *types.ActionDeclaration
	var others []string
	for i := range s.Stages {
		for j := range s.Stages[i].Actions {
			a := &s.Stages[i].Actions[j]
			if a.ActionTypeId == nil || a.ActionTypeId.Category != types.ActionCategorySource {
				continue
			}
			switch {
			case aws.ToString(a.ActionTypeId.Provider) != provider || a.Configuration[key] != value:
				others = append(others, fmt.Sprintf("%s (%s %s)", aws.ToString(a.Name), aws.ToString(a.ActionTypeId.Provider), a.Configuration[key]))
			case found != nil:
				return nil, fmt.Errorf("the pipeline %s has two %s source actions with %s %s, %s and %s: one must be left to tell which gets the commit",
					aws.ToString(s.Name), provider, key, value, aws.ToString(found.Name), aws.ToString(a.Name))
			default:
				found = a
			}
		}
	}
	if found == nil {
		return nil, fmt.Errorf("the pipeline %s has no %s source action with %s %s, only %s",
			aws.ToString(s.Name), provider, key, value, strings.Join(others, ", "))
	}
	return found, nil
}

// repositories returns the repositories of the CodeCommit source actions.
func (s *structure) repositories() (names []string) {
	for _, stage := range s.Stages {
		for _, a := range stage.Actions {
			if a.ActionTypeId != nil && a.ActionTypeId.Category == types.ActionCategorySource && aws.ToString(a.ActionTypeId.Provider) == "CodeCommit" {
				names = append(names, a.Configuration["RepositoryName"])
			}
		}
	}
	return names
}

func (s *structure) declares(variable string) bool {
	for _, v := range s.Variables {
		if aws.ToString(v.Name) == variable {
			return true
		}
	}
	return false
}

// variables returns the values of the variables that the pipeline declares.
func (h *Handler) variables(s *structure, p push) (list []pipeline.Variable) {
	for _, v := range []pipeline.Variable{
		{Name: h.options.BranchVariable, Value: p.name},
		{Name: h.options.CommitVariable, Value: p.commit.ID},
		{Name: h.options.RepositoryVariable, Value: p.repository.Name()},
	} {
		if s.declares(v.Name) {
			list = append(list, v)
		}
	}
	return list
}

// run starts the pipeline for the push. All starts of one push have one token.
func (h *Handler) run(ctx context.Context, s *structure, p push, revisions ...pipeline.SourceRevisionOverride) (execution, error) {
	name := aws.ToString(s.Name)
	id, err := h.pipelines.Start(ctx, name, func(o *pipeline.StartOptions) {
		o.Revisions = revisions
		o.Variables = h.variables(s, p)
		o.Token = token(name, p)
	})
	if err != nil {
		h.structures.forget(name) // it may have changed
		return execution{}, err
	}
	return execution{name, id}, nil
}

// token returns what tells the push from all others.
func token(pipelineName string, p push) string {
	second := ""
	if !p.pushed.IsZero() {
		second = strconv.FormatInt(p.pushed.Unix(), 10)
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{pipelineName, p.repository.Name(), p.name, p.commit.ID, second}, "\x00")))
	return hex.EncodeToString(sum[:])
}

// stop stops an execution, which may have ended.
func (h *Handler) stop(ctx context.Context, e execution, reason string) error {
	err := h.pipelines.Stop(ctx, e.pipeline, e.id, func(o *pipeline.StopOptions) { o.Abandon, o.Reason = true, reason })
	if errors.Is(err, pipeline.ErrNotStoppable) || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// maxListed is how many executions are looked at for those that run. At most 50
// run in a pipeline; those that wait long have many newer ones that ended.
const maxListed = 500

// running returns the executions of the pipeline that have not ended.
func (h *Handler) running(ctx context.Context, name string) (list []*pipeline.ExecutionSummary, err error) {
	listed := 0
	for e, err := range h.pipelines.Executions(ctx, name) {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		if e.Status == pipeline.StatusInProgress {
			list = append(list, e)
		}
		if listed++; listed == maxListed {
			break
		}
	}
	return list, nil
}

// stopBranch stops the running executions of a deleted branch in a pipeline that
// others share. They are found by their variables, or by their revisions of the
// source action. The branch's name alone identifies them only where all
// executions are of the branch's repository.
func (h *Handler) stopBranch(ctx context.Context, b branch, revisions map[string]bool, onlyRepository bool) error {
	if h.options.KeepRunning {
		return nil
	}
	running, err := h.running(ctx, b.pipeline)
	if err != nil {
		return err
	}
	var failures []error
	for _, e := range running {
		out, err := h.clients.CodePipeline.GetPipelineExecution(ctx, &awscodepipeline.GetPipelineExecutionInput{
			PipelineName: &b.pipeline, PipelineExecutionId: &e.ID})
		if err == nil && (out == nil || out.PipelineExecution == nil) {
			err = apierror.ErrNoReply
		}
		if err != nil {
			failures = append(failures, failed("GetPipelineExecution", b.pipeline, err))
			continue
		}
		if h.ofBranch(out.PipelineExecution, b, revisions, onlyRepository) {
			failures = append(failures, h.stop(ctx, execution{b.pipeline, e.ID}, "The branch was deleted"))
		}
	}
	return errors.Join(failures...)
}

func (h *Handler) ofBranch(e *types.PipelineExecution, b branch, revisions map[string]bool, sameRepository bool) bool {
	for _, r := range e.ArtifactRevisions {
		if revisions[aws.ToString(r.RevisionId)] {
			return true
		}
	}
	sameBranch := false
	for _, v := range e.Variables {
		switch aws.ToString(v.Name) {
		case h.options.BranchVariable:
			sameBranch = aws.ToString(v.ResolvedValue) == b.name
		case h.options.RepositoryVariable:
			if aws.ToString(v.ResolvedValue) != b.repository.Name() {
				return false
			}
			sameRepository = true
		}
	}
	return sameBranch && sameRepository
}
