package approval

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/aws-sdk-go-v2/service/codecommit/types"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/internal/console"
	"github.com/codesuite-go/codesuite/internal/paging"
)

// CodeCommitAPI is what a [CodeCommit] calls of the AWS SDK's CodeCommit client.
// Embed the interface in a fake, as it may grow.
type CodeCommitAPI interface {
	EvaluatePullRequestApprovalRules(context.Context, *awscodecommit.EvaluatePullRequestApprovalRulesInput, ...func(*awscodecommit.Options)) (*awscodecommit.EvaluatePullRequestApprovalRulesOutput, error)
	GetPullRequest(context.Context, *awscodecommit.GetPullRequestInput, ...func(*awscodecommit.Options)) (*awscodecommit.GetPullRequestOutput, error)
	GetPullRequestApprovalStates(context.Context, *awscodecommit.GetPullRequestApprovalStatesInput, ...func(*awscodecommit.Options)) (*awscodecommit.GetPullRequestApprovalStatesOutput, error)
	ListPullRequests(context.Context, *awscodecommit.ListPullRequestsInput, ...func(*awscodecommit.Options)) (*awscodecommit.ListPullRequestsOutput, error)
}

var _ CodeCommitAPI = (*awscodecommit.Client)(nil)

// CodeCommit reads the pull requests of repositories in one account and Region. It
// is a [PullRequestReader]; CodeCommit has no statuses of commits. It is safe for
// concurrent use.
//
// CodeCommit does not tell the pull request of a commit: the reader looks for it
// among the closed ones, the newest first, one call each, and 200 at most.
type CodeCommit struct {
	api             CodeCommitAPI
	account, region string
}

var _ PullRequestReader = (*CodeCommit)(nil)

// maxPullRequests is how many pull requests are read for a commit.
const maxPullRequests = 200

// NewCodeCommit returns a reader of the repositories in the account and Region, to
// which the client of the API must belong. The repository of a source action with a
// role of another account is not among them.
func NewCodeCommit(api CodeCommitAPI, account, region string) *CodeCommit {
	return &CodeCommit{api, account, region}
}

// Reads reports whether the source is CodeCommit.
func (c *CodeCommit) Reads(s Subject) bool { return s.Provider == events.ProviderCodeCommit }

// Member is an error: CodeCommit has no teams.
func (c *CodeCommit) Member(context.Context, Subject, string, string) (bool, error) {
	return false, errors.New("approval: CodeCommit has no teams")
}

// PullRequest returns the pull request whose merge made the commit.
func (c *CodeCommit) PullRequest(ctx context.Context, s Subject) (*PullRequest, error) {
	switch {
	case c == nil || c.api == nil:
		return nil, errors.New("approval: the API of CodeCommit is nil: give NewCodeCommit a *codecommit.Client of the AWS SDK")
	case c.account == "" || c.region == "":
		return nil, errors.New("approval: NewCodeCommit was given no account or no Region")
	case s.Region != c.region:
		return nil, fmt.Errorf("approval: %v is in Region %.40q, and the reader in %s", s, s.Region, c.region)
	}
	if fields := strings.Split(s.Run.RoleARN, ":"); s.Run.RoleARN != "" && (len(fields) < 6 || fields[4] != c.account) {
		return nil, fmt.Errorf("approval: %v has a role of another account than %s, where its repository is", s, c.account)
	}
	ids, more, err := c.closed(ctx, s.Repository)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		out, err := c.api.GetPullRequest(ctx, &awscodecommit.GetPullRequestInput{PullRequestId: &id})
		if err == nil && (out == nil || out.PullRequest == nil) {
			err = apierror.ErrNoReply
		}
		if err != nil {
			return nil, failed("GetPullRequest", id, s.Repository, err)
		}
		if p := out.PullRequest; merged(p, s) {
			return c.complete(ctx, s, p)
		}
	}
	if more {
		return nil, fmt.Errorf("approval: none of the newest %d pull requests of %s made the commit %s: older ones are not read", maxPullRequests, s.Repository, s.ID)
	}
	return nil, nil
}

// closed returns the IDs of the closed pull requests, the newest first, and whether
// there are more.
func (c *CodeCommit) closed(ctx context.Context, repository string) (ids []string, more bool, err error) {
	// IDs count up; the service does not promise an order.
	number := func(id string) int64 {
		n, _ := strconv.ParseInt(id, 10, 64)
		return n
	}
	var tokens paging.Tokens
	var token *string
	for {
		out, err := c.api.ListPullRequests(ctx, &awscodecommit.ListPullRequestsInput{
			RepositoryName: &repository, PullRequestStatus: types.PullRequestStatusEnumClosed, MaxResults: aws.Int32(100), NextToken: token,
		})
		if err == nil && out == nil {
			err = apierror.ErrNoReply
		}
		if err == nil {
			ids = append(ids, out.PullRequestIds...)
			token, err = tokens.Next(out.NextToken, len(out.PullRequestIds))
		}
		if err != nil {
			return nil, false, failed("ListPullRequests", "", repository, err)
		}
		slices.SortFunc(ids, func(a, b string) int { return cmp.Compare(number(b), number(a)) })
		more = more || len(ids) > maxPullRequests
		ids = ids[:min(len(ids), maxPullRequests)]
		if token == nil {
			return ids, more, nil
		}
	}
}

// merged reports whether the merge of the pull request made the revision.
func merged(p *types.PullRequest, s Subject) bool {
	return slices.ContainsFunc(p.PullRequestTargets, func(t types.PullRequestTarget) bool {
		m := t.MergeMetadata
		return m != nil && m.IsMerged && aws.ToString(m.MergeCommitId) == s.ID && aws.ToString(t.RepositoryName) == s.Repository &&
			(s.Branch == "" || aws.ToString(t.DestinationReference) == "refs/heads/"+strings.TrimPrefix(s.Branch, "refs/heads/"))
	})
}

// complete adds the approvals.
func (c *CodeCommit) complete(ctx context.Context, s Subject, p *types.PullRequest) (*PullRequest, error) {
	id := aws.ToString(p.PullRequestId)
	pull := &PullRequest{
		Name: "pull request " + id, URL: console.PullRequest(c.region, s.Repository, id), Author: aws.ToString(p.AuthorArn),
	}
	states, err := c.api.GetPullRequestApprovalStates(ctx, &awscodecommit.GetPullRequestApprovalStatesInput{PullRequestId: p.PullRequestId, RevisionId: p.RevisionId})
	if err == nil && states == nil {
		err = apierror.ErrNoReply
	}
	if err != nil {
		return nil, failed("GetPullRequestApprovalStates", id, s.Repository, err)
	}
	for _, a := range states.Approvals {
		if a.ApprovalState == types.ApprovalStateApprove {
			pull.Approvers = append(pull.Approvers, aws.ToString(a.UserArn))
		}
	}
	out, err := c.api.EvaluatePullRequestApprovalRules(ctx, &awscodecommit.EvaluatePullRequestApprovalRulesInput{PullRequestId: p.PullRequestId, RevisionId: p.RevisionId})
	if err == nil && (out == nil || out.Evaluation == nil) {
		err = apierror.ErrNoReply
	}
	if err != nil {
		return nil, failed("EvaluatePullRequestApprovalRules", id, s.Repository, err)
	}
	e := out.Evaluation
	pull.RulesSatisfied, pull.RulesNotSatisfied, pull.RulesOverridden = e.ApprovalRulesSatisfied, e.ApprovalRulesNotSatisfied, e.Overridden
	if !e.Approved && !e.Overridden && len(pull.RulesNotSatisfied) == 0 {
		return nil, failed("EvaluatePullRequestApprovalRules", id, s.Repository, errors.New("the reply says neither that the pull request is approved nor which rule is not satisfied"))
	}
	return pull, nil
}

// callError is a failed call of CodeCommit.
type callError struct {
	call apierror.Call
}

func failed(operation, pullRequest, repository string, err error) error {
	return &callError{apierror.Call{Package: "approval", Service: "codecommit", Operation: operation, Object: pullRequest, Of: repository, Err: err}}
}

func (e *callError) Error() string { return e.call.Text() }
func (e *callError) Unwrap() error { return e.call.Err }
