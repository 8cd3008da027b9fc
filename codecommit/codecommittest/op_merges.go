package codecommittest

import (
	"context"
	"slices"

	"github.com/codesuite-go/codesuite/internal/awsjson"
	"github.com/codesuite-go/codesuite/internal/gitobj"
)

// twoCommits are a source and a destination, as calls about merges name them.
type twoCommits struct {
	RepositoryName *string `json:"repositoryName"`
	Destination    *string `json:"destinationCommitSpecifier"`
	Source         *string `json:"sourceCommitSpecifier"`
	Level          *string `json:"conflictDetailLevel"`
	Strategy       *string `json:"conflictResolutionStrategy"`
	MergeOption    *string `json:"mergeOption"` // of GetMergeConflicts, as the next
	MaxFiles       *int32  `json:"maxConflictFiles"`
	NextToken      *string `json:"nextToken"`
}

func (s *Server) commitsOf(ctx context.Context, in *twoCommits) (r *repository, source, destination string, rules mergeRules, err error) {
	if r, err = s.repository(in.RepositoryName); err != nil {
		return
	}
	rules = mergeRules{Level: in.Level, Strategy: in.Strategy}
	if err = rules.validate(); err != nil {
		return
	}
	for _, side := range []struct {
		given *string
		id    *string
	}{{in.Source, &source}, {in.Destination, &destination}} {
		if valueOf(side.given) == "" {
			err = awsjson.Errorf("CommitRequiredException", "a commit is required")
			return
		}
		var rev revision
		if rev, err = s.revision(ctx, r, side.given); err != nil {
			return
		}
		*side.id = rev.id
	}
	return
}

type mergeConflictsOutput struct {
	Mergeable   bool       `json:"mergeable"`
	Destination string     `json:"destinationCommitId"`
	Source      string     `json:"sourceCommitId"`
	Base        string     `json:"baseCommitId,omitempty"`
	Conflicts   []conflict `json:"conflictMetadataList"`
	NextToken   *string    `json:"nextToken,omitempty"`
}

var mergeOptions = []string{fastForward, squash, threeWay}

func (s *Server) getMergeConflicts(ctx context.Context, in *twoCommits) (*mergeConflictsOutput, error) {
	r, source, destination, rules, err := s.commitsOf(ctx, in)
	if err != nil {
		return nil, err
	}
	option := valueOf(in.MergeOption)
	switch {
	case option == "":
		return nil, awsjson.Errorf("MergeOptionRequiredException", "a merge option is required")
	case !slices.Contains(mergeOptions, option):
		return nil, awsjson.Errorf("InvalidMergeOptionException", "%q is none of %q", option, mergeOptions)
	case in.MaxFiles != nil && (*in.MaxFiles < 1 || *in.MaxFiles > maxPage):
		return nil, awsjson.Errorf("InvalidMaxConflictFilesException", "%d is not between 1 and %d", *in.MaxFiles, maxPage)
	}
	m, err := r.merge(ctx, source, destination, rules, false)
	if err != nil {
		return nil, err
	}
	out := &mergeConflictsOutput{Destination: destination, Source: source, Base: m.base, Mergeable: len(m.conflicts) == 0}
	if option == fastForward {
		out.Mergeable = m.base == destination
	}
	size := s.pageSize()
	if in.MaxFiles != nil {
		size = min(size, int(*in.MaxFiles))
	}
	out.Conflicts, out.NextToken, err = awsjson.Page(m.conflicts, in.NextToken, size, invalidToken, "GetMergeConflicts", r.name, source, destination, *rules.Level, *rules.Strategy)
	return out, err
}

type mergeOptionsOutput struct {
	Options     []string `json:"mergeOptions"`
	Source      string   `json:"sourceCommitId"`
	Destination string   `json:"destinationCommitId"`
	Base        string   `json:"baseCommitId"`
}

func (s *Server) getMergeOptions(ctx context.Context, in *twoCommits) (*mergeOptionsOutput, error) {
	r, source, destination, rules, err := s.commitsOf(ctx, in)
	if err != nil {
		return nil, err
	}
	m, err := r.merge(ctx, source, destination, rules, false)
	if err != nil {
		return nil, err
	}
	out := &mergeOptionsOutput{Options: []string{}, Source: source, Destination: destination, Base: m.base}
	if m.base == destination {
		out.Options = append(out.Options, fastForward)
	}
	if len(m.conflicts) == 0 {
		out.Options = append(out.Options, squash, threeWay)
	}
	return out, nil
}

type mergeCommitOutput struct {
	Source      string `json:"sourceCommitId"`
	Destination string `json:"destinationCommitId"`
	Base        string `json:"baseCommitId,omitempty"`
	Merged      string `json:"mergedCommitId,omitempty"`
}

func (s *Server) getMergeCommit(ctx context.Context, in *twoCommits) (*mergeCommitOutput, error) {
	r, source, destination, _, err := s.commitsOf(ctx, in)
	if err != nil {
		return nil, err
	}
	out := &mergeCommitOutput{Source: source, Destination: destination}
	if out.Base, err = r.mergeBase(ctx, destination, source); err != nil {
		return nil, err
	}
	for _, p := range s.pullRequests {
		if p.repository == r && p.sourceCommit == source && p.destinationCommit == destination && p.merge.IsMerged && p.merge.MergeOption != fastForward {
			out.Merged = p.merge.MergeCommitID
		}
	}
	return out, nil
}

type mergePullRequestInput struct {
	PullRequestID    *string             `json:"pullRequestId"`
	RepositoryName   *string             `json:"repositoryName"`
	SourceCommitID   *string             `json:"sourceCommitId"`
	Level            *string             `json:"conflictDetailLevel"` // this and the next not of fast-forward
	Strategy         *string             `json:"conflictResolutionStrategy"`
	Message          *string             `json:"commitMessage"`
	AuthorName       *string             `json:"authorName"`
	Email            *string             `json:"email"`
	KeepEmptyFolders bool                `json:"keepEmptyFolders"`
	Resolution       *conflictResolution `json:"conflictResolution"`
}

type conflictResolution struct {
	Replace     []replaceContent `json:"replaceContents"`
	DeleteFiles []fileEntry      `json:"deleteFiles"`
	SetModes    []fileEntry      `json:"setFileModes"`
}

type replaceContent struct {
	FilePath *string `json:"filePath"`
	Type     *string `json:"replacementType"`
	Content  []byte  `json:"content"`
	FileMode *string `json:"fileMode"`
}

// mergeOf returns the open pull request that a call merges, if it may be.
func (s *Server) mergeOf(in *mergePullRequestInput) (*pullRequest, error) {
	p, err := s.openPullRequest(in.PullRequestID)
	if err != nil {
		return nil, err
	}
	r, err := s.repository(in.RepositoryName)
	switch {
	case err != nil:
		return nil, err
	case r != p.repository:
		return nil, awsjson.Errorf("RepositoryNotAssociatedWithPullRequestException", "the pull request %s is not of the repository %s", p.id, r.name)
	case in.SourceCommitID == nil:
	case !gitobj.IsID(*in.SourceCommitID):
		return nil, awsjson.Errorf("InvalidCommitIdException", "%q is not a full commit ID", *in.SourceCommitID)
	case *in.SourceCommitID != p.sourceCommit:
		return nil, awsjson.Errorf("TipOfSourceReferenceIsDifferentException", "the source branch is at %s, not at %s", p.sourceCommit, *in.SourceCommitID)
	}
	if e := p.evaluate(); !e.Approved {
		return nil, awsjson.Errorf("PullRequestApprovalRulesNotSatisfiedException", "the approval rules %q are not satisfied", e.NotSatisfied)
	}
	return p, nil
}

func manualMerge(p *pullRequest) error {
	return awsjson.Errorf("ManualMergeRequiredException", "the pull request %s cannot be merged without conflicts", p.id)
}

func (s *Server) mergePullRequestByFastForward(ctx context.Context, in *mergePullRequestInput) (*pullRequestOutput, error) {
	p, err := s.mergeOf(in)
	if err != nil {
		return nil, err
	}
	if p.mergeBase != p.destinationCommit {
		return nil, manualMerge(p)
	}
	if err := p.repository.update(ctx, p.destination, p.destinationCommit, p.sourceCommit); err != nil {
		return nil, err
	}
	return s.mergedBy(ctx, p, p.sourceCommit, mergeDetail{MergeOption: fastForward})
}

// mergedBy closes a pull request whose destination the caller has moved to the
// merge, and sends the events of both.
func (s *Server) mergedBy(ctx context.Context, p *pullRequest, commit string, by mergeDetail) (*pullRequestOutput, error) {
	caller := s.caller(ctx)
	by.BaseCommitID, by.SourceCommitID, by.DestinationCommitID = p.mergeBase, p.sourceCommit, p.destinationCommit
	p.status = statusClosed // so that it does not follow its branches any more
	p.merge = mergeMetadata{IsMerged: true, MergedBy: caller, MergeCommitID: commit, MergeOption: by.MergeOption}
	err := s.observe(ctx, p.repository, caller, &by)
	s.finishMerge(p, caller)
	return p.output(), err
}

func (s *Server) mergePullRequestBySquash(ctx context.Context, in *mergePullRequestInput) (*pullRequestOutput, error) {
	return s.mergeCommit(ctx, in, squash)
}

func (s *Server) mergePullRequestByThreeWay(ctx context.Context, in *mergePullRequestInput) (*pullRequestOutput, error) {
	return s.mergeCommit(ctx, in, threeWay)
}

// mergeCommit merges a pull request by a commit.
func (s *Server) mergeCommit(ctx context.Context, in *mergePullRequestInput, option string) (*pullRequestOutput, error) {
	p, err := s.mergeOf(in)
	if err != nil {
		return nil, err
	}
	rules := mergeRules{Level: in.Level, Strategy: in.Strategy, write: true}
	if err := rules.validate(); err != nil {
		return nil, err
	}
	if err := s.resolutionsOf(p.repository, &rules, in.Resolution); err != nil {
		return nil, err
	}
	c, err := s.commitOf(ctx, in.AuthorName, in.Email, in.Message, "Merge pull request "+p.id)
	if err != nil {
		return nil, err
	}
	m, err := p.repository.merge(ctx, p.sourceCommit, p.destinationCommit, rules, in.KeepEmptyFolders)
	if err != nil {
		return nil, err
	}
	if len(m.conflicts) > 0 {
		return nil, manualMerge(p)
	}
	c.TreeID, c.Parents = m.tree, []string{p.destinationCommit}
	if option == threeWay {
		c.Parents = append(c.Parents, p.sourceCommit)
	}
	id, err := p.repository.put(ctx, "commit", c.Encode())
	if err != nil {
		return nil, err
	}
	if err := p.repository.update(ctx, p.destination, p.destinationCommit, id); err != nil {
		return nil, err
	}
	by := mergeDetail{MergeOption: option, ConflictDetailsLevel: *rules.Level, ConflictResolutionStrategy: *rules.Strategy}
	return s.mergedBy(ctx, p, id, by)
}

// resolutionsOf adds the resolutions of conflicts that a call gives to the rules.
func (s *Server) resolutionsOf(r *repository, rules *mergeRules, in *conflictResolution) error {
	if in == nil {
		return nil
	}
	if *rules.Strategy != "AUTOMERGE" {
		return awsjson.Errorf("InvalidConflictResolutionException", "conflicts are resolved one by one with the strategy AUTOMERGE alone, not with %s", *rules.Strategy)
	}
	if n := len(in.Replace) + len(in.DeleteFiles) + len(in.SetModes); n > maxFileEntries {
		return awsjson.Errorf("MaximumConflictResolutionEntriesExceededException", "%d entries are more than %d", n, maxFileEntries)
	}
	rules.resolution = make(map[string]resolve)
	add := func(given *string, f resolve) error {
		path, err := filePath(given)
		if err != nil {
			return err
		}
		if rules.resolution[path] != nil {
			return awsjson.Errorf("MultipleConflictResolutionEntriesException", "the conflict of %s is resolved twice", path)
		}
		rules.resolution[path] = f
		return nil
	}
	for _, entry := range in.Replace {
		f, err := replacement(r, entry)
		if err != nil {
			return err
		}
		if err := add(entry.FilePath, f); err != nil {
			return err
		}
	}
	for _, entry := range in.DeleteFiles {
		if err := add(entry.FilePath, func(context.Context, versions) (*gitobj.Entry, error) { return nil, nil }); err != nil {
			return err
		}
	}
	for _, entry := range in.SetModes {
		mode, err := modeOf(entry.FileMode, 0)
		if err != nil {
			return err
		}
		err = add(entry.FilePath, func(_ context.Context, v versions) (*gitobj.Entry, error) {
			if v.source == nil || mode == 0 {
				return nil, awsjson.Errorf("InvalidConflictResolutionException", "no mode can be set for a file that is deleted")
			}
			return &gitobj.Entry{Mode: mode, ID: v.source.ID}, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// replacement returns the resolution that a file is replaced with another version.
func replacement(r *repository, in replaceContent) (resolve, error) {
	kind := valueOf(in.Type)
	mode, err := modeOf(in.FileMode, 0)
	if err != nil {
		return nil, err
	}
	withMode := func(e *gitobj.Entry) *gitobj.Entry {
		if e == nil || mode == 0 {
			return e
		}
		return &gitobj.Entry{Mode: mode, ID: e.ID}
	}
	switch kind {
	case "":
		return nil, awsjson.Errorf("ReplacementTypeRequiredException", "a type of replacement is required")
	case "KEEP_BASE":
		return func(_ context.Context, v versions) (*gitobj.Entry, error) { return withMode(v.base), nil }, nil
	case "KEEP_SOURCE":
		return func(_ context.Context, v versions) (*gitobj.Entry, error) { return withMode(v.source), nil }, nil
	case "KEEP_DESTINATION":
		return func(_ context.Context, v versions) (*gitobj.Entry, error) { return withMode(v.destination), nil }, nil
	case "USE_NEW_CONTENT":
		switch {
		case in.Content == nil:
			return nil, awsjson.Errorf("ReplacementContentRequiredException", "USE_NEW_CONTENT needs content")
		case len(in.Content) > maxFile:
			return nil, awsjson.Errorf("FileContentSizeLimitExceededException", "the content has more than %d bytes", maxFile)
		}
		return func(ctx context.Context, _ versions) (*gitobj.Entry, error) {
			id, err := r.put(ctx, "blob", in.Content)
			return withMode(&gitobj.Entry{Mode: gitobj.ModeFile, ID: id}), err
		}, nil
	}
	return nil, awsjson.Errorf("InvalidReplacementTypeException", "%q is not a type of replacement", kind)
}
