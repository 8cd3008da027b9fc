// Package multibranch runs one pipeline for many branches of a CodeCommit
// repository. CodePipeline follows one branch per CodeCommit source action; its
// triggers for branches and tags exist for connections to GitHub, GitLab and
// Bitbucket only.
//
//	handler := multibranch.Open(cfg, func(o *multibranch.Options) {
//		o.Pipeline = "app"
//		o.Branches = []string{"main", "feature/**"}
//	})
//	var mux events.Mux
//	if err := handler.Register(&mux); err != nil {
//		return err
//	}
//	lambda.Start(&mux)
//
// The handler takes the events of an EventBridge rule ("CodeCommit Repository
// State Change") and of repository triggers.
//
// # Models
//
//   - [ModelCommit] starts the pipeline with the pushed commit.
//   - [ModelS3] archives the commit to a bucket, and starts the pipeline with that
//     version of the object.
//   - [ModelPerBranch] keeps a copy of a template pipeline for each branch and
//     starts that.
//
// Executions get the variables BRANCH, COMMIT and REPOSITORY, as far as the
// pipeline declares them.
//
// # The life of a branch
//
// A new branch and each push start one execution, pinned to the pushed commit.
// Deleting a branch stops its running executions and removes what the handler
// made for it: its trigger, its objects with all versions, its pipeline.
// Branches of [Options].Protected and the default branch keep all of these.
//
// # Order and repetition
//
// Events arrive more than once and in any order. A repeated event starts
// nothing again: the service recognises it by a token of the pipeline, the
// branch, the commit and the second of the push. [ModelS3] and [ModelPerBranch]
// also recognise a push that EventBridge and a trigger both report, with times
// up to five seconds apart.
//
// An event whose commit is no longer the head of its branch starts nothing, unless
// [Options].EveryPush is set: the newer push has its own event. An execution that lost
// a race with a newer push is stopped.
//
// Errors such as a pipeline with too many executions are returned, so that
// Lambda or the queue delivers the event again.
//
// # Permissions
//
//   - all models: codecommit:GetBranch, codecommit:GetCommit and
//     codecommit:GetRepository; codepipeline:GetPipeline,
//     codepipeline:StartPipelineExecution, codepipeline:StopPipelineExecution,
//     codepipeline:ListPipelineExecutions and codepipeline:GetPipelineExecution
//   - ModelS3: codecommit:GetDifferences, codecommit:GetBlob and
//     codecommit:GetFolder; s3:PutObject, s3:GetObject, s3:GetObjectVersion,
//     s3:ListBucket, s3:ListBucketVersions, s3:DeleteObjectVersion and
//     s3:AbortMultipartUpload
//   - ModelPerBranch: codepipeline:CreatePipeline, codepipeline:UpdatePipeline,
//     codepipeline:DeletePipeline, codepipeline:TagResource and
//     codepipeline:ListTagsForResource; iam:PassRole for the roles of the template
//   - Options.Triggers: those of package trigger
//   - Doctor: codecommit:ListBranches, codecommit:GetRepositoryTriggers and, with
//     Options.Triggers, codecommit:TestRepositoryTriggers; s3:GetBucketVersioning
//     for ModelS3
//
// # Limits
//
// A pipeline in QUEUED or PARALLEL mode runs about 50 executions. An S3 source
// takes 5 GB, a CodeCommit source 1 GB. Triggers per branch end at 10 branches,
// see package trigger. An account has 1,000 pipelines in a Region.
package multibranch
