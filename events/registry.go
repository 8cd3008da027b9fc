package events

import "reflect"

// kinds is the one list of the events that come with a header, by source and
// detail type. The first detail type is written when an event is built in Go.
var kinds = [...]kind{
	{"aws.codepipeline", []string{"CodePipeline Action Execution State Change"}, func() Event { return new(ActionExecutionStateChange) }},
	{"aws.codepipeline", []string{"CodePipeline Stage Execution State Change"}, func() Event { return new(StageExecutionStateChange) }},
	{"aws.codepipeline", []string{"CodePipeline Pipeline Execution State Change"}, func() Event { return new(PipelineExecutionStateChange) }},
	{"aws.codecommit", []string{"CodeCommit Pull Request State Change", "CodeCommit PullRequest State Change"}, func() Event { return new(PullRequestStateChange) }},
	{"aws.codecommit", []string{"CodeCommit Repository State Change"}, func() Event { return new(RepositoryStateChange) }},
	{"aws.codecommit", []string{"CodeCommit Comment on Pull Request"}, func() Event { return new(PullRequestComment) }},
	{"aws.codecommit", []string{"CodeCommit Comment on Commit"}, func() Event { return new(CommitComment) }},
	{"aws.codecommit", []string{"CodeCommit Comment Reaction Change"}, func() Event { return new(CommentReactionChange) }},
	{"aws.codecommit", []string{"CodeCommit Approval Rule Template Change"}, func() Event { return new(ApprovalRuleTemplateChange) }},
	{"aws.codebuild", []string{"CodeBuild Build State Change"}, func() Event { return new(BuildStateChange) }},
	{"aws.codebuild", []string{"CodeBuild Build Phase Change"}, func() Event { return new(BuildPhaseChange) }},
	{"aws.codedeploy", []string{"CodeDeploy Deployment State-change Notification"}, func() Event { return new(DeploymentStateChange) }},
	{"aws.codedeploy", []string{"CodeDeploy Instance State-change Notification"}, func() Event { return new(DeploymentInstanceStateChange) }},
	{"aws.events", []string{"Scheduled Event"}, func() Event { return new(ScheduledEvent) }},
	{"aws.states", []string{"Step Functions Execution Status Change"}, func() Event { return new(StateMachineExecutionStatusChange) }},
	{"aws.ecr", []string{"ECR Image Action"}, func() Event { return new(ImageAction) }},
	{"aws.ecr", []string{"ECR Image Scan"}, func() Event { return new(ImageScan) }},
	{"aws.ecr", []string{"ECR Scan Resource Change"}, func() Event { return new(ImageScanResourceChange) }},
	{"aws.s3", []string{
		"Object Created", "Object Deleted", "Object Restore Initiated", "Object Restore Completed",
		"Object Restore Expired", "Object Storage Class Changed", "Object Access Tier Changed",
		"Object ACL Updated", "Object Tags Added", "Object Tags Deleted",
	}, func() Event { return new(S3ObjectChange) }},
}

type kind struct {
	source      string
	detailTypes []string
	new         func() Event
}

// headless are the events without a header.
var headless = [...]func() Event{
	func() Event { return new(Unknown) },
	func() Event { return new(RepositoryTrigger) },
	func() Event { return new(Job) },
	func() Event { return new(ApprovalRequest) },
	func() Event { return new(S3Notification) },
	func() Event { return new(S3TestEvent) },
}

// newEvent returns an empty event of the type for a source and detail type.
// The source counts because anyone may send a detail type, but only AWS a
// source that begins with aws.
func newEvent(source, detailType string) Event {
	for i := range kinds {
		k := &kinds[i]
		if k.source != source {
			continue
		}
		for _, t := range k.detailTypes {
			if t == detailType {
				return k.new()
			}
		}
	}
	return &Unknown{}
}

// setDefaults gives an event that was built in Go what Decode knows it by.
func setDefaults(e Event) {
	switch e := e.(type) {
	case *Unknown:
		return
	case *RepositoryTrigger:
		setDefault(&e.EventSource, "aws:codecommit")
	case *S3Notification:
		setDefault(&e.EventSource, "aws:s3")
	case *S3TestEvent:
		setDefault(&e.Event, "s3:TestEvent")
	case headed:
		for i := range kinds {
			if k := &kinds[i]; reflect.TypeOf(k.new()) == reflect.TypeOf(e) {
				setDefault(&e.header().Source, k.source)
				setDefault(&e.header().DetailType, k.detailTypes[0])
			}
		}
	}
}

func setDefault(s *string, value string) {
	if *s == "" {
		*s = value
	}
}

// prototypes yields an empty event of every type.
func prototypes(yield func(Event) bool) {
	for i := range kinds {
		if !yield(kinds[i].new()) {
			return
		}
	}
	for _, newEvent := range headless {
		if !yield(newEvent()) {
			return
		}
	}
}
