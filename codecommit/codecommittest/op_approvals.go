package codecommittest

import (
	"context"
	"slices"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

type revisionInput struct {
	PullRequestID  *string `json:"pullRequestId"`
	RevisionID     *string `json:"revisionId"`
	ApprovalState  *string `json:"approvalState"`  // of UpdatePullRequestApprovalState
	OverrideStatus *string `json:"overrideStatus"` // of OverridePullRequestApprovalRules
}

var revisionID = pattern(`^[0-9a-f]{64}$`)

// revisionOf returns the pull request that a call names with a revision.
func (s *Server) revisionOf(in *revisionInput) (*pullRequest, error) {
	p, err := s.pullRequest(in.PullRequestID)
	switch {
	case err != nil:
		return nil, err
	case valueOf(in.RevisionID) == "":
		return nil, awsjson.Errorf("RevisionIdRequiredException", "a revision ID is required")
	case !revisionID().MatchString(*in.RevisionID):
		return nil, awsjson.Errorf("InvalidRevisionIdException", "%q is not the ID of a revision", *in.RevisionID)
	}
	return p, nil
}

// currentRevisionOf is revisionOf for calls that need the current revision.
func (s *Server) currentRevisionOf(in *revisionInput) (*pullRequest, error) {
	p, err := s.revisionOf(in)
	if err == nil && *in.RevisionID != p.revision {
		return nil, awsjson.Errorf("RevisionNotCurrentException", "the current revision of the pull request %s is %s", p.id, p.revision)
	}
	return p, err
}

func (s *Server) updatePullRequestApprovalState(ctx context.Context, in *revisionInput) (*empty, error) {
	p, err := s.currentRevisionOf(in)
	if err != nil {
		return nil, err
	}
	state, caller := valueOf(in.ApprovalState), s.caller(ctx)
	d := p.decisions[p.revision]
	i := slices.Index(d.approvers, caller)
	switch {
	case state == "":
		return nil, awsjson.Errorf("ApprovalStateRequiredException", "an approval state is required")
	case state != "APPROVE" && state != "REVOKE":
		return nil, awsjson.Errorf("InvalidApprovalStateException", "%q is neither APPROVE nor REVOKE", state)
	case !p.open():
		return nil, awsjson.Errorf("PullRequestAlreadyClosedException", "the pull request %s is closed", p.id)
	case caller == p.author:
		return nil, awsjson.Errorf("PullRequestCannotBeApprovedByAuthorException", "%s is the author of the pull request %s", caller, p.id)
	case state == "APPROVE" && i >= 0 || state == "REVOKE" && i < 0:
		return new(empty), nil // it is so already
	case state == "REVOKE":
		d.approvers = slices.Delete(slices.Clone(d.approvers), i, i+1)
	case len(d.approvers) >= maxApprovals:
		return nil, awsjson.Errorf("MaximumNumberOfApprovalsExceededException", "%d approvals are the most", maxApprovals)
	default:
		d.approvers = append(slices.Clone(d.approvers), caller)
	}
	p.decisions[p.revision] = d
	p.active = s.now()
	p.note(s, caller, pullRequestEvent{Type: "PULL_REQUEST_APPROVAL_STATE_CHANGED", ApprovalChanged: &approvalChanged{p.revision, state}})
	s.emitPullRequest(p, caller, pullRequestDetail{Event: "pullRequestApprovalStateChanged", ApprovalStatus: state})
	return new(empty), nil
}

type getApprovalStatesOutput struct {
	Approvals []approvalJSON `json:"approvals"`
}

type approvalJSON struct {
	UserARN string `json:"userArn"`
	State   string `json:"approvalState"`
}

func (s *Server) getPullRequestApprovalStates(_ context.Context, in *revisionInput) (*getApprovalStatesOutput, error) {
	p, err := s.revisionOf(in)
	if err != nil {
		return nil, err
	}
	out := &getApprovalStatesOutput{[]approvalJSON{}}
	for _, arn := range p.decisions[*in.RevisionID].approvers {
		out.Approvals = append(out.Approvals, approvalJSON{arn, "APPROVE"})
	}
	return out, nil
}

type evaluateOutput struct {
	Evaluation evaluationJSON `json:"evaluation"`
}

func (s *Server) evaluatePullRequestApprovalRules(_ context.Context, in *revisionInput) (*evaluateOutput, error) {
	p, err := s.currentRevisionOf(in)
	if err != nil {
		return nil, err
	}
	return &evaluateOutput{p.evaluate()}, nil
}

func (s *Server) overridePullRequestApprovalRules(ctx context.Context, in *revisionInput) (*empty, error) {
	p, err := s.currentRevisionOf(in)
	if err != nil {
		return nil, err
	}
	status, caller := valueOf(in.OverrideStatus), s.caller(ctx)
	d := p.decisions[p.revision]
	switch {
	case status == "":
		return nil, awsjson.Errorf("OverrideStatusRequiredException", "an override status is required")
	case status != "OVERRIDE" && status != "REVOKE":
		return nil, awsjson.Errorf("InvalidOverrideStatusException", "%q is neither OVERRIDE nor REVOKE", status)
	case !p.open():
		return nil, awsjson.Errorf("PullRequestAlreadyClosedException", "the pull request %s is closed", p.id)
	case status == "OVERRIDE" && d.overrider != "":
		return nil, awsjson.Errorf("OverrideAlreadySetException", "%s has set aside the rules of the pull request %s", d.overrider, p.id)
	case status == "REVOKE" && d.overrider == "":
		return new(empty), nil
	}
	d.overrider = ""
	if status == "OVERRIDE" {
		d.overrider = caller
	}
	p.decisions[p.revision] = d
	p.active = s.now()
	p.note(s, caller, pullRequestEvent{Type: "PULL_REQUEST_APPROVAL_RULE_OVERRIDDEN", Overridden: &overridden{p.revision, status}})
	s.emitPullRequest(p, caller, pullRequestDetail{Event: "pullRequestApprovalRuleOverridden", OverrideStatus: status})
	return new(empty), nil
}

type getOverrideStateOutput struct {
	Overridden bool   `json:"overridden"`
	Overrider  string `json:"overrider,omitempty"`
}

func (s *Server) getPullRequestOverrideState(_ context.Context, in *revisionInput) (*getOverrideStateOutput, error) {
	p, err := s.revisionOf(in)
	if err != nil {
		return nil, err
	}
	overrider := p.decisions[*in.RevisionID].overrider
	return &getOverrideStateOutput{overrider != "", overrider}, nil
}

type approvalRuleInput struct {
	PullRequestID *string `json:"pullRequestId"`
	Name          *string `json:"approvalRuleName"`
	Content       *string `json:"approvalRuleContent"`       // of CreatePullRequestApprovalRule
	NewContent    *string `json:"newRuleContent"`            // of UpdatePullRequestApprovalRuleContent, as the next
	SHA256        *string `json:"existingRuleContentSha256"` // nil is any
}

type approvalRuleOutput struct {
	Rule approvalRuleJSON `json:"approvalRule"`
}

var approvalRuleName = pattern(`^[A-Za-z0-9._ -]{1,100}$`)

// ruleOf returns the open pull request that a call names, and the index of the rule
// with the name, -1 if there is none.
func (s *Server) ruleOf(in *approvalRuleInput) (*pullRequest, int, error) {
	p, err := s.openPullRequest(in.PullRequestID)
	switch {
	case err != nil:
		return nil, 0, err
	case valueOf(in.Name) == "":
		return nil, 0, awsjson.Errorf("ApprovalRuleNameRequiredException", "the name of an approval rule is required")
	case !approvalRuleName().MatchString(*in.Name):
		return nil, 0, awsjson.Errorf("InvalidApprovalRuleNameException", "%q is not the name of an approval rule: 1 to %d letters, digits, '.', '_', '-' and spaces", *in.Name, maxRuleName)
	}
	return p, slices.IndexFunc(p.rules, func(r *approvalRule) bool { return r.name == *in.Name }), nil
}

func (s *Server) createPullRequestApprovalRule(ctx context.Context, in *approvalRuleInput) (*approvalRuleOutput, error) {
	p, i, err := s.ruleOf(in)
	if err != nil {
		return nil, err
	}
	content, err := validateRuleContent(in.Content)
	switch {
	case err != nil:
		return nil, err
	case i >= 0:
		return nil, awsjson.Errorf("ApprovalRuleNameAlreadyExistsException", "the pull request %s has an approval rule %s", p.id, *in.Name)
	case len(p.rules) >= maxApprovalRules:
		return nil, awsjson.Errorf("NumberOfRulesExceededException", "%d approval rules are the most", maxApprovalRules)
	}
	now, caller := s.now(), s.caller(ctx)
	r := &approvalRule{
		id: awsjson.UUID("approval rule", p.id, *in.Name, now.String()), name: *in.Name, content: *in.Content, rule: content,
		created: now, modified: now, user: caller,
	}
	p.rules = append(p.rules, r)
	s.ruleChanged(p, r, caller, "CREATED", "pullRequestApprovalRuleCreated")
	return &approvalRuleOutput{r.output()}, nil
}

func (s *Server) updatePullRequestApprovalRuleContent(ctx context.Context, in *approvalRuleInput) (*approvalRuleOutput, error) {
	p, i, err := s.ruleOf(in)
	if err != nil {
		return nil, err
	}
	if i < 0 {
		return nil, awsjson.Errorf("ApprovalRuleDoesNotExistException", "the pull request %s has no approval rule %s", p.id, *in.Name)
	}
	r := p.rules[i]
	content, err := validateRuleContent(in.NewContent)
	switch {
	case err != nil:
		return nil, err
	case in.SHA256 != nil && *in.SHA256 != r.sha256():
		return nil, awsjson.Errorf("InvalidRuleContentSha256Exception", "the content of the approval rule %s has another hash than %s", r.name, *in.SHA256)
	}
	r.content, r.rule, r.modified, r.user = *in.NewContent, content, s.now(), s.caller(ctx)
	s.ruleChanged(p, r, r.user, "UPDATED", "pullRequestApprovalRuleUpdated")
	return &approvalRuleOutput{r.output()}, nil
}

type deleteApprovalRuleOutput struct {
	ID string `json:"approvalRuleId,omitempty"`
}

func (s *Server) deletePullRequestApprovalRule(ctx context.Context, in *approvalRuleInput) (*deleteApprovalRuleOutput, error) {
	p, i, err := s.ruleOf(in)
	if err != nil {
		return nil, err
	}
	if i < 0 {
		return new(deleteApprovalRuleOutput), nil // it was deleted before
	}
	r := p.rules[i]
	p.rules = slices.Delete(p.rules, i, i+1)
	s.ruleChanged(p, r, s.caller(ctx), "DELETED", "pullRequestApprovalRuleDeleted")
	return &deleteApprovalRuleOutput{r.id}, nil
}

// ruleChanged notes a change of an approval rule and sends its event.
func (s *Server) ruleChanged(p *pullRequest, r *approvalRule, caller, what, event string) {
	p.active = s.now()
	p.note(s, caller, pullRequestEvent{Type: "PULL_REQUEST_APPROVAL_RULE_" + what, RuleChanged: &ruleChanged{r.name, r.id, r.content}})
	s.emitPullRequest(p, caller, pullRequestDetail{Event: event, ApprovalRuleID: r.id, ApprovalRuleName: r.name, ApprovalRuleContentSHA256: r.sha256()})
}
