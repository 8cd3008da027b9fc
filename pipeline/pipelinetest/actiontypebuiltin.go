package pipelinetest

// builtInType is an action type of the service, with the least and the most
// artifacts of an action.
type builtInType struct {
	id              ActionType
	inputs, outputs [2]int32
}

func (b builtInType) json() typeJSON {
	counts := func(c [2]int32) countsJSON { return countsJSON{&c[0], &c[1]} }
	return typeJSON{ID: actionTypeJSON(b.id), Properties: []propertyJSON{}, Inputs: counts(b.inputs), Outputs: counts(b.outputs)}
}

// builtIn are the action types of the service that ListActionTypes tells of,
// without their configuration properties.
var builtIn = []builtInType{
	{ActionType{"Approval", "AWS", "Manual", "1"}, [2]int32{0, 0}, [2]int32{0, 0}},
	{ActionType{"Build", "AWS", "CodeBuild", "1"}, [2]int32{1, 5}, [2]int32{0, 5}},
	{ActionType{"Build", "AWS", "ECRBuildAndPublish", "1"}, [2]int32{1, 1}, [2]int32{0, 0}},
	{ActionType{"Compute", "AWS", "Commands", "1"}, [2]int32{1, 10}, [2]int32{0, 1}},
	{ActionType{"Deploy", "AWS", "AppConfig", "1"}, [2]int32{1, 1}, [2]int32{0, 0}},
	{ActionType{"Deploy", "AWS", "CloudFormation", "1"}, [2]int32{0, 10}, [2]int32{0, 1}},
	{ActionType{"Deploy", "AWS", "CloudFormationStackInstances", "1"}, [2]int32{0, 2}, [2]int32{0, 0}},
	{ActionType{"Deploy", "AWS", "CloudFormationStackSet", "1"}, [2]int32{1, 3}, [2]int32{0, 0}},
	{ActionType{"Deploy", "AWS", "CodeDeploy", "1"}, [2]int32{1, 1}, [2]int32{0, 0}},
	{ActionType{"Deploy", "AWS", "CodeDeployToECS", "1"}, [2]int32{1, 5}, [2]int32{0, 0}},
	{ActionType{"Deploy", "AWS", "EC2", "1"}, [2]int32{1, 1}, [2]int32{0, 0}},
	{ActionType{"Deploy", "AWS", "ECS", "1"}, [2]int32{1, 1}, [2]int32{0, 0}},
	{ActionType{"Deploy", "AWS", "EKS", "1"}, [2]int32{1, 1}, [2]int32{0, 0}},
	{ActionType{"Deploy", "AWS", "ElasticBeanstalk", "1"}, [2]int32{1, 1}, [2]int32{0, 0}},
	{ActionType{"Deploy", "AWS", "S3", "1"}, [2]int32{1, 1}, [2]int32{0, 0}},
	{ActionType{"Deploy", "AWS", "ServiceCatalog", "1"}, [2]int32{1, 1}, [2]int32{0, 0}},
	{ActionType{"Deploy", "ThirdParty", "AlexaSkillsKit", "1"}, [2]int32{1, 2}, [2]int32{0, 0}},
	{ActionType{"Invoke", "AWS", "InspectorScan", "1"}, [2]int32{0, 1}, [2]int32{1, 1}},
	{ActionType{"Invoke", "AWS", "Lambda", "1"}, [2]int32{0, 5}, [2]int32{0, 5}},
	{ActionType{"Invoke", "AWS", "StepFunctions", "1"}, [2]int32{0, 1}, [2]int32{0, 1}},
	{ActionType{"Invoke", "ThirdParty", "Snyk", "1"}, [2]int32{1, 1}, [2]int32{1, 1}},
	{ActionType{"Source", "AWS", "CodeCommit", "1"}, [2]int32{0, 0}, [2]int32{1, 1}},
	{ActionType{"Source", "AWS", "CodeStarSourceConnection", "1"}, [2]int32{0, 0}, [2]int32{1, 1}},
	{ActionType{"Source", "AWS", "ECR", "1"}, [2]int32{0, 0}, [2]int32{1, 1}},
	{ActionType{"Source", "AWS", "S3", "1"}, [2]int32{0, 0}, [2]int32{1, 1}},
	{ActionType{"Source", "ThirdParty", "GitHub", "1"}, [2]int32{0, 0}, [2]int32{1, 1}},
	{ActionType{"Test", "AWS", "CodeBuild", "1"}, [2]int32{1, 5}, [2]int32{0, 5}},
	{ActionType{"Test", "AWS", "DeviceFarm", "1"}, [2]int32{1, 1}, [2]int32{0, 0}},
}
