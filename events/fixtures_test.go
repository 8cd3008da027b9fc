package events_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/internal/fixturetest"
)

type fixture struct {
	File   string
	Kind   string
	Expect map[string]any
	Broken string // the original text, before it was repaired
}

// TestFixtures decodes every payload and compares every value that the
// manifest lists. A key of the manifest that the test does not know fails it.
func TestFixtures(t *testing.T) {
	t.Parallel()
	var list []fixture
	dir := fixturetest.Load(t, &list)
	for _, f := range list {
		t.Run(f.File, func(t *testing.T) {
			t.Parallel()
			data := fixturetest.Read(t, dir, f.File)
			all, err := events.DecodeAll(data)
			if err != nil {
				t.Fatal(err)
			}
			if len(all) == 0 {
				t.Fatal("no event")
			}
			if strings.HasPrefix(f.Kind, "api.") {
				// Replies of the CodePipeline API are no events; they are kept whole.
				if _, ok := all[0].(*events.Unknown); !ok || len(all) != 1 {
					t.Errorf("got %T, want one *events.Unknown", all[0])
				}
				checkRoundTrip(t, all[0])
				return
			}
			if want := wantType(f.Kind); want != "" {
				for _, e := range all {
					if got := typeName(e); got != want {
						t.Errorf("got %s, want %s", got, want)
					}
				}
			}
			if len(all) == 1 {
				if _, err := events.Decode(data); err != nil {
					t.Errorf("Decode: %v", err)
				}
			}
			values := fixtureValues(t, all, f.Expect)
			for key, want := range f.Expect {
				got, ok := values[key]
				if !ok {
					t.Errorf("key %q: not known for %T", key, all[0])
					continue
				}
				if diff := cmp.Diff(want, plain(t, got)); diff != "" {
					t.Errorf("key %q: mismatch (-want +got):\n%s", key, diff)
				}
			}
			if h := headerOf(all[0]); h != nil && f.Expect["time"] != nil && f.Expect["timeInvalid"] == nil {
				checkDates(t, h.Time)
			}
			for _, e := range all {
				checkRoundTrip(t, e)
			}
		})
	}
}

// TestFixturesBroken decodes the texts as their authors printed them, before
// they were repaired: all are malformed JSON.
func TestFixturesBroken(t *testing.T) {
	t.Parallel()
	var list []fixture
	dir := fixturetest.Load(t, &list)
	for _, f := range list {
		if f.Broken == "" {
			continue
		}
		t.Run(f.Broken, func(t *testing.T) {
			t.Parallel()
			data := fixturetest.Read(t, dir, f.Broken)
			if json.Valid(data) {
				t.Fatal("the text is valid JSON")
			}
			if all, err := events.DecodeAll(data); err == nil {
				t.Errorf("no error, decoded %d events", len(all))
			} else if !strings.HasPrefix(err.Error(), "events: decode: ") {
				t.Errorf("unclear error: %v", err)
			} else {
				t.Log(err)
			}
		})
	}
}

func typeName(e events.Event) string {
	return strings.TrimPrefix(strings.TrimPrefix(jsonType(e), "*"), "events.")
}

// wantType returns the Go type for a kind of the manifest.
func wantType(kind string) string {
	for prefix, name := range map[string]string{
		"codebuild.buildPhase":                      "BuildPhaseChange",
		"codebuild.buildState":                      "BuildStateChange",
		"codecommit.approvalRuleTemplate":           "ApprovalRuleTemplateChange",
		"codecommit.batch":                          "ApprovalRuleTemplateChange",
		"codecommit.commentOnCommit":                "CommitComment",
		"codecommit.commentOnPullRequest":           "PullRequestComment",
		"codecommit.commentReaction":                "CommentReactionChange",
		"codecommit.pullRequest":                    "PullRequestStateChange",
		"codecommit.reference":                      "RepositoryStateChange",
		"codecommit.unreferencedMergeCommitCreated": "RepositoryStateChange",
		"codecommit.trigger":                        "RepositoryTrigger",
		"codedeploy.deployment":                     "DeploymentStateChange",
		"codedeploy.instance":                       "DeploymentInstanceStateChange",
		"codepipeline.action":                       "ActionExecutionStateChange",
		"codepipeline.stage":                        "StageExecutionStateChange",
		"codepipeline.pipeline":                     "PipelineExecutionStateChange",
		"codepipeline.approvalRequest":              "ApprovalRequest",
		"codepipeline.job":                          "Job",
		"ecr.imageAction":                           "ImageAction",
		"ecr.imageScan":                             "ImageScan",
		"ecr.scanResourceChange":                    "ImageScanResourceChange",
		"events.other":                              "Unknown",
		"events.scheduled":                          "ScheduledEvent",
		"s3.eventbridge":                            "S3ObjectChange",
		"s3.notification":                           "S3Notification",
		"s3.testEvent":                              "S3TestEvent",
		"sns.notification":                          "Unknown",
		"sqs.message":                               "Unknown",
		"states.executionStatus":                    "StateMachineExecutionStatusChange",
	} {
		if strings.HasPrefix(kind, prefix) {
			return name
		}
	}
	return "a kind that the test does not know"
}

// fixtureValues returns what was decoded under the keys of the manifest.
func fixtureValues(t *testing.T, all []events.Event, expect map[string]any) map[string]any {
	t.Helper()
	e := all[0]
	v := map[string]any{}
	if h := headerOf(e); h != nil && h.DetailType != "" {
		format := "eventbridge"
		switch raw := string(e.Raw()); {
		case h.NotificationRuleARN != "":
			format = "notification"
		case !strings.Contains(raw, `"detail-type"`):
			format = "eventbridge(detailType)"
		}
		maps.Copy(v, map[string]any{
			"format": format, "detailType": h.DetailType, "id": h.ID, "account": h.Account, "region": h.Region,
			"time": h.Time, "resource": h.Resource(), "notificationRuleArn": h.NotificationRuleARN, "replayName": h.ReplayName,
		})
		_, err := h.Time.Time()
		v["timeInvalid"] = err != nil
	}
	d := deliveryOf(e)
	switch {
	case d.SQS != nil:
		v["envelope"] = []string{"sqs"}
	case d.SNS != nil && d.SNS.SubscriptionARN != "":
		v["envelope"] = []string{"sns"}
	case d.SNS != nil:
		v["envelope"] = []string{"sns-http"}
	default: // an array leaves no trace
		v["envelope"] = []string{"array"}
	}
	if s := d.SNS; s != nil {
		maps.Copy(v, map[string]any{
			"topicArn": s.TopicARN, "snsMessageId": s.MessageID, "messageId": s.MessageID,
			"snsSubject": s.Subject, "timestamp": s.Timestamp,
		})
	}
	if want, ok := expect["records"].([]any); ok {
		records := []any{}
		for i, e := range all {
			record := recordValues(t, e)
			if i < len(want) { // null and missing are not told apart
				keep := want[i].(map[string]any)
				maps.DeleteFunc(record, func(k string, _ any) bool { _, ok := keep[k]; return !ok })
			}
			records = append(records, record)
		}
		v["records"] = records
	}
	typeValues(t, e, v, expect)
	return v
}

func recordValues(t *testing.T, e events.Event) map[string]any {
	switch e := e.(type) {
	case *events.RepositoryTrigger:
		refs := []any{}
		for _, r := range e.References {
			ref := map[string]any{"ref": r.Ref, "commit": r.Commit}
			if r.Created {
				ref["created"] = true
			}
			if r.Deleted {
				ref["deleted"] = true
			}
			refs = append(refs, ref)
		}
		return map[string]any{
			"repository": e.Repository(), "region": e.Region, "account": e.Account(), "eventName": e.EventName,
			"eventTriggerName": e.TriggerName, "eventTime": e.Time, "eventId": e.EventID,
			"userIdentityARN": e.UserIdentityARN, "customData": e.CustomData, "references": refs,
		}
	case *events.S3Notification:
		return map[string]any{
			"eventName": e.EventName, "eventTime": e.Time, "region": e.Region, "bucket": e.Bucket, "keyRaw": e.EncodedKey,
			"key": e.Key(), "size": e.Size, "eTag": e.ETag, "versionId": e.VersionID, "sequencer": e.Sequencer,
		}
	case *events.Unknown:
		text := e.Text
		if text == "" {
			text = string(e.Raw())
		}
		v := map[string]any{"message": text, "body": text}
		if s := e.Delivery.SNS; s != nil {
			maps.Copy(v, map[string]any{"topicArn": s.TopicARN, "messageId": s.MessageID, "subject": s.Subject, "timestamp": s.Timestamp})
		} else if s := e.Delivery.SQS; s != nil {
			maps.Copy(v, map[string]any{"messageId": s.MessageID, "queueArn": s.QueueARN})
		}
		return v
	}
	t.Fatalf("records of %T", e)
	return nil
}

func typeValues(t *testing.T, e events.Event, v, expect map[string]any) {
	switch e := e.(type) {
	case *events.PipelineExecutionStateChange:
		maps.Copy(v, map[string]any{
			"pipeline": e.Pipeline, "executionId": e.ExecutionID, "state": e.State, "version": e.PipelineVersion,
			"pipelineExecutionAttempt": e.Attempt, "startTime": e.StartTime, "stopExecutionComments": e.StopComments,
			"failedActions": failedActions(e.FailedActions), "failedActionCount": e.FailedActionCount, "failedStage": e.FailedStage,
			"sourceActions": sourceActions(e.SourceActions), "trigger": trigger(e.Trigger),
		})
	case *events.StageExecutionStateChange:
		maps.Copy(v, map[string]any{
			"pipeline": e.Pipeline, "executionId": e.ExecutionID, "state": e.State, "version": e.PipelineVersion, "stage": e.Stage,
			"pipelineExecutionAttempt": e.Attempt, "startTime": e.StartTime, "stageLastRetryAttemptTime": e.LastRetryTime,
			"failedActions": failedActions(e.FailedActions), "failedActionCount": e.FailedActionCount,
			"sourceActions": sourceActions(e.SourceActions),
		})
	case *events.ActionExecutionStateChange:
		maps.Copy(v, map[string]any{
			"pipeline": e.Pipeline, "executionId": e.ExecutionID, "state": e.State, "version": e.PipelineVersion, "stage": e.Stage,
			"action": e.Action, "actionExecutionId": e.ActionExecutionID, "actionRegion": e.ActionRegion,
			"pipelineExecutionAttempt": e.Attempt, "startTime": e.StartTime, "additionalInformation": e.AdditionalInformation,
			"owner": e.Type.Owner, "provider": e.Type.Provider, "category": e.Type.Category, "typeVersion": e.Type.Version,
			"inputArtifacts": artifacts(e.InputArtifacts), "outputArtifacts": artifacts(e.OutputArtifacts),
		})
		if r := e.Result; r != nil {
			v["executionResult"] = nonEmpty(map[string]any{
				"externalExecutionId": r.ExternalExecutionID, "externalExecutionUrl": r.URL,
				"externalExecutionSummary": r.Summary, "errorCode": r.ErrorCode,
			})
		}
		if r, ok := e.SourceRevision(); ok {
			source := nonEmpty(map[string]any{"commitMessage": r.Message})
			if r.Provider == "CodeCommit" {
				source["repository"] = r.Repository
			} else {
				provider := string(r.Provider)
				if strings.Contains(e.Result.Summary, `"BitBucket"`) { // some summaries do not spell it as the API
					provider = "BitBucket"
				}
				source["providerType"], source["fullRepositoryId"] = provider, r.Repository
			}
			v["source"] = source
		}
	case *events.PullRequestStateChange:
		maps.Copy(v, map[string]any{
			"event": e.Event, "pullRequestId": e.PullRequestID, "repository": e.Repository(), "title": e.Title, "description": e.Description,
			"author": e.Author, "callerUserArn": e.CallerUserARN, "isMerged": e.IsMerged, "mergeOption": e.MergeOption,
			"pullRequestStatus": e.Status, "revisionId": e.RevisionID, "sourceReference": e.SourceReference, "sourceBranch": e.SourceBranch(),
			"sourceCommit": e.SourceCommit, "destinationReference": e.DestinationReference, "destinationBranch": e.DestinationBranch(),
			"destinationCommit": e.DestinationCommit, "approvalStatus": e.ApprovalStatus, "overrideStatus": e.OverrideStatus,
			"approvalRuleId": e.ApprovalRuleID, "approvalRuleName": e.ApprovalRuleName, "approvalRuleContentSha256": e.ApprovalRuleContentSHA256,
			"comments": commentTexts(e.Comments),
		})
		checkDates(t, e.CreationDate, e.LastModifiedDate)
	case *events.PullRequestComment:
		maps.Copy(v, map[string]any{
			"event": e.Event, "pullRequestId": e.PullRequestID, "repository": e.RepositoryName, "repositoryId": e.RepositoryID,
			"callerUserArn": e.CallerUserARN, "commentId": e.CommentID, "inReplyTo": e.InReplyTo, "beforeCommitId": e.BeforeCommitID,
			"afterCommitId": e.AfterCommitID, "displayName": e.DisplayName, "emailAddress": e.EmailAddress,
		})
		locationValues(t, e.CommentLocation, v, expect)
	case *events.CommitComment:
		maps.Copy(v, map[string]any{
			"event": e.Event, "repository": e.RepositoryName, "repositoryId": e.RepositoryID,
			"callerUserArn": e.CallerUserARN, "commentId": e.CommentID, "inReplyTo": e.InReplyTo, "beforeCommitId": e.BeforeCommitID,
			"afterCommitId": e.AfterCommitID, "displayName": e.DisplayName, "emailAddress": e.EmailAddress,
		})
		locationValues(t, e.CommentLocation, v, expect)
	case *events.CommentReactionChange:
		maps.Copy(v, map[string]any{
			"event": e.Event, "repository": e.RepositoryName, "repositoryId": e.RepositoryID, "callerUserArn": e.CallerUserARN,
			"commentId": e.CommentID, "reactionEmojis": e.ReactionEmojis, "reactionUnicodes": e.ReactionUnicodes, "reactionShortcodes": e.ReactionShortcodes,
		})
	case *events.ApprovalRuleTemplateChange:
		maps.Copy(v, map[string]any{
			"event": e.Event, "callerUserArn": e.CallerUserARN, "repositories": slices.Sorted(maps.Keys(e.Repositories)),
			"approvalRuleTemplateId": e.TemplateID, "approvalRuleTemplateName": e.TemplateName, "approvalRuleTemplateContentSha256": e.TemplateContentSHA256,
		})
		checkDates(t, e.CreationDate, e.LastModifiedDate)
	case *events.RepositoryStateChange:
		maps.Copy(v, map[string]any{
			"event": e.Event, "repository": e.RepositoryName, "repositoryId": e.RepositoryID, "referenceType": e.ReferenceType,
			"referenceName": e.ReferenceName, "referenceFullName": e.ReferenceFullName, "commitId": e.CommitID, "oldCommitId": e.OldCommitID,
			"baseCommitId": e.BaseCommitID, "sourceCommitId": e.SourceCommitID, "destinationCommitId": e.DestinationCommitID,
			"mergeOption": e.MergeOption, "callerUserArn": e.CallerUserARN,
		})
	case *events.BuildStateChange:
		maps.Copy(v, map[string]any{
			"project": e.Project, "buildId": e.BuildARN, "buildStatus": e.Status, "currentPhase": e.CurrentPhase, "currentPhaseContext": e.CurrentPhaseContext,
		})
		buildValues(t, e.Build, v)
	case *events.BuildPhaseChange:
		maps.Copy(v, map[string]any{
			"project": e.Project, "buildId": e.BuildARN, "completedPhase": e.Phase, "completedPhaseStatus": e.PhaseStatus,
			"completedPhaseDurationSeconds": e.PhaseSeconds, "completedPhaseContext": e.PhaseContext,
		})
		checkDates(t, e.PhaseStart, e.PhaseEnd)
		buildValues(t, e.Build, v)
	case *events.DeploymentStateChange:
		maps.Copy(v, map[string]any{
			"application": e.Application, "deploymentGroup": e.DeploymentGroup, "deploymentId": e.DeploymentID, "state": e.State,
		})
	case *events.DeploymentInstanceStateChange:
		maps.Copy(v, map[string]any{
			"application": e.Application, "deploymentGroup": e.DeploymentGroup, "deploymentId": e.DeploymentID, "state": e.State, "instanceId": e.InstanceID,
		})
	case *events.ScheduledEvent:
		v["rule"] = e.Rule()
		if group, name, ok := e.Schedule(); ok {
			v["rule"] = group + "/" + name
		}
	case *events.StateMachineExecutionStatusChange:
		maps.Copy(v, map[string]any{
			"executionArn": e.ExecutionARN, "stateMachineArn": e.StateMachineARN, "name": e.ExecutionName, "status": e.Status,
			"startDate": json.Number(e.StartDate), "stopDate": json.Number(e.StopDate), "input": e.Input, "output": e.Output,
		})
	case *events.ImageAction:
		maps.Copy(v, map[string]any{
			"repository": e.Repository, "imageDigest": e.Digest, "imageTag": e.Tag, "actionType": e.Action, "result": e.Result,
		})
	case *events.ImageScan:
		maps.Copy(v, map[string]any{
			"repository": e.Repository, "imageDigest": e.Digest, "imageTags": e.Tags, "scanStatus": e.Status, "findingSeverityCounts": e.FindingSeverityCounts,
		})
	case *events.ImageScanResourceChange:
		v["actionType"] = e.Action
	case *events.S3ObjectChange:
		maps.Copy(v, map[string]any{
			"bucket": e.Bucket, "key": e.Key, "size": e.Size, "etag": e.ETag, "versionId": e.VersionID, "sequencer": e.Sequencer,
			"reason": e.Reason, "requester": e.Requester,
		})
	case *events.S3TestEvent:
		v["bucket"], v["service"] = e.Bucket, e.Service
	case *events.ApprovalRequest:
		maps.Copy(v, map[string]any{
			"region": e.Region, "consoleLink": e.ConsoleLink, "pipeline": e.Pipeline, "stage": e.Stage, "action": e.Action, "token": e.Token.Reveal(),
			"expires": e.Expires, "externalEntityLink": e.ExternalEntityLink, "customData": e.CustomData, "approvalReviewLink": e.ApprovalReviewLink.Reveal(),
		})
		checkDates(t, e.Expires)
	case *events.Job:
		maps.Copy(v, map[string]any{
			"jobId": e.ID, "accountId": e.AccountID, "functionName": e.FunctionName, "userParameters": e.UserParameters.Reveal(),
			"inputArtifacts": jobArtifacts(e.InputArtifacts), "outputArtifacts": jobArtifacts(e.OutputArtifacts),
			"continuationToken": e.ContinuationToken, "accessKeyId": e.Credentials.AccessKeyID.Reveal(),
			"credentialsExpirationTime": json.Number(e.Credentials.ExpirationTime),
		})
		if k := e.EncryptionKey; k != nil {
			v["encryptionKey"] = map[string]any{"id": k.ID, "type": k.Type}
		}
	case *events.Unknown:
		v["message"] = string(e.Raw())
	}
}

func locationValues(t *testing.T, l events.CommentLocation, v, expect map[string]any) {
	maps.Copy(v, map[string]any{
		"filePath": l.FilePath, "commentedLine": l.Line, "commentedLineNumber": l.LineNumber, "comments": commentTexts(l.Comments),
	})
	for _, key := range []string{"filePath", "commentedLine", "commentedLineNumber"} {
		if zero := v[key] == "" || v[key] == 0; !zero && expect[key] == nil {
			t.Errorf("%s is %q, want none", key, v[key])
		}
	}
}

func buildValues(t *testing.T, b events.Build, v map[string]any) {
	phases := []any{}
	for _, p := range b.Phases {
		phase := map[string]any{"type": p.Type}
		if p.Status != "" {
			phase["status"], phase["seconds"] = p.Status, p.Seconds
		}
		phases = append(phases, phase)
		checkDates(t, p.Start, p.End)
	}
	checkDates(t, b.StartTime)
	maps.Copy(v, map[string]any{
		"buildNumber": b.Number, "buildComplete": b.Complete, "initiator": b.Initiator, "timeoutInMinutes": b.TimeoutMinutes,
		"sourceType": b.Source.Type, "sourceLocation": b.Source.Location, "sourceVersion": b.SourceVersion,
		"logsDeepLink": b.Logs.DeepLink, "logGroup": b.Logs.Group, "logStream": b.Logs.Stream, "phases": phases,
	})
}

func checkDates(t *testing.T, dates ...events.Timestamp) {
	t.Helper()
	for _, d := range dates {
		if _, err := d.Time(); err != nil && d != "" {
			t.Errorf("time %q: %v", d, err)
		}
	}
}

func failedActions(list []events.FailedAction) (names []string) {
	for _, a := range list {
		names = append(names, a.Action)
	}
	return names
}

func sourceActions(list []events.SourceAction) (all []any) {
	for _, a := range list {
		all = append(all, map[string]any{"name": a.Name, "provider": a.Provider, "variables": a.Variables})
	}
	return all
}

func commentTexts(list []events.CommentText) (texts []string) {
	for _, c := range list {
		texts = append(texts, c.Text)
	}
	return texts
}

func trigger(x *events.ExecutionTrigger) any {
	if x == nil {
		return nil
	}
	return nonEmpty(map[string]any{
		"type": x.Type, "detail": x.Detail, "providerType": x.ProviderType, "fullRepositoryName": x.FullRepositoryName,
		"branch": x.Branch, "tag": x.Tag, "commitId": x.CommitID, "commitMessage": x.CommitMessage,
		"connectionArn": x.ConnectionARN, "authorId": x.AuthorID, "authorDisplayName": x.AuthorDisplayName,
	})
}

func artifacts(list []events.Artifact) (all []any) {
	for _, a := range list {
		all = append(all, map[string]any{"name": a.Name, "bucket": a.Bucket, "key": a.Key})
	}
	return all
}

func jobArtifacts(list []events.JobArtifact) (all []any) {
	for _, a := range list {
		revision := any(a.Revision)
		if a.Revision == "" {
			revision = nil
		}
		all = append(all, map[string]any{"name": a.Name, "revision": revision, "bucket": a.Bucket, "key": a.Key})
	}
	return all
}

func nonEmpty(m map[string]any) map[string]any {
	maps.DeleteFunc(m, func(_ string, v any) bool { return v == "" })
	return m
}

// plain turns a value into what encoding/json makes of it.
func plain(t *testing.T, v any) any {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var p any
	if err := json.Unmarshal(data, &p); err != nil {
		t.Fatal(err)
	}
	return p
}
