// Package events decodes and routes the events of the AWS code suite:
// CodeCommit, CodePipeline and CodeBuild, and of the services around them in
// CI/CD (CodeDeploy, schedules, Step Functions, Spot, ECR, S3). It reads events from
// EventBridge, EventBridge Scheduler, notification rules, repository triggers and
// Lambda invoke actions, bare or inside SNS and SQS messages.
//
//	var mux events.Mux
//	err := events.On(&mux, func(ctx context.Context, e *events.PullRequestStateChange) error {
//		log.Printf("pull request %s: %s", e.PullRequestID, e.Event)
//		return nil
//	})
//	// handle err
//	lambda.Start(&mux)
//
// # Decoding
//
// [Decode] returns the one event in a payload, [DecodeAll] all of them. A missing
// field is the zero value. States, providers and the like are open sets. Times
// are kept as text; [Timestamp.Time] reads them. Encoding an event gives back every
// field, known or not.
//
// The identity of an event is read strictly: its type, its header and the fields
// of its idempotency key. Any other value that does not fit leaves its field
// empty, and Event.Problems has the reason; see [Event].
//
// # One model over two sources
//
// A pipeline event is the same type whether EventBridge or a notification
// rule sent it. A push is a [RefEvent] whether it came as a
// [RepositoryTrigger] or as a [RepositoryStateChange], and an object of S3 an
// [S3Event].
//
// # At least once, in any order
//
// AWS delivers events at least once, and not in order. Event.IdempotencyKey is the
// same for two deliveries of one event. [Dedup] is the middleware that uses it, with a
// [MemoryStore] or a table of package events/dynamostore. The Supersedes methods
// tell an old state from a newer one.
//
// # SQS
//
// [Mux.Invoke] answers a batch of SQS messages with the messages that failed.
// The event source mapping needs the function response type
// ReportBatchItemFailures; without it, failed messages are lost. A message
// that cannot be decoded is a failed one: configure a dead-letter queue.
//
// # Rules
//
// Package events/pattern builds, checks and matches the event patterns of
// EventBridge rules. pattern.When makes one the filter of a handler.
//
// # Secrets
//
// fmt, log/slog and encoding/json show neither the credentials and parameters of
// a [Job] nor the token of an [ApprovalRequest]: they are of type [Secret]. Raw
// has them.
//
// # Permissions
//
// The package makes no AWS calls and needs no permissions. A Lambda function
// that reads a queue needs sqs:ReceiveMessage, sqs:DeleteMessage and
// sqs:GetQueueAttributes.
//
// # Limits
//
// Payloads have at most [MaxSize] bytes, [MaxDepth] levels and [MaxEvents]
// events. SNS signatures are not verified: Lambda and SQS deliver only messages
// that AWS accepted, but an HTTP endpoint must check them itself. [DecodeAll] says
// which messages are not opened.
package events
