package pipelinestatus

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"github.com/codesuite-go/codesuite/githubstatus"
)

// Subject is the subject of a status on one commit: an execution, one of its
// stages, or an action; or a build of CodeBuild.
type Subject struct {
	Account, Region string // of the pipeline or the project
	Pipeline        string // name
	ExecutionID     string
	// Stage is empty for the execution as a whole, and Action for a stage.
	Stage, Action string
	// Rollback is whether the execution rolls a stage back to an earlier one.
	Rollback bool

	// Project is the name and BuildID the ID of a build, such as
	// "web:5f6c1a9e-...". They are empty for executions, and the fields above but
	// for Account and Region are empty for builds.
	Project, BuildID string

	Host       string // GitHub host, such as "github.com"
	Repository string // "owner/name"
	Commit     string // ID
	// Branch is the branch of the source; empty if it is not known, as for some
	// events.
	Branch string
}

// DefaultContext returns codepipeline/PIPELINE, codepipeline/PIPELINE/STAGE,
// codepipeline/PIPELINE/STAGE/ACTION or codebuild/PROJECT, with " (rollback)" after
// it for a rollback.
//
// Upper and lower case are the same to GitHub, but not to AWS. The name of a
// pipeline or project with upper-case letters is therefore followed by "~" and six
// digits that tell it from names that differ in case alone: "codepipeline/Web~4f1b02".
//
// The end of a context that is longer than the 255 characters that GitHub takes is
// replaced by a hash.
func DefaultContext(s Subject) string {
	context := "codepipeline/" + caseless(s.Pipeline)
	if s.Project != "" {
		context = "codebuild/" + caseless(s.Project)
	}
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
	hash := "-" + digits(context, 8)
	return string([]rune(context)[:githubstatus.MaxContext-len(hash)]) + hash
}

// caseless marks a name with upper-case letters, so that no other name is equal to
// it in lower case.
func caseless(name string) string {
	if strings.ToLower(name) == name {
		return name
	}
	return name + "~" + digits(name, 3)
}

// digits returns the first n bytes of the text's hash in hexadecimal digits.
func digits(text string, n int) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:n])
}

func subjectOf(s *snapshot, key subjectKey, t target) Subject {
	subject := Subject{
		Account: s.key.account, Region: s.key.region, Pipeline: s.key.pipeline, ExecutionID: s.key.id,
		Stage: key.stage, Action: key.action, Rollback: s.rollback(),
	}
	subject.on(t)
	return subject
}

// on fills in the commit.
func (s *Subject) on(t target) {
	s.Host, s.Repository, s.Commit, s.Branch = t.source.host, t.source.commit.Owner+"/"+t.source.commit.Repo, t.source.commit.SHA, t.source.branch
}
