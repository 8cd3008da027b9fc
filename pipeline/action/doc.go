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
// [Run] turns whatever a handler does into an [Outcome] that CodePipeline
// takes: errors get a failure type, panics are recovered, results are checked,
// texts are cut, credentials and secret configuration are taken out of them. A
// [Lambda] reports the outcome before its deadline even if the handler does not
// return, and tries again while CodePipeline does not take it. A job that has
// ended meanwhile, as by a timeout, needs no answer.
//
// # At least once
//
// When a result could not be reported, [Lambda.Invoke] returns an error and
// Lambda invokes the function with the same job again, by default twice: the
// handler then runs again, with the same [Job.ID]. Work that must not be done
// twice needs a record of that ID, or a token of the service that does it.
//
// # Long work
//
// A Lambda function has 15 minutes, and CodePipeline waits 20 for its answer. A
// handler that returns [Continue] is called again with another job, until the
// action's 24 hours are over; [Job.DecodeContinuationToken] tells where it was.
//
// # Artifacts
//
// Artifacts are read and put with the credentials that come with the job, which
// open nothing else, and never with those of the program. They are asked for
// again, by GetJobDetails, a minute before they expire, 14 minutes after they
// came if CodePipeline did not say when they expire, and when S3 says that they
// have.
//
// An input artifact is downloaded to a temporary file, 4 parts of 8 MiB at a
// time, and a tar.gz archive is unpacked into another one that takes its place.
// What is in it is checked before it is handed out; see [Job.Input] and
// [Limits]. A Lambda function has 512 MB of temporary files, unless it is
// configured to have more.
//
// An output artifact is streamed to S3; if that fails, nothing is left. Only
// where the job's credentials do not allow s3:AbortMultipartUpload may parts of
// one remain, invisible, which a lifecycle rule of the bucket removes.
//
// Measured with 500 MiB in ten files, half of it compressible, on two cores that
// also run the server of the test: putting takes 64 MiB of memory and 1.4 s,
// downloading and reading everything 5 MiB and 0.7 s.
//
// # Permissions
//
// The role of a Lambda function needs codepipeline:PutJobSuccessResult and
// codepipeline:PutJobFailureResult, and codepipeline:GetJobDetails for work that
// outlasts the job's credentials and for [Job.PipelineContext]. IAM knows no
// resources for them: the resource is "*". For its own log it needs
// logs:CreateLogGroup, logs:CreateLogStream and logs:PutLogEvents.
//
// It needs none for artifacts. The job's credentials are made from the role of
// the pipeline's action, which needs s3:GetObject and s3:PutObject for the
// artifact store, and, if that is encrypted with a KMS key of one's own,
// kms:Decrypt and kms:GenerateDataKey, which the key's policy has to allow too.
//
// # Limits
//
// Output artifacts are zip archives of at most 78 GiB. Input artifacts are zip
// (stored or deflated), tar and tar.gz archives with names in UTF-8; an artifact
// that is one plain file can be got with [Job.Credentials]. Sparse files and
// encrypted entries are not supported.
package action
