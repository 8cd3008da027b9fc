package customaction

import (
	"context"

	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
)

// API is the part of the AWS SDK's CodePipeline client that a [Worker] of the
// owner Custom calls. [*awscodepipeline.Client] implements it. A fake for tests
// should embed the interface: a later version may have more methods.
type API interface {
	AcknowledgeJob(context.Context, *awscodepipeline.AcknowledgeJobInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.AcknowledgeJobOutput, error)
	GetJobDetails(context.Context, *awscodepipeline.GetJobDetailsInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.GetJobDetailsOutput, error)
	ListActionExecutions(context.Context, *awscodepipeline.ListActionExecutionsInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.ListActionExecutionsOutput, error)
	PollForJobs(context.Context, *awscodepipeline.PollForJobsInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.PollForJobsOutput, error)
	PutJobFailureResult(context.Context, *awscodepipeline.PutJobFailureResultInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.PutJobFailureResultOutput, error)
	PutJobSuccessResult(context.Context, *awscodepipeline.PutJobSuccessResultInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.PutJobSuccessResultOutput, error)
}

// ThirdPartyAPI is the part of the AWS SDK's CodePipeline client that a [Worker]
// of the owner ThirdParty calls. The [API] given to [New] has to implement it, as
// [*awscodepipeline.Client] does.
type ThirdPartyAPI interface {
	AcknowledgeThirdPartyJob(context.Context, *awscodepipeline.AcknowledgeThirdPartyJobInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.AcknowledgeThirdPartyJobOutput, error)
	GetThirdPartyJobDetails(context.Context, *awscodepipeline.GetThirdPartyJobDetailsInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.GetThirdPartyJobDetailsOutput, error)
	PollForThirdPartyJobs(context.Context, *awscodepipeline.PollForThirdPartyJobsInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.PollForThirdPartyJobsOutput, error)
	PutThirdPartyJobFailureResult(context.Context, *awscodepipeline.PutThirdPartyJobFailureResultInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.PutThirdPartyJobFailureResultOutput, error)
	PutThirdPartyJobSuccessResult(context.Context, *awscodepipeline.PutThirdPartyJobSuccessResultInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.PutThirdPartyJobSuccessResultOutput, error)
}

var (
	_ API           = (*awscodepipeline.Client)(nil)
	_ ThirdPartyAPI = (*awscodepipeline.Client)(nil)
)
