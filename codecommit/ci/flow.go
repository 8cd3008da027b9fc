package ci

import "github.com/codesuite-go/codesuite/events"

// Kind is the kind of a flow: the event that starts its builds.
type Kind string

// The kinds of flows.
const (
	// KindReview builds a pull request when it is created and at each push to
	// its source branch.
	KindReview Kind = "review"
	// KindBranch builds a branch when it is created and at each push.
	KindBranch Kind = "branch"
	// KindTag builds a tag when it is created or moved.
	KindTag Kind = "tag"
	// KindSchedule builds at the times of an EventBridge rule or schedule.
	KindSchedule Kind = "schedule"
	// KindOnDemand builds when [Handler.Start] is called.
	KindOnDemand Kind = "on-demand"
)

// Flow says which event starts a build of which project, and what is told about
// the build. Name, Kind and Project are required, and Repositories but for
// schedules and on demand. A field that is not for the flow's kind is an error.
//
// Repositories, branches, tags, authors and paths are globs as in .gitignore: "*"
// stands for any characters but "/", "?" for one that is not "/", "[a-z]" for one of
// a set, "**/" for any folders or none, and "/**" for all inside. A glob that begins
// with "!" excludes. A name matches a list of globs if one of them matches and none
// excludes it, or, where all of them exclude, if none does. Case counts.
type Flow struct {
	// Name is the flow's name in comments, logs and FLOW_NAME: up to 64 letters,
	// digits, '.', '_' and '-'.
	Name string
	// Kind is the flow's kind.
	Kind Kind

	// Repositories are globs of the names of repositories. With one name, the
	// builds have the source of the project. With several names or wildcards, each
	// build has the repository of its event as its source.
	Repositories []string
	// Branches are globs of branches, of [KindBranch]. The default is all.
	Branches []string
	// Tags are globs of tags, of [KindTag]. The default is all.
	Tags []string
	// Destinations and Sources are globs of the destination and source branches of
	// pull requests. The default is all.
	Destinations, Sources []string
	// Authors are globs of the ARNs of the authors of pull requests. The default is
	// all.
	Authors []string
	// DraftPrefix begins the titles of pull requests that are not built, in any
	// case. CodeCommit has no event for a changed title: the build comes with the
	// next push or the command /rerun.
	DraftPrefix string
	// Paths are globs of the files of which one has to have changed, since the merge
	// base for a pull request and since the last push for a branch. A build starts
	// in any case where there is nothing to compare with: for a new branch, and for
	// an update of which a repository trigger tells.
	Paths []string
	// Rule is the name of the EventBridge rule of [KindSchedule], or GROUP/NAME or
	// NAME of a schedule of EventBridge Scheduler. The default is Name.
	Rule string

	// Project is the name of the CodeBuild project.
	Project string
	// Batch starts batch builds.
	Batch bool
	// Buildspec is the path of a buildspec in the source, the ARN of one in S3, or
	// the text of one. The default is that of the project.
	Buildspec string
	// Variables are further variables of the builds. Names that begin with FLOW_ or
	// CODEBUILD_ are reserved.
	Variables []Variable
	// SourceVersion is the branch, tag or commit to build, of [KindSchedule] and
	// [KindOnDemand]. The default is that of the project. Other kinds build the
	// commit of the event.
	SourceVersion string

	// Superseded is done with the running builds of older revisions.
	Superseded Superseded

	// Comments says which comments a pull request gets.
	Comments CommentMode
	// DeleteOnSuccess deletes the comment of a build that has succeeded. CodeCommit
	// leaves "This comment has been deleted" in its place.
	DeleteOnSuccess bool
	// Approve approves the current revision of a pull request when its builds have
	// succeeded, and revokes the approval when one has not.
	Approve bool
	// Merge merges a pull request in this way as soon as its builds have succeeded and
	// its approval rules are satisfied. The default is not to merge.
	Merge events.MergeOption
}

// Superseded is what is done with builds of older revisions when a newer one is
// pushed, and with those of a pull request that is closed or merged.
type Superseded string

// The treatments of superseded builds. The default is SupersededStop for
// [KindReview] and SupersededKeep for [KindBranch].
const (
	SupersededStop Superseded = "stop"
	SupersededKeep Superseded = "keep"
)

// CommentMode says which comments a pull request gets.
type CommentMode string

// The modes of comments. The default is CommentPerRevision.
const (
	// CommentPerRevision keeps one comment for each flow and revision, and shrinks
	// those of older revisions to one line.
	CommentPerRevision CommentMode = "per-revision"
	// CommentPerPullRequest keeps one comment for each flow.
	CommentPerPullRequest CommentMode = "per-pull-request"
	// CommentPerState posts a comment for each state of each build.
	CommentPerState CommentMode = "per-state"
	// CommentFailuresOnly is CommentPerRevision for builds that do not succeed.
	CommentFailuresOnly CommentMode = "failures-only"
	// CommentNone posts none.
	CommentNone CommentMode = "none"
)

// Variable is a variable of the environment of a build.
type Variable struct {
	Name  string
	Value string
	// Type is the type of the variable. The default is VariableTypePlaintext.
	Type VariableType
}

// VariableType is the type of a [Variable].
type VariableType string

// The types of variables. The value of a plaintext variable is in the events of the
// build: a secret has to be a parameter or a secret, of which Value is the name.
const (
	VariableTypePlaintext      VariableType = "PLAINTEXT"
	VariableTypeParameterStore VariableType = "PARAMETER_STORE"
	VariableTypeSecretsManager VariableType = "SECRETS_MANAGER"
)
