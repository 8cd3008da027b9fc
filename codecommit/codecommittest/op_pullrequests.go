package codecommittest

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// locked returns the operation that is called with mu held, after a look for what
// git has changed. The events that come of it are delivered before the reply is
// sent. An output shares no memory with what changes later.
func locked[In, Out any](s *Server, call func(context.Context, *In) (Out, error)) awsjson.Operation {
	return awsjson.Op(func(ctx context.Context, in *In) (Out, error) {
		defer s.deliver()
		s.mu.Lock()
		defer s.mu.Unlock()
		if err := s.observeAll(ctx); err != nil {
			var none Out
			return none, err
		}
		return call(ctx, in)
	})
}

// characters counts as a service does that keeps text in UTF-16.
func characters(s string) int {
	n := 0
	for _, r := range s {
		n += max(1, utf16.RuneLen(r))
	}
	return n
}

var pullRequestID = pattern(`^[0-9]{1,18}$`)

// pullRequest returns the pull request that a call names.
func (s *Server) pullRequest(id *string) (*pullRequest, error) {
	switch {
	case id == nil || *id == "":
		return nil, awsjson.Errorf("PullRequestIdRequiredException", "a pull request ID is required")
	case !pullRequestID().MatchString(*id):
		return nil, awsjson.Errorf("InvalidPullRequestIdException", "%q is not the ID of a pull request", *id)
	}
	n, err := strconv.Atoi(*id)
	if err != nil || n < 1 || n > len(s.pullRequests) || s.pullRequests[n-1].id != *id {
		return nil, awsjson.Errorf("PullRequestDoesNotExistException", "there is no pull request %s", *id)
	}
	return s.pullRequests[n-1], nil
}

// openPullRequest is pullRequest for calls that change one.
func (s *Server) openPullRequest(id *string) (*pullRequest, error) {
	p, err := s.pullRequest(id)
	if err == nil && !p.open() {
		return nil, awsjson.Errorf("PullRequestAlreadyClosedException", "the pull request %s is closed", p.id)
	}
	return p, err
}

type createPullRequestInput struct {
	Title       *string  `json:"title"`
	Description *string  `json:"description"`
	Targets     []target `json:"targets"`
	Token       *string  `json:"clientRequestToken"`
}

type target struct {
	RepositoryName       *string `json:"repositoryName"`
	SourceReference      *string `json:"sourceReference"`
	DestinationReference *string `json:"destinationReference"`
}

func (s *Server) createPullRequest(ctx context.Context, in *createPullRequestInput) (*pullRequestOutput, error) {
	if err := validateTitle(in.Title); err != nil {
		return nil, err
	}
	if err := validateDescription(in.Description); err != nil {
		return nil, err
	}
	switch {
	case len(in.Targets) == 0:
		return nil, awsjson.Errorf("TargetsRequiredException", "a target is required")
	case slices.ContainsFunc(in.Targets, func(t target) bool { return valueOf(t.RepositoryName) != valueOf(in.Targets[0].RepositoryName) }):
		return nil, awsjson.Errorf("MultipleRepositoriesInPullRequestException", "a pull request has branches of one repository")
	case len(in.Targets) > 1:
		return nil, awsjson.Errorf("InvalidTargetsException", "%d targets are more than one", len(in.Targets))
	}
	target := in.Targets[0]
	r, err := s.repository(target.RepositoryName)
	if err != nil {
		return nil, err
	}
	parameters := *in
	parameters.Token = nil
	if p, ok, err := s.pullRequestTokens.result(s, in.Token, parameters); err != nil {
		return nil, err
	} else if ok {
		return p.output(), nil
	}
	source, err := s.targetBranch(r, target.SourceReference)
	if err != nil {
		return nil, err
	}
	if target.DestinationReference == nil {
		head, err := r.head(ctx)
		if err != nil {
			return nil, err
		}
		target.DestinationReference = &head
	}
	destination, err := s.targetBranch(r, target.DestinationReference)
	switch {
	case err != nil:
		return nil, err
	case source == destination:
		return nil, awsjson.Errorf("SourceAndDestinationAreSameException", "source and destination are both %s", source)
	}
	open := 0
	for _, p := range s.pullRequests {
		if p.open() {
			open++
		}
	}
	if open >= maxOpenPullRequests {
		return nil, awsjson.Errorf("MaximumOpenPullRequestsExceededException", "%d pull requests are open", open)
	}
	now, caller := s.now(), s.caller(ctx)
	p := &pullRequest{
		id: strconv.Itoa(len(s.pullRequests) + 1), title: *in.Title, description: valueOf(in.Description), author: caller, token: valueOf(in.Token),
		created: now, active: now, status: statusOpen, repository: r, decisions: make(map[string]decision),
		source: source, destination: destination, sourceCommit: r.known[source], destinationCommit: r.known[destination],
	}
	if p.mergeBase, err = r.mergeBase(ctx, p.destinationCommit, p.sourceCommit); err != nil {
		return nil, err
	}
	p.revise()
	s.pullRequests = append(s.pullRequests, p)
	s.pullRequestTokens.set(in.Token, parameters, p)
	p.note(s, caller, pullRequestEvent{Type: "PULL_REQUEST_CREATED", Created: &createdMetadata{r.name, p.sourceCommit, p.destinationCommit, p.mergeBase}})
	s.emitPullRequest(p, caller, pullRequestDetail{Event: "pullRequestCreated"})
	return p.output(), nil
}

// targetBranch returns the full name of a branch that a target names.
func (s *Server) targetBranch(r *repository, name *string) (string, error) {
	switch {
	case name == nil || *name == "":
		return "", awsjson.Errorf("ReferenceNameRequiredException", "a target needs a source, and a destination where the repository has no default branch")
	case !validRefName(*name):
		return "", awsjson.Errorf("InvalidReferenceNameException", "%q is not the name of a branch", *name)
	case strings.HasPrefix(*name, "refs/") && !strings.HasPrefix(*name, branchPrefix):
		return "", awsjson.Errorf("ReferenceTypeNotSupportedException", "%s is not a branch", *name)
	}
	full := fullBranch(*name)
	if r.known[full] == "" {
		return "", awsjson.Errorf("ReferenceDoesNotExistException", "there is no branch %s", *name)
	}
	return full, nil
}

func valueOf[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

func validateTitle(title *string) error {
	switch {
	case title == nil || *title == "":
		return awsjson.Errorf("TitleRequiredException", "a title is required")
	case characters(*title) > maxTitle:
		return awsjson.Errorf("InvalidTitleException", "the title has more than %d characters", maxTitle)
	}
	return nil
}

func validateDescription(description *string) error {
	if description != nil && characters(*description) > maxDescription {
		return awsjson.Errorf("InvalidDescriptionException", "the description has more than %d characters", maxDescription)
	}
	return nil
}

type pullRequestInput struct {
	PullRequestID *string `json:"pullRequestId"`
}

func (s *Server) getPullRequest(_ context.Context, in *pullRequestInput) (*pullRequestOutput, error) {
	p, err := s.pullRequest(in.PullRequestID)
	if err != nil {
		return nil, err
	}
	return p.output(), nil
}

type listPullRequestsInput struct {
	RepositoryName *string `json:"repositoryName"`
	AuthorARN      *string `json:"authorArn"`
	Status         *string `json:"pullRequestStatus"`
	NextToken      *string `json:"nextToken"`
	MaxResults     *int32  `json:"maxResults"`
}

type listPullRequestsOutput struct {
	IDs       []string `json:"pullRequestIds"`
	NextToken *string  `json:"nextToken,omitempty"`
}

func (s *Server) listPullRequests(_ context.Context, in *listPullRequestsInput) (*listPullRequestsOutput, error) {
	r, err := s.repository(in.RepositoryName)
	if err != nil {
		return nil, err
	}
	if in.Status != nil && *in.Status != statusOpen && *in.Status != statusClosed {
		return nil, awsjson.Errorf("InvalidPullRequestStatusException", "%q is neither OPEN nor CLOSED", *in.Status)
	}
	if in.AuthorARN != nil && !validARN(*in.AuthorARN) {
		return nil, awsjson.Errorf("InvalidAuthorArnException", "%q is not an ARN", *in.AuthorARN)
	}
	size, err := s.resultSize(in.MaxResults, 100, 100)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, p := range slices.Backward(s.pullRequests) {
		if p.repository == r && (in.Status == nil || *in.Status == p.status) && (in.AuthorARN == nil || *in.AuthorARN == p.author) {
			ids = append(ids, p.id)
		}
	}
	out := new(listPullRequestsOutput)
	out.IDs, out.NextToken, err = awsjson.Page(ids, in.NextToken, size, invalidToken, "ListPullRequests", r.name, valueOf(in.Status), valueOf(in.AuthorARN))
	return out, err
}

func validARN(arn string) bool { return strings.HasPrefix(arn, "arn:") && strings.Count(arn, ":") >= 5 }

// resultSize returns the size of pages that a call asks for.
func (s *Server) resultSize(asked *int32, usual, most int32) (int, error) {
	if asked != nil && (*asked < 1 || *asked > most) {
		return 0, awsjson.Errorf("InvalidMaxResultsException", "%d is not between 1 and %d", *asked, most)
	}
	size := usual
	if asked != nil {
		size = *asked
	}
	if n := s.faults.Load().PageSize; n > 0 {
		return min(n, int(size)), nil
	}
	return int(size), nil
}

type updatePullRequestTitleInput struct {
	PullRequestID *string `json:"pullRequestId"`
	Title         *string `json:"title"`
}

func (s *Server) updatePullRequestTitle(_ context.Context, in *updatePullRequestTitleInput) (*pullRequestOutput, error) {
	p, err := s.openPullRequest(in.PullRequestID)
	if err != nil {
		return nil, err
	}
	if err := validateTitle(in.Title); err != nil {
		return nil, err
	}
	p.title, p.active = *in.Title, s.now()
	return p.output(), nil
}

type updatePullRequestDescriptionInput struct {
	PullRequestID *string `json:"pullRequestId"`
	Description   *string `json:"description"`
}

func (s *Server) updatePullRequestDescription(_ context.Context, in *updatePullRequestDescriptionInput) (*pullRequestOutput, error) {
	p, err := s.openPullRequest(in.PullRequestID)
	if err != nil {
		return nil, err
	}
	if in.Description == nil {
		return nil, awsjson.Errorf("InvalidDescriptionException", "a description is required")
	}
	if err := validateDescription(in.Description); err != nil {
		return nil, err
	}
	p.description, p.active = *in.Description, s.now()
	return p.output(), nil
}

type updatePullRequestStatusInput struct {
	PullRequestID *string `json:"pullRequestId"`
	Status        *string `json:"pullRequestStatus"`
}

func (s *Server) updatePullRequestStatus(ctx context.Context, in *updatePullRequestStatusInput) (*pullRequestOutput, error) {
	p, err := s.pullRequest(in.PullRequestID)
	if err != nil {
		return nil, err
	}
	switch status := valueOf(in.Status); {
	case status == "":
		return nil, awsjson.Errorf("PullRequestStatusRequiredException", "a status is required")
	case status != statusOpen && status != statusClosed:
		return nil, awsjson.Errorf("InvalidPullRequestStatusException", "%q is neither OPEN nor CLOSED", status)
	case status == statusOpen && !p.open():
		return nil, awsjson.Errorf("InvalidPullRequestStatusUpdateException", "the closed pull request %s cannot be opened again", p.id)
	case status == statusClosed && p.open():
		s.closePullRequest(p, s.caller(ctx))
	}
	return p.output(), nil
}

type describePullRequestEventsInput struct {
	PullRequestID *string `json:"pullRequestId"`
	Type          *string `json:"pullRequestEventType"`
	ActorARN      *string `json:"actorArn"`
	NextToken     *string `json:"nextToken"`
	MaxResults    *int32  `json:"maxResults"`
}

type describePullRequestEventsOutput struct {
	Events    []pullRequestEvent `json:"pullRequestEvents"`
	NextToken *string            `json:"nextToken,omitempty"`
}

var pullRequestEventTypes = []string{
	"PULL_REQUEST_CREATED", "PULL_REQUEST_STATUS_CHANGED", "PULL_REQUEST_SOURCE_REFERENCE_UPDATED", "PULL_REQUEST_MERGE_STATE_CHANGED",
	"PULL_REQUEST_APPROVAL_RULE_CREATED", "PULL_REQUEST_APPROVAL_RULE_UPDATED", "PULL_REQUEST_APPROVAL_RULE_DELETED",
	"PULL_REQUEST_APPROVAL_RULE_OVERRIDDEN", "PULL_REQUEST_APPROVAL_STATE_CHANGED",
}

func (s *Server) describePullRequestEvents(_ context.Context, in *describePullRequestEventsInput) (*describePullRequestEventsOutput, error) {
	p, err := s.pullRequest(in.PullRequestID)
	if err != nil {
		return nil, err
	}
	if in.Type != nil && !slices.Contains(pullRequestEventTypes, *in.Type) {
		return nil, awsjson.Errorf("InvalidPullRequestEventTypeException", "%q is not a type of events", *in.Type)
	}
	if in.ActorARN != nil && !validARN(*in.ActorARN) {
		return nil, awsjson.Errorf("InvalidActorArnException", "%q is not an ARN", *in.ActorARN)
	}
	size, err := s.resultSize(in.MaxResults, 100, 100)
	if err != nil {
		return nil, err
	}
	var list []pullRequestEvent
	for _, e := range slices.Backward(p.history) {
		if (in.Type == nil || *in.Type == e.Type) && (in.ActorARN == nil || *in.ActorARN == e.Actor) {
			list = append(list, e)
		}
	}
	out := new(describePullRequestEventsOutput)
	out.Events, out.NextToken, err = awsjson.Page(list, in.NextToken, size, invalidToken, "DescribePullRequestEvents", p.id, valueOf(in.Type), valueOf(in.ActorARN))
	return out, err
}
