package pipelinestatus

import (
	"crypto/sha256"
	"encoding/hex"
	"unicode/utf8"

	"github.com/codesuite-go/codesuite/githubstatus"
)

// Subject is what a status tells of: an execution, one of its stages, or an
// action.
type Subject struct {
	Account, Region string // of the pipeline
	Pipeline        string // name
	ExecutionID     string
	// Stage is empty for the execution as a whole, and Action for a stage.
	Stage, Action string
	// Rollback is whether the execution rolls a stage back to an earlier one.
	Rollback bool
}

// DefaultContext returns codepipeline/PIPELINE, codepipeline/PIPELINE/STAGE or
// codepipeline/PIPELINE/STAGE/ACTION, with " (rollback)" after it for a
// rollback. If that is longer than the 255 characters that GitHub takes, its end
// is replaced by a hash.
func DefaultContext(s Subject) string {
	context := "codepipeline/" + s.Pipeline
	if s.Stage != "" {
		context += "/" + s.Stage
	}
	if s.Action != "" {
		context += "/" + s.Action
	}
	if s.Rollback {
		context += " (rollback)"
	}
	if utf8.RuneCountInString(context) <= githubstatus.MaxContext {
		return context
	}
	sum := sha256.Sum256([]byte(context))
	hash := "-" + hex.EncodeToString(sum[:8])
	return string([]rune(context)[:githubstatus.MaxContext-len(hash)]) + hash
}

func (r *Reporter) subject(v *view, key subjectKey) Subject {
	return Subject{
		Account: v.key.account, Region: v.key.region, Pipeline: v.key.pipeline, ExecutionID: v.key.id,
		Stage: key.stage, Action: key.action, Rollback: v.rollback(),
	}
}
