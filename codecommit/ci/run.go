package ci

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	awscodebuild "github.com/aws/aws-sdk-go-v2/service/codebuild"
	"github.com/aws/aws-sdk-go-v2/service/codebuild/types"

	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/internal/paging"
)

// run is a build, or a batch build, as CodeBuild has it.
type run struct {
	subject
	build Build
	state State
	batch string // the ARN of the batch build that the build is part of
	retry retry
}

func (r *run) running() bool { return r.state == StateInProgress }

// runner has the operations of CodeBuild for builds or for batch builds.
type runner interface {
	start(ctx context.Context, in *order) (run, error)
	// page returns a page of the IDs of the project's runs, the newest first.
	page(ctx context.Context, project string, token *string) (ids []string, next *string, err error)
	// get returns those of up to 100 runs that exist.
	get(ctx context.Context, ids []string) ([]run, error)
	stop(ctx context.Context, id string) error
}

func (h *Handler) runner(f *flow) runner {
	if f.Batch {
		return batches{h.clients.CodeBuild}
	}
	return builds{h.clients.CodeBuild}
}

// maxIDs is how many runs get takes.
const maxIDs = 100

// getAll returns those of the runs that exist, the newest first.
func getAll(ctx context.Context, r runner, ids []string) ([]run, error) {
	var all []run
	for part := range slices.Chunk(ids, maxIDs) {
		runs, err := r.get(ctx, part)
		if err != nil {
			return nil, err
		}
		all = append(all, runs...)
	}
	slices.SortFunc(all, func(a, b run) int { return cmp.Compare(b.build.Number, a.build.Number) })
	return all, nil
}

// recent yields the runs of the flow's project that started at the time or later,
// the newest first.
func (h *Handler) recent(ctx context.Context, f *flow, since time.Time) iter.Seq2[run, error] {
	return func(yield func(run, error) bool) {
		r := h.runner(f)
		var (
			tokens paging.Tokens
			token  *string
		)
		for {
			ids, next, err := r.page(ctx, f.Project, token)
			var runs []run
			if err == nil {
				runs, err = getAll(ctx, r, ids)
			}
			if err == nil {
				token, err = tokens.Next(next, len(ids))
			}
			if err != nil {
				yield(run{}, err)
				return
			}
			for _, found := range runs {
				if !found.build.Start.IsZero() && found.build.Start.Before(since) {
					return
				}
				if !yield(found, nil) {
					return
				}
			}
			if token == nil {
				return
			}
		}
	}
}

// newest returns the run with the ID, and the newest run of its flow and revision.
// The run is nil if CodeBuild does not know it.
func (h *Handler) newest(ctx context.Context, f *flow, id string) (own, newest *run, err error) {
	r := h.runner(f)
	var (
		tokens paging.Tokens
		token  *string
	)
	for {
		ids, next, err := r.page(ctx, f.Project, token)
		if err != nil {
			return nil, nil, err
		}
		listed := slices.Index(ids, id)
		if listed >= 0 {
			ids = ids[:listed+1]
		}
		entries := len(ids)
		if listed < 0 && own == nil {
			ids = append(slices.Clip(ids), id)
		}
		runs, err := getAll(ctx, r, ids)
		if err != nil {
			return nil, nil, err
		}
		if own == nil {
			i := slices.IndexFunc(runs, func(found run) bool { return found.build.ID == id })
			if i < 0 {
				return nil, nil, nil
			}
			own = &runs[i]
			newest = own
		}
		passed := listed >= 0
		for i := range runs {
			if runs[i].sameRevision(&own.subject) && runs[i].build.Number > newest.build.Number {
				newest = &runs[i]
			}
			passed = passed || runs[i].build.Number < own.build.Number
		}
		if token, err = tokens.Next(next, entries); err != nil || token == nil || passed {
			return own, newest, err
		}
	}
}

// stop stops the run. One that has ended meanwhile is no error.
func (h *Handler) stop(ctx context.Context, f *flow, r *run, reason string) error {
	err := h.runner(f).stop(ctx, r.build.ID)
	switch apierror.Code(err) {
	case "InvalidInputException", "ResourceNotFoundException":
		h.options.Logger.DebugContext(ctx, "ci: build had ended before it was stopped", "flow", f.Name, "build", r.build.ID)
		return nil
	}
	if err == nil {
		h.options.Logger.InfoContext(ctx, "ci: stopped: "+reason, "flow", f.Name, "repository", r.repository, "build", r.build.ID)
	}
	return err
}

// callError is a failed call of CodeBuild.
func callError(operation, object string, err error) error {
	if err == nil {
		return nil
	}
	return &Error{Service: "codebuild", Operation: operation, Object: object, Err: err}
}

// builds are the operations for builds.
type builds struct{ api CodeBuildAPI }

func (b builds) page(ctx context.Context, project string, token *string) ([]string, *string, error) {
	out, err := b.api.ListBuildsForProject(ctx, &awscodebuild.ListBuildsForProjectInput{
		ProjectName: &project, NextToken: token, SortOrder: types.SortOrderTypeDescending,
	})
	if err == nil && out == nil {
		err = apierror.ErrNoReply
	}
	if err != nil {
		return nil, nil, callError("ListBuildsForProject", project, err)
	}
	return out.Ids, out.NextToken, nil
}

func (b builds) get(ctx context.Context, ids []string) ([]run, error) {
	out, err := b.api.BatchGetBuilds(ctx, &awscodebuild.BatchGetBuildsInput{Ids: ids})
	if err == nil && out == nil {
		err = apierror.ErrNoReply
	}
	if err != nil {
		return nil, callError("BatchGetBuilds", some(ids), err)
	}
	runs := make([]run, 0, len(out.Builds))
	for i := range out.Builds {
		runs = append(runs, buildRun(&out.Builds[i]))
	}
	return runs, nil
}

func (b builds) start(ctx context.Context, in *order) (run, error) {
	out, err := b.api.StartBuild(ctx, &awscodebuild.StartBuildInput{
		ProjectName:                  &in.project,
		SourceVersion:                in.version(),
		SourceTypeOverride:           in.sourceType(),
		SourceLocationOverride:       in.location(),
		BuildspecOverride:            in.spec(),
		EnvironmentVariablesOverride: in.environment(),
		IdempotencyToken:             &in.subject.id,
	})
	if err == nil && (out == nil || out.Build == nil) {
		err = apierror.ErrNoReply
	}
	if err != nil {
		return run{}, callError("StartBuild", in.project, err)
	}
	return buildRun(out.Build), nil
}

func (b builds) stop(ctx context.Context, id string) error {
	_, err := b.api.StopBuild(ctx, &awscodebuild.StopBuildInput{Id: &id})
	return callError("StopBuild", id, err)
}

// batches are the operations for batch builds.
type batches struct{ api CodeBuildAPI }

func (b batches) page(ctx context.Context, project string, token *string) ([]string, *string, error) {
	out, err := b.api.ListBuildBatchesForProject(ctx, &awscodebuild.ListBuildBatchesForProjectInput{
		ProjectName: &project, NextToken: token, SortOrder: types.SortOrderTypeDescending,
	})
	if err == nil && out == nil {
		err = apierror.ErrNoReply
	}
	if err != nil {
		return nil, nil, callError("ListBuildBatchesForProject", project, err)
	}
	return out.Ids, out.NextToken, nil
}

func (b batches) get(ctx context.Context, ids []string) ([]run, error) {
	out, err := b.api.BatchGetBuildBatches(ctx, &awscodebuild.BatchGetBuildBatchesInput{Ids: ids})
	if err == nil && out == nil {
		err = apierror.ErrNoReply
	}
	if err != nil {
		return nil, callError("BatchGetBuildBatches", some(ids), err)
	}
	runs := make([]run, 0, len(out.BuildBatches))
	for i := range out.BuildBatches {
		runs = append(runs, batchRun(&out.BuildBatches[i]))
	}
	return runs, nil
}

func (b batches) start(ctx context.Context, in *order) (run, error) {
	out, err := b.api.StartBuildBatch(ctx, &awscodebuild.StartBuildBatchInput{
		ProjectName:                  &in.project,
		SourceVersion:                in.version(),
		SourceTypeOverride:           in.sourceType(),
		SourceLocationOverride:       in.location(),
		BuildspecOverride:            in.spec(),
		EnvironmentVariablesOverride: in.environment(),
		IdempotencyToken:             &in.subject.id,
	})
	if err == nil && (out == nil || out.BuildBatch == nil) {
		err = apierror.ErrNoReply
	}
	if err != nil {
		return run{}, callError("StartBuildBatch", in.project, err)
	}
	return batchRun(out.BuildBatch), nil
}

func (b batches) stop(ctx context.Context, id string) error {
	_, err := b.api.StopBuildBatch(ctx, &awscodebuild.StopBuildBatchInput{Id: &id})
	return callError("StopBuildBatch", id, err)
}

// some names the runs that a call is about.
func some(ids []string) string {
	if len(ids) == 1 {
		return ids[0]
	}
	return fmt.Sprintf("%d builds", len(ids))
}
