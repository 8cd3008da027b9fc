package pattern

// ReferenceFilter selects changes of branches and tags of CodeCommit
// repositories: the events "CodeCommit Repository State Change" of a reference.
// Fields that are left out accept everything.
type ReferenceFilter struct {
	// Repository is the name of the repository.
	Repository Matcher
	// Type is the type of the reference: branch or tag.
	Type Matcher
	// Name is the name of the branch or tag without refs/heads/ or refs/tags/.
	Name Matcher
	// Event is referenceCreated, referenceUpdated or referenceDeleted; without
	// it, all three are selected.
	Event Matcher
}

// Fields returns the fields of the pattern.
func (f ReferenceFilter) Fields() Fields {
	if f.Event.isZero() {
		f.Event = Equals("referenceCreated", "referenceUpdated", "referenceDeleted")
	}
	return eventFields("aws.codecommit", Equals("CodeCommit Repository State Change"), Fields{
		"repositoryName": f.Repository,
		"referenceType":  f.Type,
		"referenceName":  f.Name,
		"event":          f.Event,
	})
}

// PullRequestFilter selects state changes of CodeCommit pull requests, under
// both spellings of the detail type that AWS documents, "CodeCommit Pull
// Request State Change" and "CodeCommit PullRequest State Change". Fields that
// are left out accept everything.
type PullRequestFilter struct {
	// Repository is the name of the repository.
	Repository Matcher
	// Event is what happened: pullRequestCreated, pullRequestStatusChanged,
	// pullRequestSourceBranchUpdated, pullRequestMergeStatusUpdated,
	// pullRequestApprovalStateChanged and others.
	Event Matcher
	// Status is the status of the pull request: Open or Closed.
	Status Matcher
	// Source and Destination are full references, such as refs/heads/main.
	Source, Destination Matcher
}

// Fields returns the fields of the pattern.
func (f PullRequestFilter) Fields() Fields {
	types := Equals("CodeCommit Pull Request State Change", "CodeCommit PullRequest State Change")
	return eventFields("aws.codecommit", types, Fields{
		"repositoryNames":      f.Repository,
		"event":                f.Event,
		"pullRequestStatus":    f.Status,
		"sourceReference":      f.Source,
		"destinationReference": f.Destination,
	})
}

// PipelineFilter selects state changes of CodePipeline executions. Fields that
// are left out accept everything.
type PipelineFilter struct {
	// Pipeline is the name of the pipeline.
	Pipeline Matcher
	// State is STARTED, SUCCEEDED, RESUMED, FAILED, STOPPING, STOPPED, CANCELED
	// or SUPERSEDED.
	State Matcher
}

// Fields returns the fields of the pattern.
func (f PipelineFilter) Fields() Fields {
	return eventFields("aws.codepipeline", Equals("CodePipeline Pipeline Execution State Change"), Fields{
		"pipeline": f.Pipeline,
		"state":    f.State,
	})
}

// StageFilter selects state changes of stages of CodePipeline executions.
// Fields that are left out accept everything.
type StageFilter struct {
	// Pipeline and Stage are names.
	Pipeline, Stage Matcher
	// State is STARTED, SUCCEEDED, RESUMED, FAILED, STOPPING, STOPPED or
	// CANCELED.
	State Matcher
}

// Fields returns the fields of the pattern.
func (f StageFilter) Fields() Fields {
	return eventFields("aws.codepipeline", Equals("CodePipeline Stage Execution State Change"), Fields{
		"pipeline": f.Pipeline,
		"stage":    f.Stage,
		"state":    f.State,
	})
}

// ActionFilter selects state changes of actions of CodePipeline executions.
// Fields that are left out accept everything.
type ActionFilter struct {
	// Pipeline, Stage and Action are names.
	Pipeline, Stage, Action Matcher
	// State is STARTED, SUCCEEDED, FAILED, CANCELED or ABANDONED.
	State Matcher
	// Category, Owner and Provider are the type of the action, such as Approval,
	// AWS and Manual.
	Category, Owner, Provider Matcher
}

// Fields returns the fields of the pattern.
func (f ActionFilter) Fields() Fields {
	detail := Fields{
		"pipeline": f.Pipeline,
		"stage":    f.Stage,
		"action":   f.Action,
		"state":    f.State,
	}
	if kind := given(Fields{"category": f.Category, "owner": f.Owner, "provider": f.Provider}); len(kind) > 0 {
		detail["type"] = kind
	}
	return eventFields("aws.codepipeline", Equals("CodePipeline Action Execution State Change"), detail)
}

// BuildFilter selects state changes of CodeBuild builds. Fields that are left
// out accept everything.
type BuildFilter struct {
	// Project is the name of the project.
	Project Matcher
	// Status is IN_PROGRESS, SUCCEEDED, FAILED or STOPPED.
	Status Matcher
}

// Fields returns the fields of the pattern.
func (f BuildFilter) Fields() Fields {
	return eventFields("aws.codebuild", Equals("CodeBuild Build State Change"), Fields{
		"project-name": f.Project,
		"build-status": f.Status,
	})
}

func eventFields(source string, detailType Matcher, detail Fields) Fields {
	fields := Fields{"source": Equals(source), "detail-type": detailType}
	if detail = given(detail); len(detail) > 0 {
		fields["detail"] = detail
	}
	return fields
}

// given leaves the fields that have a condition.
func given(fields Fields) Fields {
	given := Fields{}
	for name, condition := range fields {
		if m, ok := condition.(Matcher); ok && m.isZero() {
			continue
		}
		given[name] = condition
	}
	return given
}

var (
	_ Source = ReferenceFilter{}
	_ Source = PullRequestFilter{}
	_ Source = PipelineFilter{}
	_ Source = StageFilter{}
	_ Source = ActionFilter{}
	_ Source = BuildFilter{}
)
