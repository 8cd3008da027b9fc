// Package definition writes the structures of pipelines in Go, reads them from JSON
// and templates, and checks, compares and deploys them.
//
//	p := definition.Pipeline{
//		Name: "site", Type: definition.PipelineTypeV2, RoleARN: role,
//		ArtifactStore: definition.Bucket("artifacts", ""),
//		Stages: []definition.Stage{
//			{Name: "Source", Actions: []definition.Action{{
//				Name:     "Fetch",
//				Provider: definition.CodeCommitSource{RepositoryName: "site", BranchName: "main", PollForSourceChanges: "false"},
//				Outputs:  definition.Artifacts("Source"),
//			}}},
//			{Name: "Build", Actions: []definition.Action{{
//				Name:     "Render",
//				Provider: definition.CodeBuild{ProjectName: "site"},
//				Inputs:   definition.Artifacts("Source"),
//			}}},
//		},
//	}
//	outcome, err := p.Ensure(ctx, awscodepipeline.NewFromConfig(cfg))
//
// Each action type and rule type of the catalogue of package actiontype has a Go type
// with a field for each key. [Custom] is any other type.
//
// # Reading and writing
//
// [Parse] reads the output of aws codepipeline get-pipeline, [FromDeclaration] the
// declaration of the AWS SDK, and [ParseTemplate] the pipelines of a CloudFormation
// template in JSON. [Document.JSON] and [Pipeline.Declaration] write them. Members
// that the package does not know are kept in fields named Other.
//
// # Checks
//
// [Pipeline.Check] finds what the service refuses and what cannot work, as errors, and
// what is odd, as warnings: the flow of artifacts, keys and values, counts, names,
// lengths, run orders, variables, triggers, conditions, Regions, and changes that start
// the pipeline twice. Each [Finding] has a path, and says what to do. Check calls
// nothing. A provider or key that the catalogue does not have is an error, until
// [CheckOptions].Types has it.
//
// [Diff] compares two structures, and [Pipeline.EventRules] returns the EventBridge
// rules that sources need.
//
// # Permissions
//
// The IAM actions are named after the API operations:
//
//   - [Get]: codepipeline:GetPipeline
//   - [Pipeline.Create]: codepipeline:CreatePipeline, iam:PassRole for the service
//     role, and codepipeline:TagResource for tags
//   - [Pipeline.Update]: codepipeline:GetPipeline, codepipeline:UpdatePipeline and
//     iam:PassRole
//   - [Pipeline.Ensure]: those of Create and Update
//
// # Limits
//
// A text that is read has at most 4 MiB. GetPipeline shows secret values as ****, so
// that they cannot be compared. Errors, findings and differences hold no secrets;
// printing a structure shows those that the program has put into it, unless it prints
// [Pipeline.Masked]. Update does not change tags. Templates in YAML need a conversion
// to JSON. Functions of templates whose values only a deployment knows are
// placeholders, which Check takes as they are.
package definition
