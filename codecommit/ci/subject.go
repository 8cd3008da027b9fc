package ci

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/codesuite-go/codesuite/events"
)

// The names of the variables that builds get, as far as they apply. The first six
// are those of the Terraform module terraform-aws-codecommit-flow-ci.
const (
	VariablePullRequestID                = "FLOW_PULL_REQUEST_ID"
	VariablePullRequestSourceCommit      = "FLOW_PULL_REQUEST_SRC_COMMIT"
	VariablePullRequestDestinationCommit = "FLOW_PULL_REQUEST_DST_COMMIT"
	VariableBranch                       = "FLOW_BRANCH"
	VariableTag                          = "FLOW_TAG"
	VariableSchedule                     = "FLOW_SCHEDULE" // the time of the event

	VariableName              = "FLOW_NAME"
	VariableEvent             = "FLOW_EVENT" // the kind of the flow
	VariableRepository        = "FLOW_REPOSITORY"
	VariableSourceBranch      = "FLOW_SRC_BRANCH"
	VariableDestinationBranch = "FLOW_DST_BRANCH"
	VariableRevisionID        = "FLOW_REVISION_ID"   // of the pull request
	VariableBeforeCommit      = "FLOW_BEFORE_COMMIT" // what the branch was at
	VariableID                = "FLOW_ID"            // of the start, the same in each retry
)

// subject is what a build is of: what its variables say, and its source version.
// The flow and the revision of a build are known from nothing else.
type subject struct {
	flow, kind, repository            string
	pullRequest, revision             string
	sourceCommit, destinationCommit   string
	sourceBranch, destinationBranch   string
	branch, before, tag, schedule, id string
	version                           string // of the source; not a variable
}

// fields are the variables of the subject.
func (s *subject) fields() []field {
	return []field{
		{VariablePullRequestID, &s.pullRequest},
		{VariablePullRequestSourceCommit, &s.sourceCommit},
		{VariablePullRequestDestinationCommit, &s.destinationCommit},
		{VariableBranch, &s.branch},
		{VariableTag, &s.tag},
		{VariableSchedule, &s.schedule},
		{VariableName, &s.flow},
		{VariableEvent, &s.kind},
		{VariableRepository, &s.repository},
		{VariableSourceBranch, &s.sourceBranch},
		{VariableDestinationBranch, &s.destinationBranch},
		{VariableRevisionID, &s.revision},
		{VariableBeforeCommit, &s.before},
		{VariableID, &s.id},
	}
}

type field struct {
	name  string
	value *string
}

// set sets the field of a variable. It leaves other variables out, and parameters
// and secrets with the names of fields.
func (s *subject) set(name, kind, value string) {
	if kind != "" && kind != string(VariableTypePlaintext) {
		return
	}
	for _, f := range s.fields() {
		if f.name == name {
			*f.value = value
		}
	}
}

// subjectOf returns the subject of a build from its event.
func subjectOf(b *events.Build) subject {
	s := subject{version: b.SourceVersion}
	for _, v := range b.Environment.Variables {
		s.set(v.Name, v.Type, v.Value)
	}
	return s
}

// variables are the variables of the subject that have a value.
func (s *subject) variables() []Variable {
	var list []Variable
	for _, f := range s.fields() {
		if *f.value != "" {
			list = append(list, Variable{Name: f.name, Value: *f.value, Type: VariableTypePlaintext})
		}
	}
	return list
}

// identify sets the ID of the start. It is the same for each event of a revision,
// whichever way it came. A start that was asked for otherwise has the ID of what asked
// for it, such as a comment, whatever the revision is by now.
//
// The commit that a branch was at is not part of it, as the event of a trigger lacks
// it.
func (s *subject) identify(asked string) {
	parts := []string{s.flow, s.kind, s.repository, s.pullRequest, s.branch, s.tag, s.schedule}
	if asked == "" {
		parts = append(parts, s.revision, s.version)
	} else {
		parts = append(parts, "asked", asked)
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	s.id = hex.EncodeToString(sum[:]) // 64 characters, as many as a token has
}

// sameTarget reports whether both are of the same pull request, branch or tag, in
// whichever revision.
func (s *subject) sameTarget(other *subject) bool {
	return s.flow == other.flow && s.kind == other.kind && s.repository == other.repository &&
		s.pullRequest == other.pullRequest && s.branch == other.branch && s.tag == other.tag
}

// sameRevision reports whether both are of the same revision.
func (s *subject) sameRevision(other *subject) bool {
	if !s.sameTarget(other) {
		return false
	}
	switch Kind(s.kind) {
	case KindReview:
		return s.revision == other.revision && s.sourceCommit == other.sourceCommit && s.version == other.version
	case KindBranch, KindTag:
		return s.version == other.version
	case KindSchedule:
		return s.schedule == other.schedule
	default:
		return s.id == other.id
	}
}
