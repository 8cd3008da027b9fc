package events

import (
	"reflect"
	"slices"
)

// kinds is the one list of the events that come with a header, by source and
// detail type.
var kinds = [...]kind{
	{"aws.codepipeline", "CodePipeline Action Execution State Change", nil, func() Event { return new(ActionExecutionStateChange) }},
	{"aws.codepipeline", "CodePipeline Stage Execution State Change", nil, func() Event { return new(StageExecutionStateChange) }},
	{"aws.codepipeline", "CodePipeline Pipeline Execution State Change", nil, func() Event { return new(PipelineExecutionStateChange) }},
	{"aws.codecommit", "CodeCommit Pull Request State Change", []string{"CodeCommit PullRequest State Change"}, func() Event { return new(PullRequestStateChange) }},
	{"aws.codecommit", "CodeCommit Repository State Change", nil, func() Event { return new(RepositoryStateChange) }},
	{"aws.codecommit", "CodeCommit Comment on Pull Request", nil, func() Event { return new(PullRequestComment) }},
	{"aws.codecommit", "CodeCommit Comment on Commit", nil, func() Event { return new(CommitComment) }},
	{"aws.codecommit", "CodeCommit Comment Reaction Change", nil, func() Event { return new(CommentReactionChange) }},
	{"aws.codecommit", "CodeCommit Approval Rule Template Change", nil, func() Event { return new(ApprovalRuleTemplateChange) }},
	{"aws.codebuild", "CodeBuild Build State Change", nil, func() Event { return new(BuildStateChange) }},
	{"aws.codebuild", "CodeBuild Build Phase Change", nil, func() Event { return new(BuildPhaseChange) }},
	{"aws.codedeploy", "CodeDeploy Deployment State-change Notification", nil, func() Event { return new(DeploymentStateChange) }},
	{"aws.codedeploy", "CodeDeploy Instance State-change Notification", nil, func() Event { return new(DeploymentInstanceStateChange) }},
	{"aws.events", "Scheduled Event", nil, func() Event { return new(ScheduledEvent) }},
	{"aws.scheduler", "Scheduled Event", nil, func() Event { return new(ScheduledEvent) }},
	{"aws.states", "Step Functions Execution Status Change", nil, func() Event { return new(StateMachineExecutionStatusChange) }},
	{"aws.ec2", "EC2 Spot Instance Interruption Warning", nil, func() Event { return new(SpotInterruptionWarning) }},
	{"aws.ecr", "ECR Image Action", nil, func() Event { return new(ImageAction) }},
	{"aws.ecr", "ECR Image Scan", nil, func() Event { return new(ImageScan) }},
	{"aws.ecr", "ECR Scan Resource Change", nil, func() Event { return new(ImageScanResourceChange) }},
	{"aws.s3", "", []string{
		"Object Created", "Object Deleted", "Object Restore Initiated", "Object Restore Completed",
		"Object Restore Expired", "Object Storage Class Changed", "Object Access Tier Changed",
		"Object ACL Updated", "Object Tags Added", "Object Tags Deleted",
	}, func() Event { return new(S3ObjectChange) }},
}

type kind struct {
	source     string
	detailType string   // for an event that was built in Go without one
	others     []string // that are the same type
	new        func() Event
}

// headless are the events without a header.
var headless = [...]func() Event{
	func() Event { return new(Unknown) },
	func() Event { return new(RepositoryTrigger) },
	func() Event { return new(Job) },
	func() Event { return new(ApprovalRequest) },
	func() Event { return new(S3Notification) },
	func() Event { return new(S3TestEvent) },
	func() Event { return new(DeploymentHook) },
}

// newEvent returns an empty event of the type for a source and detail type.
// The source counts because anyone may send a detail type, but only AWS a
// source that begins with aws.
func newEvent(source, detailType string) Event {
	for i := range kinds {
		k := &kinds[i]
		if k.source == source && (k.detailType == detailType || slices.Contains(k.others, detailType)) {
			return k.new()
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
				setDefault(&e.header().DetailType, k.detailType)
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
