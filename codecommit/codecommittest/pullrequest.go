package codecommittest

import (
	"context"
	"strconv"
	"time"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// The limits of pull requests.
const (
	maxTitle            = 150
	maxDescription      = 10240
	maxOpenPullRequests = 1000
)

const (
	statusOpen   = "OPEN"
	statusClosed = "CLOSED"
)

// pullRequest is a pull request. Server.mu guards it.
type pullRequest struct {
	id          string
	title       string
	description string
	author      string
	token       string // the clientRequestToken
	created     time.Time
	active      time.Time
	status      string
	repository  *repository

	source, destination                        string // full names of branches
	sourceCommit, destinationCommit, mergeBase string
	revision                                   string
	revisions                                  int
	merge                                      mergeMetadata
	rules                                      []*approvalRule
	decisions                                  map[string]decision // by revision

	threads []*thread
	history []pullRequestEvent
}

func (p *pullRequest) open() bool { return p.status == statusOpen }

// revise gives the pull request its next revision.
func (p *pullRequest) revise() {
	p.revisions++
	p.revision = awsjson.Hex(64, "revision", p.id, p.sourceCommit, strconv.Itoa(p.revisions))
}

// follow updates an open pull request after a change of its branches. mu is held.
func (s *Server) follow(ctx context.Context, p *pullRequest, caller string) error {
	source, destination := p.repository.known[p.source], p.repository.known[p.destination]
	if source == "" || destination == "" {
		s.closePullRequest(p, caller)
		return nil
	}
	if source == p.sourceCommit && destination == p.destinationCommit {
		return nil
	}
	before, merged := p.sourceCommit, destination != p.destinationCommit && destination == source
	p.sourceCommit = source
	if !merged {
		p.destinationCommit = destination
	}
	base, err := p.repository.mergeBase(ctx, p.destinationCommit, source)
	p.mergeBase = base
	if source != before {
		p.revise()
		p.active = s.now()
		p.note(s, caller, pullRequestEvent{Type: "PULL_REQUEST_SOURCE_REFERENCE_UPDATED", SourceUpdated: &sourceUpdated{
			RepositoryName: p.repository.name, BeforeCommitID: before, AfterCommitID: source, MergeBase: base,
		}})
		s.emitPullRequest(p, caller, pullRequestDetail{Event: "pullRequestSourceBranchUpdated"})
	}
	if merged {
		p.merge = mergeMetadata{IsMerged: true, MergedBy: caller, MergeCommitID: source, MergeOption: fastForward}
		s.finishMerge(p, caller)
	}
	return err
}

// closePullRequest closes an open pull request without a merge. mu is held.
func (s *Server) closePullRequest(p *pullRequest, caller string) {
	p.status = statusClosed
	p.active = s.now()
	p.note(s, caller, pullRequestEvent{Type: "PULL_REQUEST_STATUS_CHANGED", StatusChanged: &statusChanged{statusClosed}})
	s.emitPullRequest(p, caller, pullRequestDetail{Event: "pullRequestStatusChanged"})
}

// finishMerge closes a pull request whose merge metadata is set. mu is held.
func (s *Server) finishMerge(p *pullRequest, caller string) {
	p.status = statusClosed
	p.active = s.now()
	metadata := p.merge
	p.note(s, caller, pullRequestEvent{Type: "PULL_REQUEST_MERGE_STATE_CHANGED", MergeStateChanged: &mergeStateChanged{
		RepositoryName: p.repository.name, DestinationReference: p.destination, MergeMetadata: &metadata,
	}})
	s.emitPullRequest(p, caller, pullRequestDetail{Event: "pullRequestMergeStatusUpdated", MergeOption: metadata.MergeOption})
}

// pullRequestEvent is an element of the pull request's history, as the API has it.
type pullRequestEvent struct {
	PullRequestID     string             `json:"pullRequestId"`
	Date              float64            `json:"eventDate"`
	Type              string             `json:"pullRequestEventType"`
	Actor             string             `json:"actorArn"`
	Created           *createdMetadata   `json:"pullRequestCreatedEventMetadata,omitempty"`
	StatusChanged     *statusChanged     `json:"pullRequestStatusChangedEventMetadata,omitempty"`
	SourceUpdated     *sourceUpdated     `json:"pullRequestSourceReferenceUpdatedEventMetadata,omitempty"`
	MergeStateChanged *mergeStateChanged `json:"pullRequestMergedStateChangedEventMetadata,omitempty"`
	RuleChanged       *ruleChanged       `json:"approvalRuleEventMetadata,omitempty"`
	ApprovalChanged   *approvalChanged   `json:"approvalStateChangedEventMetadata,omitempty"`
	Overridden        *overridden        `json:"approvalRuleOverriddenEventMetadata,omitempty"`
}

type createdMetadata struct {
	RepositoryName      string `json:"repositoryName"`
	SourceCommitID      string `json:"sourceCommitId"`
	DestinationCommitID string `json:"destinationCommitId"`
	MergeBase           string `json:"mergeBase,omitempty"`
}

type statusChanged struct {
	Status string `json:"pullRequestStatus"`
}

type sourceUpdated struct {
	RepositoryName string `json:"repositoryName"`
	BeforeCommitID string `json:"beforeCommitId"`
	AfterCommitID  string `json:"afterCommitId"`
	MergeBase      string `json:"mergeBase,omitempty"`
}

type mergeStateChanged struct {
	RepositoryName       string         `json:"repositoryName"`
	DestinationReference string         `json:"destinationReference"`
	MergeMetadata        *mergeMetadata `json:"mergeMetadata"`
}

type ruleChanged struct {
	Name    string `json:"approvalRuleName"`
	ID      string `json:"approvalRuleId"`
	Content string `json:"approvalRuleContent"`
}

type approvalChanged struct {
	RevisionID string `json:"revisionId"`
	Status     string `json:"approvalStatus"`
}

type overridden struct {
	RevisionID string `json:"revisionId"`
	Status     string `json:"overrideStatus"`
}

type mergeMetadata struct {
	IsMerged      bool   `json:"isMerged"`
	MergedBy      string `json:"mergedBy,omitempty"`
	MergeCommitID string `json:"mergeCommitId,omitempty"`
	MergeOption   string `json:"mergeOption,omitempty"`
}

// The ways to merge.
const (
	fastForward = "FAST_FORWARD_MERGE"
	squash      = "SQUASH_MERGE"
	threeWay    = "THREE_WAY_MERGE"
)

// note adds to the history. Its elements are never changed later.
func (p *pullRequest) note(s *Server, caller string, e pullRequestEvent) {
	e.PullRequestID, e.Actor, e.Date = p.id, caller, timestamp(s.now())
	p.history = append(p.history, e)
}

// pullRequestJSON is a pull request as the API has it.
type pullRequestJSON struct {
	ID          string              `json:"pullRequestId"`
	Title       string              `json:"title"`
	Description string              `json:"description,omitempty"`
	Active      float64             `json:"lastActivityDate"`
	Created     float64             `json:"creationDate"`
	Status      string              `json:"pullRequestStatus"`
	Author      string              `json:"authorArn"`
	Targets     []pullRequestTarget `json:"pullRequestTargets"`
	Token       string              `json:"clientRequestToken,omitempty"`
	Revision    string              `json:"revisionId"`
	Rules       []approvalRuleJSON  `json:"approvalRules"`
}

type pullRequestTarget struct {
	RepositoryName       string        `json:"repositoryName"`
	SourceReference      string        `json:"sourceReference"`
	DestinationReference string        `json:"destinationReference"`
	DestinationCommit    string        `json:"destinationCommit"`
	SourceCommit         string        `json:"sourceCommit"`
	MergeBase            string        `json:"mergeBase,omitempty"`
	MergeMetadata        mergeMetadata `json:"mergeMetadata"`
}

type pullRequestOutput struct {
	PullRequest *pullRequestJSON `json:"pullRequest"`
}

func (p *pullRequest) output() *pullRequestOutput {
	rules := []approvalRuleJSON{}
	for _, r := range p.rules {
		rules = append(rules, r.output())
	}
	return &pullRequestOutput{&pullRequestJSON{
		ID: p.id, Title: p.title, Description: p.description, Active: timestamp(p.active), Created: timestamp(p.created),
		Status: p.status, Author: p.author, Token: p.token, Revision: p.revision, Rules: rules,
		Targets: []pullRequestTarget{{
			RepositoryName: p.repository.name, SourceReference: p.source, DestinationReference: p.destination,
			SourceCommit: p.sourceCommit, DestinationCommit: p.destinationCommit, MergeBase: p.mergeBase, MergeMetadata: p.merge,
		}},
	}}
}
