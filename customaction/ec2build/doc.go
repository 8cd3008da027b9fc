// Package ec2build builds on EC2 instances, one fresh instance for each job of a
// custom action of CodePipeline. A state machine of Step Functions launches the
// instance, runs the build on it by Systems Manager, terminates it, and reports
// the job's result. A Lambda function starts the executions:
//
//	handler := ec2build.Open(cfg, ec2build.ActionType(cfg.Region, "build-linux"), stateMachineARN,
//		func(o *ec2build.Options) {
//			o.Name, o.LogGroup, o.InstanceProfile = "builds", "/codesuite/builds", "builder"
//			o.Documents.Linux = "build-linux"
//		})
//	var mux events.Mux
//	if err := handler.Register(&mux); err != nil {
//		return err
//	}
//	lambda.Start(&mux)
//
// [Definition] returns the state machine and [Document] the documents of Systems
// Manager, as JSON for your template. [ActionType] returns the action type, which its
// method Ensure creates. [Handler.Patterns] has the rules of EventBridge that invoke
// the function. The folder examples/ec2build has all of that in one template, and says
// when CodeBuild is the better choice.
//
// # The life of a job
//
//  1. The event of the action makes [Handler.Poll] poll. It acknowledges the job, and
//     answers with a continuation token and the link to the execution that is to be. A
//     configuration that is wrong fails the job instead.
//  2. CodePipeline makes a second job. Poll starts the execution with the ID of this
//     job, and then acknowledges the job.
//  3. The execution reports the job. [Handler.HandleExecution] does it for one that
//     was stopped, timed out or crashed.
//
// An instance is terminated by the state machine on all its paths, by its own user
// data after its time, and by [Handler.Sweep], which looks at the execution first.
// [Document] says what commands find on the instance.
//
// # Secrets
//
// The input of an execution and the parameters of a command can be read by many. So
// they hold neither the credentials of the job nor pre-signed URLs, and the action
// type has no secret property; see [Input]. Secrets of builds belong to AWS Secrets
// Manager.
//
// Builds read and write artifacts with the role of their instance, whose credentials
// last hours and can be read by the build: limit the role to the prefixes of the
// pipelines that may see each other's artifacts, or install the handler once for each.
//
// # Permissions
//
// The handler needs codepipeline:PollForJobs, AcknowledgeJob, PutJobSuccessResult,
// PutJobFailureResult and ListActionExecutions; states:StartExecution, ListExecutions,
// DescribeExecution and StopExecution; ec2:DescribeImages, DescribeInstances,
// CreateTags and TerminateInstances; ssm:GetParameter for images that are named by
// parameters. The state machine needs those of its calls, see [Definition].
//
// # Limits
//
// A custom action has 24 hours in all. A build cannot reboot its instance. A function
// that is killed between two calls of step 1 leaves the action waiting for its
// timeout; see [Handler.Poll].
package ec2build
