package actiontype

// BuiltIn returns the action types that CodePipeline provides itself, of the
// owners [OwnerAWS] and [OwnerThirdParty], ordered by owner, category and
// provider. It calls nothing: the types are those of the documentation when this
// version of the package was made, without their configuration properties. The
// caller may change the result.
func BuiltIn() []Type {
	none, one := ArtifactCount{}, ArtifactCount{1, 1}
	upTo := func(limit int) ArtifactCount { return ArtifactCount{0, limit} }
	from1 := func(limit int) ArtifactCount { return ArtifactCount{1, limit} }
	var all []Type
	for _, t := range []struct {
		owner, category, provider string
		inputs, outputs           ArtifactCount
	}{
		{OwnerAWS, "Approval", "Manual", none, none},
		{OwnerAWS, "Build", "CodeBuild", from1(5), upTo(5)},
		{OwnerAWS, "Build", "ECRBuildAndPublish", one, none},
		{OwnerAWS, "Compute", "Commands", from1(10), upTo(1)},
		{OwnerAWS, "Deploy", "AppConfig", one, none},
		{OwnerAWS, "Deploy", "CloudFormation", upTo(10), upTo(1)},
		{OwnerAWS, "Deploy", "CloudFormationStackInstances", upTo(2), none},
		{OwnerAWS, "Deploy", "CloudFormationStackSet", from1(3), none},
		{OwnerAWS, "Deploy", "CodeDeploy", one, none},
		{OwnerAWS, "Deploy", "CodeDeployToECS", from1(5), none},
		{OwnerAWS, "Deploy", "EC2", one, none},
		{OwnerAWS, "Deploy", "ECS", one, none},
		{OwnerAWS, "Deploy", "EKS", one, none},
		{OwnerAWS, "Deploy", "ElasticBeanstalk", one, none},
		{OwnerAWS, "Deploy", "S3", one, none},
		{OwnerAWS, "Deploy", "ServiceCatalog", one, none},
		{OwnerAWS, "Invoke", "InspectorScan", upTo(1), one},
		{OwnerAWS, "Invoke", "Lambda", upTo(5), upTo(5)},
		{OwnerAWS, "Invoke", "StepFunctions", upTo(1), upTo(1)},
		{OwnerAWS, "Source", "CodeCommit", none, one},
		{OwnerAWS, "Source", "CodeStarSourceConnection", none, one},
		{OwnerAWS, "Source", "ECR", none, one},
		{OwnerAWS, "Source", "S3", none, one},
		{OwnerAWS, "Test", "CodeBuild", from1(5), upTo(5)},
		{OwnerAWS, "Test", "DeviceFarm", one, none},
		{OwnerThirdParty, "Deploy", "AlexaSkillsKit", from1(2), none},
		{OwnerThirdParty, "Invoke", "Snyk", one, one},
		{OwnerThirdParty, "Source", "GitHub", none, one},
	} {
		all = append(all, Type{
			Category: t.category, Owner: t.owner, Provider: t.provider, Version: "1",
			Inputs: t.inputs, Outputs: t.outputs,
		})
	}
	return all
}
