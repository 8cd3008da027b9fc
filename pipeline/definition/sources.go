// Code generated from the catalogue of package actiontype; DO NOT EDIT.

package definition

// CodeCommitSource is the action type CodeCommit, of the category Source. An action
// takes no input artifact and makes one output artifact. Its output variables are
// AuthorDate, BranchName, CommitId, CommitMessage, CommitterDate and RepositoryName.
//
// The user guide describes it: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeCommit.html
type CodeCommitSource struct {
	// RepositoryName is the name of the repository. It is required.
	RepositoryName string `key:"RepositoryName"`
	// BranchName is the name of the branch. It is required.
	BranchName string `key:"BranchName"`
	// PollForSourceChanges is true, the default, if CodePipeline polls for changes, and
	// false if an event rule or a webhook starts the pipeline.
	PollForSourceChanges string `key:"PollForSourceChanges"`
	// OutputArtifactFormat is the form of the output artifact: a zip archive, by
	// default, or a reference that CodeBuild clones with the history: CODE_ZIP or
	// CODEBUILD_CLONE_REF.
	OutputArtifactFormat string `key:"OutputArtifactFormat"`

	// Other are the keys for which there is no field.
	Other map[string]string
}

// ActionType returns AWS/Source/CodeCommit/1.
func (CodeCommitSource) ActionType() ActionType {
	return ActionType{Category: "Source", Owner: "AWS", Provider: "CodeCommit", Version: "1"}
}

// ConnectionSource is the action type CodeStarSourceConnection, of the category
// Source. An action takes no input artifact and makes one output artifact. Its output
// variables are AuthorDate, BranchName, CommitId, CommitMessage, ConnectionArn and
// FullRepositoryName.
//
// The user guide describes it: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodestarConnectionSource.html
type ConnectionSource struct {
	// ConnectionARN is the ARN of the connection to GitHub, GitLab, Bitbucket or Azure
	// DevOps. It is required.
	ConnectionARN string `key:"ConnectionArn"`
	// FullRepositoryID is the owner and name of the repository, such as octo/web. It is
	// required.
	FullRepositoryID string `key:"FullRepositoryId"`
	// BranchName is the name of the branch. It is required.
	BranchName string `key:"BranchName"`
	// OutputArtifactFormat is the form of the output artifact: a zip archive, by
	// default, or a reference that CodeBuild clones with the history: CODE_ZIP or
	// CODEBUILD_CLONE_REF.
	OutputArtifactFormat string `key:"OutputArtifactFormat"`
	// DetectChanges is true, the default, if each push to the branch starts the
	// pipeline; triggers of the pipeline take its place.
	DetectChanges string `key:"DetectChanges"`

	// Other are the keys for which there is no field.
	Other map[string]string
}

// ActionType returns AWS/Source/CodeStarSourceConnection/1.
func (ConnectionSource) ActionType() ActionType {
	return ActionType{Category: "Source", Owner: "AWS", Provider: "CodeStarSourceConnection", Version: "1"}
}

// ECRSource is the action type ECR, of the category Source. An action takes no input
// artifact and makes one output artifact. Its output variables are ImageDigest,
// ImageTag, ImageURI, RegistryId and RepositoryName.
//
// The user guide describes it: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECR.html
type ECRSource struct {
	// RepositoryName is the name of the repository. It is required.
	RepositoryName string `key:"RepositoryName"`
	// ImageTag is the tag of the image, latest by default.
	ImageTag string `key:"ImageTag"`

	// Other are the keys for which there is no field.
	Other map[string]string
}

// ActionType returns AWS/Source/ECR/1.
func (ECRSource) ActionType() ActionType {
	return ActionType{Category: "Source", Owner: "AWS", Provider: "ECR", Version: "1"}
}

// S3Source is the action type S3, of the category Source. An action takes no input
// artifact and makes one output artifact. Its output variables are ETag and
// VersionId.
//
// The user guide describes it: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-S3.html
type S3Source struct {
	// S3Bucket is the name of the bucket, whose versioning is on. It is required.
	S3Bucket string `key:"S3Bucket"`
	// S3ObjectKey is the key of the archive. It is required.
	S3ObjectKey string `key:"S3ObjectKey"`
	// PollForSourceChanges is true, the default, if CodePipeline polls for changes, and
	// false if an event rule or a webhook starts the pipeline.
	PollForSourceChanges string `key:"PollForSourceChanges"`
	// AllowOverrideForS3ObjectKey is true if a start may name another key, and false by
	// default.
	AllowOverrideForS3ObjectKey string `key:"AllowOverrideForS3ObjectKey"`

	// Other are the keys for which there is no field.
	Other map[string]string
}

// ActionType returns AWS/Source/S3/1.
func (S3Source) ActionType() ActionType {
	return ActionType{Category: "Source", Owner: "AWS", Provider: "S3", Version: "1"}
}

// GitHubSource is the action type GitHub of a partner, of the category Source. An
// action takes no input artifact and makes one output artifact. Its output variables
// are AuthorDate, BranchName, CommitId, CommitMessage, CommitterDate, CommitUrl and
// RepositoryName.
//
// The user guide describes it: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference.html
type GitHubSource struct {
	// Owner is the user or organisation that the repository belongs to. It is required.
	Owner string `key:"Owner"`
	// Repo is the name of the repository. It is required.
	Repo string `key:"Repo"`
	// Branch is the name of the branch. It is required.
	Branch string `key:"Branch"`
	// OAuthToken is the token for the repository and its webhooks. It is required.
	// GetPipeline returns ****, which keeps the value when it is given to
	// UpdatePipeline.
	OAuthToken string `key:"OAuthToken"`
	// PollForSourceChanges is true, the default, if CodePipeline polls for changes, and
	// false if an event rule or a webhook starts the pipeline.
	PollForSourceChanges string `key:"PollForSourceChanges"`

	// Other are the keys for which there is no field.
	Other map[string]string
}

// ActionType returns ThirdParty/Source/GitHub/1.
func (GitHubSource) ActionType() ActionType {
	return ActionType{Category: "Source", Owner: "ThirdParty", Provider: "GitHub", Version: "1"}
}
