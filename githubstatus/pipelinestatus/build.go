package pipelinestatus

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodebuild "github.com/aws/aws-sdk-go-v2/service/codebuild"
	"github.com/aws/aws-sdk-go-v2/service/codebuild/types"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/githubstatus"
	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/internal/console"
	"github.com/codesuite-go/codesuite/pipeline"
)

// BuildsAPI is the part of the AWS SDK's CodeBuild client that a [Reporter] calls.
// [*awscodebuild.Client] implements it. A fake should embed the interface, so that
// it still compiles when the interface grows.
type BuildsAPI interface {
	BatchGetBuilds(context.Context, *awscodebuild.BatchGetBuildsInput, ...func(*awscodebuild.Options)) (*awscodebuild.BatchGetBuildsOutput, error)
	ListBuildsForProject(context.Context, *awscodebuild.ListBuildsForProjectInput, ...func(*awscodebuild.Options)) (*awscodebuild.ListBuildsForProjectOutput, error)
}

var _ BuildsAPI = (*awscodebuild.Client)(nil)

const (
	// maxBuilds is how many builds BatchGetBuilds returns at once.
	maxBuilds = 100
	// sourcePhase is the phase of a build after which its commit is known.
	sourcePhase = "DOWNLOAD_SOURCE"
)

// buildKey names a build of any account and Region.
type buildKey struct{ account, region, project, id string }

func (k buildKey) String() string { return "build " + k.id }

func (k buildKey) attrs() []any { return []any{"project", k.project, "build", k.id} }

// ReportBuild reports the state of a build of CodeBuild whose source is a
// repository on GitHub, in the context codebuild/PROJECT. It needs
// [Options].Builds and does nothing otherwise. The newest build of a project on a
// commit counts.
//
// Builds of a pipeline are left out, as the pipeline is reported, and so are the
// builds of a batch. A build is reported once its commit is known: at its start if
// it was started with a full commit ID, otherwise when it has fetched its source.
func (r *Reporter) ReportBuild(ctx context.Context, event *events.BuildStateChange) error {
	if event == nil {
		return errors.New("pipelinestatus: report build: event is nil")
	}
	return r.reportBuild(ctx, event.Header, event.BuildARN, event.BuildID(), event.Project, event.Build, event.Status)
}

// ReportBuildPhase reports a build that has fetched its source, as only then its
// commit may be known. Other phases do nothing. See [Reporter.ReportBuild].
func (r *Reporter) ReportBuildPhase(ctx context.Context, event *events.BuildPhaseChange) error {
	if event == nil {
		return errors.New("pipelinestatus: report build phase: event is nil")
	}
	if event.Phase != sourcePhase {
		return r.usable()
	}
	return r.reportBuild(ctx, event.Header, event.BuildARN, event.BuildID(), event.Project, event.Build, events.BuildInProgress)
}

func (r *Reporter) reportBuild(ctx context.Context, h events.Header, arn, id, project string, build events.Build, status events.BuildStatus) error {
	if err := r.usable(); err != nil {
		return err
	}
	key := buildKey{h.Account, h.Region, project, id}
	api, err := r.buildsOf(key)
	switch {
	case err != nil:
		return fmt.Errorf("pipelinestatus: report %v: %w", key, err)
	case api == nil:
		return nil
	case project == "" || !strings.HasPrefix(id, project+":"):
		return fmt.Errorf("pipelinestatus: report build: the event's build %.200q is not of its project %.200q: is it an event of CodeBuild?", arn, project)
	case strings.HasPrefix(build.Initiator, pipelineInitiator):
		r.options.Logger.InfoContext(ctx, "builds of pipelines are not reported", key.attrs()...)
		return nil
	}
	unlock, err := r.locks.Lock(ctx, "build "+key.account+"/"+key.region+"/"+key.project)
	if err != nil {
		return fmt.Errorf("pipelinestatus: report %v: %w", key, err)
	}
	defer unlock()
	err = r.update(ctx,
		func(ctx context.Context) ([]desiredStatus, []error) {
			d, err := r.desiredOfBuild(ctx, api, key, status)
			if err != nil {
				return nil, []error{err}
			}
			return d, nil
		},
		func(target) {}, key.attrs())
	if err != nil {
		r.options.Logger.LogAttrs(ctx, slog.LevelWarn, "not everything was reported",
			slog.String("project", key.project), slog.String("build", key.id), slog.Any("error", err))
		return fmt.Errorf("pipelinestatus: report %v: %w", key, err)
	}
	return nil
}

// pipelineInitiator is the start of the initiator of a pipeline's builds.
const pipelineInitiator = "codepipeline/"

// buildsOf returns the API of the build's account and Region, nil if builds are
// not reported.
func (r *Reporter) buildsOf(key buildKey) (BuildsAPI, error) {
	if len(r.options.OtherBuilds) == 0 && r.options.Builds == nil {
		return nil, nil
	}
	if other, ok := r.options.OtherBuilds[Origin{key.account, key.region}]; ok {
		return other, nil
	}
	if r.options.Builds != nil && r.home(key.account, key.region) {
		return r.options.Builds, nil
	}
	return nil, r.foreign(key.account, key.region)
}

// desiredOfBuild finds the status that the commit of a build should have.
func (r *Reporter) desiredOfBuild(ctx context.Context, api BuildsAPI, key buildKey, status events.BuildStatus) ([]desiredStatus, error) {
	build, later, err := r.builds(ctx, api, key)
	switch {
	case err != nil:
		return nil, err
	case build == nil:
		r.options.Logger.WarnContext(ctx, "build does not exist (any more)", key.attrs()...)
		return nil, nil
	case status.Terminal() && !statusOf(build).Terminal():
		return nil, errors.New("CodeBuild says that the build still runs, although it has ended by its event")
	case strings.HasPrefix(aws.ToString(build.Initiator), pipelineInitiator) || aws.ToString(build.BuildBatchArn) != "":
		r.options.Logger.InfoContext(ctx, "builds of pipelines and of batches are not reported", key.attrs()...)
		return nil, nil
	}
	t, err := r.targetOfBuild(ctx, key, build)
	if err != nil || t == nil {
		return nil, err
	}
	for _, other := range later {
		if sameCommit(&other, build) && number(&other) > number(build) && r.options.BuildStates[statusOf(&other)] != "" {
			build = &other
		}
	}
	is := r.options.BuildStates[statusOf(build)]
	if is == Skip || is == "" {
		return nil, nil
	}
	subject := Subject{Account: key.account, Region: key.region, Project: key.project, BuildID: aws.ToString(build.Id)}
	subject.on(*t)
	name := r.options.Context(subject)
	if name == "" {
		return nil, nil
	}
	return []desiredStatus{{
		key:    statusKey{t.key, strings.ToLower(name)},
		target: *t,
		status: githubstatus.Status{
			State:       is,
			TargetURL:   r.options.TargetURL(subject, nil),
			Description: r.options.Description(subject, describeBuild(build)),
			Context:     name,
			Details:     phases(build),
			ExternalID:  subject.BuildID,
			Started:     aws.ToTime(build.StartTime),
		},
	}}, nil
}

// builds returns the build, nil if it does not exist, and those of its project
// that started after it, at most 99.
func (r *Reporter) builds(ctx context.Context, api BuildsAPI, key buildKey) (build *types.Build, later []types.Build, err error) {
	list, err := api.ListBuildsForProject(ctx, &awscodebuild.ListBuildsForProjectInput{ProjectName: &key.project, SortOrder: types.SortOrderTypeDescending})
	var gone *types.ResourceNotFoundException
	switch {
	case errors.As(err, &gone):
		return nil, nil, nil
	case err != nil:
		return nil, nil, buildError("list builds of project "+key.project, err)
	}
	ids := []string{key.id}
	for _, id := range list.Ids {
		if id == key.id || len(ids) == maxBuilds {
			break
		}
		ids = append(ids, id)
	}
	out, err := api.BatchGetBuilds(ctx, &awscodebuild.BatchGetBuildsInput{Ids: ids})
	if err != nil {
		return nil, nil, buildError("get build "+key.id, err)
	}
	for _, b := range out.Builds {
		if aws.ToString(b.Id) == key.id {
			build = &b
			continue
		}
		later = append(later, b)
	}
	return build, later, nil
}

// buildError names the IAM action if that is missing.
func buildError(operation string, err error) error {
	if apierror.Denied(err) {
		return fmt.Errorf("%s: allow codebuild:BatchGetBuilds and codebuild:ListBuildsForProject: %w", operation, deniedError{err})
	}
	return fmt.Errorf("%s: %w", operation, err)
}

// deniedError is an error for a missing IAM permission.
type deniedError struct{ error }

func (e deniedError) Unwrap() error        { return e.error }
func (e deniedError) Is(target error) bool { return target == fs.ErrPermission }

// targetOfBuild returns the commit of the build, nil if it is not on GitHub, not
// known yet, or not to be reported.
func (r *Reporter) targetOfBuild(ctx context.Context, key buildKey, build *types.Build) (*target, error) {
	host, owner, repo, ok := repositoryOf(build)
	if !ok {
		r.options.Logger.InfoContext(ctx, "source of the build is not on GitHub", key.attrs()...)
		return nil, nil
	}
	sha := commitOf(build)
	if sha == "" {
		r.options.Logger.InfoContext(ctx, "commit of the build is not known yet", append(key.attrs(), "version", aws.ToString(build.SourceVersion))...)
		return nil, nil
	}
	from := source{host: host, commit: githubstatus.Commit{Owner: owner, Repo: repo, SHA: sha}}
	provider := events.ProviderGitHub
	if build.Source.Type == types.SourceTypeGithubEnterprise {
		provider = events.ProviderGitHubEnterpriseServer
	}
	if r.options.Include != nil && !r.options.Include(pipeline.Revision{Provider: provider, Host: host, Repository: owner + "/" + repo, ID: sha}) {
		return nil, nil
	}
	statuses, err := r.setter(host)
	if err != nil {
		return nil, fmt.Errorf("commit %v: %w", from.commit, err)
	}
	return &target{key: commitKeyOf(host, from.commit), source: from, statuses: statuses, fetched: true, confirmed: true}, nil
}

// repositoryOf returns the repository of a source such as
// "https://github.com/octo/web.git".
func repositoryOf(build *types.Build) (host, owner, repo string, ok bool) {
	if build.Source == nil || build.Source.Type != types.SourceTypeGithub && build.Source.Type != types.SourceTypeGithubEnterprise {
		return "", "", "", false
	}
	u, err := url.Parse(aws.ToString(build.Source.Location))
	if err != nil || u.Host == "" {
		return "", "", "", false
	}
	owner, repo, ok = strings.Cut(strings.Trim(u.Path, "/"), "/")
	repo = strings.TrimSuffix(repo, ".git")
	return u.Host, owner, repo, ok && owner != "" && repo != "" && !strings.Contains(repo, "/")
}

// commitOf returns the full ID of the build's commit, "" if it is not known.
func commitOf(build *types.Build) string {
	for _, id := range []*string{build.ResolvedSourceVersion, build.SourceVersion} {
		if fullID(aws.ToString(id)) {
			return *id
		}
	}
	return ""
}

func sameCommit(a, b *types.Build) bool {
	hostA, ownerA, repoA, _ := repositoryOf(a)
	hostB, ownerB, repoB, _ := repositoryOf(b)
	return strings.EqualFold(hostA+" "+ownerA+" "+repoA+" "+commitOf(a), hostB+" "+ownerB+" "+repoB+" "+commitOf(b)) && commitOf(a) != "" &&
		aws.ToString(a.BuildBatchArn) == "" && !strings.HasPrefix(aws.ToString(a.Initiator), pipelineInitiator)
}

func number(build *types.Build) int64 { return aws.ToInt64(build.BuildNumber) }

func statusOf(build *types.Build) events.BuildStatus { return events.BuildStatus(build.BuildStatus) }

// describeBuild describes a build in one line.
func describeBuild(build *types.Build) string {
	switch statusOf(build) {
	case events.BuildSucceeded:
		if d := buildTime(build); d > 0 {
			return "Succeeded in " + spell(d)
		}
		return "Succeeded"
	case events.BuildFailed:
		return describeFailedPhase(build, "Failed")
	case events.BuildFault:
		return describeFailedPhase(build, "Failed by a fault of CodeBuild")
	case events.BuildTimedOut:
		return "Timed out after " + spell(time.Duration(aws.ToInt32(build.TimeoutInMinutes))*time.Minute)
	case events.BuildStopped:
		return "Stopped"
	}
	if phase := aws.ToString(build.CurrentPhase); phase == "QUEUED" || phase == "SUBMITTED" {
		return "Queued"
	}
	return "Running"
}

func describeFailedPhase(build *types.Build, otherwise string) string {
	for _, p := range build.Phases {
		if p.PhaseStatus == "" || p.PhaseStatus == types.StatusTypeSucceeded || p.PhaseStatus == types.StatusTypeInProgress {
			continue
		}
		var reasons []string
		for _, c := range p.Contexts {
			reasons = append(reasons, aws.ToString(c.Message))
		}
		return with(string(p.PhaseType)+" failed", reasons...)
	}
	return otherwise
}

func buildTime(build *types.Build) time.Duration {
	if build.StartTime == nil || build.EndTime == nil {
		return 0
	}
	return build.EndTime.Sub(*build.StartTime).Round(time.Second)
}

// phases lists the phases of a build in Markdown.
func phases(build *types.Build) string {
	var b strings.Builder
	b.WriteString("| Phase | Status | Time |\n|---|---|---|\n")
	for _, p := range build.Phases[:min(len(build.Phases), maxRows)] {
		took := ""
		if p.DurationInSeconds != nil {
			took = spell(time.Duration(*p.DurationInSeconds) * time.Second)
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", cell(string(p.PhaseType)), cell(string(p.PhaseStatus)), took)
	}
	if n := number(build); n > 0 {
		b.WriteString("\nBuild " + strconv.FormatInt(n, 10) + " of " + cell(aws.ToString(build.ProjectName)) + "\n")
	}
	return b.String()
}

// buildURL is the page of a build in the console.
func buildURL(s Subject) string { return console.Build(s.Region, s.Account, s.Project, s.BuildID) }
