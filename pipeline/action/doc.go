// Package action runs jobs of CodePipeline actions: a [Handler] reads the
// input artifacts of a [Job], does the work, puts the output artifacts and
// returns a [Result]. The same handler serves a Lambda invoke action
// ([OpenLambda]) and a custom or third-party action (package customaction).
//
//	check := action.HandlerFunc(func(ctx context.Context, job *action.Job) (*action.Result, error) {
//		source, err := job.Input(ctx, "Source") // an fs.FS
//		if err != nil {
//			return nil, err
//		}
//		report, err := lint(ctx, source) // an fs.FS too
//		if err != nil {
//			return nil, err
//		}
//		return &action.Result{Summary: "no findings"}, job.PutOutput(ctx, "Report", report)
//	})
//	lambda.Start(action.OpenLambda(cfg, check))
//
// # Every job is answered
//
// [Run] turns a handler's result, error or panic into an [Outcome] that
// CodePipeline takes, without the job's secrets. A [Lambda] reports the outcome
// before its deadline, even if the handler does not return, and repeats the
// report until CodePipeline takes it.
//
// A Lambda function has 15 minutes, and CodePipeline waits 20 for its answer. A
// handler that needs longer returns [Continue]. It is then called with another
// job, until the action's 24 hours are over.
//
// # Artifacts
//
// [Job.Input] shows an archive as a file system, and [Job.OpenInput] an artifact
// that is one file. They download it to temporary files. A Lambda function has
// 512 MB of these, unless it is configured to have more.
//
// [Job.PutOutput] streams a zip archive to S3, and [Job.PutOutputFile] one file.
//
// Artifacts are read and put with the job's credentials, which open nothing
// else, and never with those of the program. [Job] refreshes them.
//
// # Permissions
//
// The role of a Lambda function needs codepipeline:GetJobDetails,
// codepipeline:PutJobSuccessResult and codepipeline:PutJobFailureResult. IAM
// knows no resources for them: the resource is "*". For its log the role needs
// logs:CreateLogStream and logs:PutLogEvents.
//
// It needs no permission for artifacts: the job's credentials are those of the role of
// the pipeline's action. That role needs s3:GetObject and s3:PutObject for the artifact
// store and, if the store has a KMS key of its own, kms:Decrypt and
// kms:GenerateDataKey, also in the policy of the key.
//
// # Limits
//
// Anybody who can push to a source may choose what is in an artifact. Everything
// that a job holds of one counts against its [Limits] while the artifact is
// read: entries, names, targets of links, depth and sizes. With the default
// limits an input artifact takes at most 256 MiB of memory. An output artifact
// takes 64 MiB for its transfer, and less than 1 kB besides its name for each
// entry.
//
// Input artifacts are zip (stored or deflated), tar and tar.gz archives with
// names in UTF-8. Sparse files and encrypted entries are not supported. Output
// artifacts have at most 78 GiB.
package action
