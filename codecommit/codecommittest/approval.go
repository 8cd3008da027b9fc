package codecommittest

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// The limits of approvals.
const (
	maxApprovals       = 200
	maxApprovalRules   = 30
	maxRuleContent     = 3000
	maxRuleName        = 100
	maxPoolMembers     = 50
	ruleVersion        = "2018-11-08"
	codeCommitApprover = "CodeCommitApprovers:"
)

// decision is what was decided about a revision of a pull request.
type decision struct {
	approvers []string // ARNs, in the order of their approvals
	overrider string   // "" if the rules are not set aside
}

// approvalRule is an approval rule of a pull request. Server.mu guards it.
type approvalRule struct {
	id       string
	name     string
	content  string // as it was given
	rule     ruleContent
	created  time.Time
	modified time.Time
	user     string // who changed it last
}

// ruleContent is the content of an approval rule.
type ruleContent struct {
	Version    string          `json:"Version"`
	References []string        `json:"DestinationReferences"`
	Statements []ruleStatement `json:"Statements"`
}

type ruleStatement struct {
	Type    string   `json:"Type"`
	Needed  int      `json:"NumberOfApprovalsNeeded"`
	Members []string `json:"ApprovalPoolMembers"`
}

// parseRule checks the content of an approval rule.
func parseRule(content string) (ruleContent, error) {
	var rule ruleContent
	decoder := json.NewDecoder(strings.NewReader(content))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&rule); err != nil {
		return rule, err
	}
	if decoder.More() {
		return rule, errors.New("more than one JSON value")
	}
	switch {
	case rule.Version != ruleVersion:
		return rule, fmt.Errorf("the version is %q, not %s", rule.Version, ruleVersion)
	case rule.References != nil:
		return rule, errors.New("DestinationReferences belong to a template")
	case len(rule.Statements) != 1:
		return rule, fmt.Errorf("%d statements, not one", len(rule.Statements))
	}
	s := rule.Statements[0]
	switch {
	case s.Type != "Approvers":
		return rule, fmt.Errorf("a statement of type %q, not Approvers", s.Type)
	case s.Needed < 1:
		return rule, fmt.Errorf("%d approvals are needed, less than 1", s.Needed)
	case len(s.Members) > maxPoolMembers:
		return rule, fmt.Errorf("%d members of the approval pool are more than %d", len(s.Members), maxPoolMembers)
	}
	for _, m := range s.Members {
		if rest, ok := strings.CutPrefix(m, codeCommitApprover); ok && strings.Count(rest, ":") == 1 || validARN(m) {
			continue
		}
		return rule, fmt.Errorf("the member %q is neither an ARN nor CodeCommitApprovers:account:name", m)
	}
	return rule, nil
}

// satisfied reports whether enough of the approvers are in the pool.
func (r ruleContent) satisfied(approvers []string) bool {
	s := r.Statements[0]
	n := 0
	for _, arn := range approvers {
		if len(s.Members) == 0 || slices.ContainsFunc(s.Members, func(member string) bool { return inPool(member, arn) }) {
			n++
		}
	}
	return n >= s.Needed
}

// inPool reports whether a member of a pool stands for the user or role session
// with the ARN. CodeCommitApprovers:account:name stands for the user, the federated
// user and the role session with the name, where the name of a session is
// role/session.
func inPool(member, arn string) bool {
	rest, ok := strings.CutPrefix(member, codeCommitApprover)
	if !ok {
		return matches(member, arn)
	}
	account, name, _ := strings.Cut(rest, ":")
	fields := strings.SplitN(arn, ":", 6)
	if len(fields) < 6 || fields[4] != account {
		return false
	}
	for _, kind := range []string{"user/", "federated-user/", "assumed-role/"} {
		if own, ok := strings.CutPrefix(fields[5], kind); ok {
			return matches(name, own)
		}
	}
	return false
}

// matches reports whether the text is the pattern, in which * stands for any text
// and ? for any character.
func matches(pattern, text string) bool {
	// The slashes of names are no separators here.
	ok, err := path.Match(strings.NewReplacer("/", "\x00", `\`, `\\`, "[", `\[`).Replace(pattern), strings.ReplaceAll(text, "/", "\x00"))
	return ok && err == nil
}

// evaluationJSON is what EvaluatePullRequestApprovalRules answers.
type evaluationJSON struct {
	Approved     bool     `json:"approved"`
	Overridden   bool     `json:"overridden"`
	Satisfied    []string `json:"approvalRulesSatisfied"`
	NotSatisfied []string `json:"approvalRulesNotSatisfied"`
}

// evaluate says whether the pull request may be merged at its revision.
func (p *pullRequest) evaluate() evaluationJSON {
	d := p.decisions[p.revision]
	out := evaluationJSON{Overridden: d.overrider != "", Satisfied: []string{}, NotSatisfied: []string{}}
	for _, rule := range p.rules {
		if rule.rule.satisfied(d.approvers) {
			out.Satisfied = append(out.Satisfied, rule.name)
		} else {
			out.NotSatisfied = append(out.NotSatisfied, rule.name)
		}
	}
	out.Approved = out.Overridden || len(out.NotSatisfied) == 0
	return out
}

// approvalRuleJSON is an approval rule as the API has it.
type approvalRuleJSON struct {
	ID       string  `json:"approvalRuleId"`
	Name     string  `json:"approvalRuleName"`
	Content  string  `json:"approvalRuleContent"`
	SHA256   string  `json:"ruleContentSha256"`
	Modified float64 `json:"lastModifiedDate"`
	Created  float64 `json:"creationDate"`
	User     string  `json:"lastModifiedUser"`
}

func (r *approvalRule) output() approvalRuleJSON {
	return approvalRuleJSON{
		ID: r.id, Name: r.name, Content: r.content, SHA256: r.sha256(), Modified: timestamp(r.modified), Created: timestamp(r.created), User: r.user,
	}
}

func (r *approvalRule) sha256() string {
	sum := sha256.Sum256([]byte(r.content))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// validateRuleContent returns the rule with the content that a call gives.
func validateRuleContent(content *string) (ruleContent, error) {
	if content == nil || *content == "" {
		return ruleContent{}, awsjson.Errorf("ApprovalRuleContentRequiredException", "the content of the approval rule is required")
	}
	if characters(*content) > maxRuleContent {
		return ruleContent{}, awsjson.Errorf("InvalidApprovalRuleContentException", "the content of the approval rule has more than %d characters", maxRuleContent)
	}
	rule, err := parseRule(*content)
	if err != nil {
		return ruleContent{}, awsjson.Errorf("InvalidApprovalRuleContentException", "the content of the approval rule: %v", err)
	}
	return rule, nil
}
