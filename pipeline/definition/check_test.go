package definition_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/actiontype"
	"github.com/codesuite-go/codesuite/pipeline/definition"
)

// broken are changes to everything() with the one error that each makes: its path and
// a part of its message.
var broken = []struct {
	name  string
	spoil func(*definition.Pipeline)
	path  string
	say   string
}{
	// The pipeline itself.
	{"no name", func(p *definition.Pipeline) { p.Name = "" }, "name", "has no name"},
	{"odd name", func(p *definition.Pipeline) { p.Name = "every thing" }, "name", `"every thing" cannot be`},
	{"no role", func(p *definition.Pipeline) { p.RoleARN = "" }, "roleArn", "no service role"},
	{"odd role", func(p *definition.Pipeline) { p.RoleARN = "service" }, "roleArn", "no ARN of a role"},
	{"odd type", func(p *definition.Pipeline) { p.ExecutionMode, p.Type = "", "V3" }, "pipelineType", "use V1 or V2"},
	{"odd mode", func(p *definition.Pipeline) { p.ExecutionMode = "SERIAL" }, "executionMode", "SUPERSEDED, QUEUED or PARALLEL"},
	{"negative version", func(p *definition.Pipeline) { p.Version = -1 }, "version", "leave it out"},
	{"mode of V2", func(p *definition.Pipeline) { *p = v1(*p); p.ExecutionMode = "QUEUED" }, "executionMode", "type V2"},
	{"variables of V2", func(p *definition.Pipeline) { v := p.Variables[:1]; *p = v1(*p); p.Variables = v }, "variables", "type V2"},
	{"conditions of V2", func(p *definition.Pipeline) {
		*p = v1(*p)
		p.Stages[1].OnFailure = &definition.OnFailure{Result: "ROLLBACK"}
	}, "stages[1].onFailure", "type V2"},
	{"action of V2", func(p *definition.Pipeline) {
		*p = v1(*p)
		p.Stages[1].Actions[0].Outputs, p.Stages[2].Actions[0].Inputs = nil, definition.Artifacts("Source")
		p.Stages[1].Actions[0].Provider = definition.Commands{}
		p.Stages[1].Actions[0].Commands = []string{"make"}
	}, "stages[1].actions[0].actionTypeId", "type V2"},
	{"triggers of V2", func(p *definition.Pipeline) {
		t, source := p.Triggers, p.Stages[0].Actions[1]
		*p = v1(*p)
		source.Outputs = definition.Artifacts("Shared")
		p.Stages[0].Actions = append(p.Stages[0].Actions, source)
		p.Triggers = t
	}, "triggers", "type V2"},

	// Artifact stores.
	{"no store", func(p *definition.Pipeline) { p.ArtifactStores = nil }, "artifactStore", "no artifact store"},
	{"two kinds of stores", func(p *definition.Pipeline) { p.ArtifactStore = definition.Bucket("artifacts", "") }, "artifactStores", "leave out one"},
	{"ARN of a bucket", func(p *definition.Pipeline) {
		p.ArtifactStores["eu-west-1"] = *definition.Bucket("arn:aws:s3:::artifacts", "")
	}, "artifactStores.eu-west-1.location", "not its ARN"},
	{"type of a store", func(p *definition.Pipeline) {
		p.ArtifactStores["eu-west-1"] = definition.ArtifactStore{Bucket: "artifacts"}
	}, "artifactStores.eu-west-1.type", "use S3"},
	{"type of a key", func(p *definition.Pipeline) {
		p.ArtifactStores["eu-west-1"].EncryptionKey.Type = "AES"
	}, "artifactStores.eu-west-1.encryptionKey.type", "use KMS"},
	{"no store for a Region", func(p *definition.Pipeline) { p.Stages[2].Actions[2].Region = "us-east-1" }, "stages[2].actions[2].region", "us-east-1 has no artifact store"},
	{"no store for the pipeline", func(p *definition.Pipeline) { delete(p.ArtifactStores, "eu-west-1") }, "artifactStores", "the Region of the pipeline"},
	{"one store for two Regions", func(p *definition.Pipeline) {
		p.ArtifactStore, p.ArtifactStores = definition.Bucket("artifacts", ""), nil
	}, "stages[2].actions[2].region", "use artifactStores"},
	{"source in another Region", func(p *definition.Pipeline) { p.Stages[0].Actions[0].Region = "eu-central-1" }, "stages[0].actions[0].region", "run in the Region of the pipeline"},

	// Variables.
	{"name of a variable", func(p *definition.Pipeline) { p.Variables = append(p.Variables, definition.Variable{Name: "a.b"}) }, "variables[2].name", "cannot be the name"},
	{"two variables of a name", func(p *definition.Pipeline) { p.Variables = append(p.Variables, definition.Variable{Name: "Level"}) }, "variables[2].name", "rename one"},
	{"long default", func(p *definition.Pipeline) { p.Variables[0].DefaultValue = strings.Repeat("x", 1001) }, "variables[0].defaultValue", "shorten it to 1000"},
	{"long description", func(p *definition.Pipeline) { p.Variables[0].Description = strings.Repeat("x", 201) }, "variables[0].description", "shorten it to 200"},
	{"variable that is not there", func(p *definition.Pipeline) { setKey(p, 2, 3, "UserParameters", "#{variables.Nobody}") }, "stages[2].actions[3].configuration.UserParameters", "add the variable Nobody"},
	{"namespace that is not there", func(p *definition.Pipeline) { setKey(p, 2, 3, "UserParameters", "#{Fetsh.CommitId}") }, "stages[2].actions[3].configuration.UserParameters", "did you mean Fetch?"},
	{"variable that a source does not have", func(p *definition.Pipeline) { setKey(p, 2, 3, "UserParameters", "#{Fetch.CommitID}") }, "stages[2].actions[3].configuration.UserParameters", "CommitId"},
	{"variable of the pipeline itself", func(p *definition.Pipeline) { setKey(p, 2, 3, "UserParameters", "#{codepipeline.Name}") }, "stages[2].actions[3].configuration.UserParameters", "#{codepipeline.PipelineExecutionId} only"},
	{"no variable", func(p *definition.Pipeline) { setKey(p, 2, 3, "UserParameters", "#{CommitId}") }, "stages[2].actions[3].configuration.UserParameters", "write #{Namespace.Variable}"},
	{"variable too early", func(p *definition.Pipeline) { p.Stages[1].Actions[1].Commands[1] = "echo #{Stack.Url}" }, "stages[1].actions[1].commands[1]", "used too early"},
	{"variable of a rule too early", func(p *definition.Pipeline) {
		p.Stages[1].BeforeEntry.Conditions[0].Rules[0].Provider = definition.VariableCheckRule{Variable: "#{Compile.Result}", Value: "0", Operator: "EQ"}
	}, "stages[1].beforeEntry.conditions[0].rules[0].configuration.Variable", "used too early"},
	{"reserved namespace", func(p *definition.Pipeline) { p.Stages[1].Actions[0].Namespace = "variables" }, "stages[1].actions[0].namespace", "reserved"},
	{"two actions of a namespace", func(p *definition.Pipeline) { p.Stages[1].Actions[0].Namespace = "Connect" }, "stages[1].actions[0].namespace", "use another one"},
	{"namespace of an artifact", func(p *definition.Pipeline) { p.Stages[1].Actions[0].Namespace = "Binary" }, "stages[1].actions[0].namespace", "name of an artifact"},
	{"odd namespace", func(p *definition.Pipeline) { p.Stages[1].Actions[0].Namespace = "a b" }, "stages[1].actions[0].namespace", "cannot be a namespace"},

	// Triggers.
	{"provider of a trigger", func(p *definition.Pipeline) { p.Triggers[0].ProviderType = "GitHub" }, "triggers[0].providerType", "CodeStarSourceConnection"},
	{"empty trigger", func(p *definition.Pipeline) { p.Triggers[0].Git = nil }, "triggers[0].gitConfiguration", "name the source action"},
	{"trigger of nobody", func(p *definition.Pipeline) { p.Triggers[0].Git.SourceAction = "Nobody" }, "triggers[0].gitConfiguration.sourceActionName", "which has Connect"},
	{"trigger of CodeCommit", func(p *definition.Pipeline) { p.Triggers[0].Git.SourceAction = "Fetch" }, "triggers[0].gitConfiguration.sourceActionName", "no source of a connection"},
	{"two triggers of an action", func(p *definition.Pipeline) { p.Triggers = append(p.Triggers, definition.OnPush("Connect")) }, "triggers[1].gitConfiguration.sourceActionName", "two triggers"},
	{"tags and branches", func(p *definition.Pipeline) {
		p.Triggers[0].Git.Push[1].Branches = &definition.Patterns{Includes: []string{"main"}}
	}, "triggers[0].gitConfiguration.push[1]", "either tags or branches"},
	{"empty filter", func(p *definition.Pipeline) { p.Triggers[0].Git.Push[1].Tags = nil }, "triggers[0].gitConfiguration.push[1]", "selects nothing"},
	{"no filters", func(p *definition.Pipeline) { p.Triggers[0].Git.Push = []definition.PushTrigger{} }, "triggers[0].gitConfiguration.push", "1 to 3"},
	{"nine patterns", func(p *definition.Pipeline) {
		p.Triggers[0].Git.Push[1].Tags.Includes = []string{"a", "b", "c", "d", "e", "f", "g", "h", "i"}
	}, "triggers[0].gitConfiguration.push[1].tags.includes", "1 to 8"},
	{"long pattern", func(p *definition.Pipeline) {
		p.Triggers[0].Git.Push[1].Tags.Includes[0] = strings.Repeat("x", 256)
	}, "triggers[0].gitConfiguration.push[1].tags.includes[0]", "1 to 255"},
	{"no patterns", func(p *definition.Pipeline) { p.Triggers[0].Git.Push[1].Tags.Includes = nil }, "triggers[0].gitConfiguration.push[1].tags", "no patterns"},
	{"event of a pull request", func(p *definition.Pipeline) { p.Triggers[0].Git.PullRequest[0].Events[0] = "MERGED" }, "triggers[0].gitConfiguration.pullRequest[0].events[0]", "OPEN, UPDATED or CLOSED"},

	// Stages.
	{"one stage", func(p *definition.Pipeline) {
		*p = v1(*p)
		p.Stages = p.Stages[:1]
	}, "stages", "2 to 50"},
	{"two stages of a name", func(p *definition.Pipeline) { p.Stages[2].Name = "Build" }, "stages[2].name", "rename one"},
	{"stage without actions", func(p *definition.Pipeline) { p.Stages = append(p.Stages, stage("Last")) }, "stages[3].actions", "1 to 50"},
	{"51 actions", func(p *definition.Pipeline) {
		var many []definition.Action
		for i := range 51 {
			many = append(many, action("A"+strings.Repeat("a", i), definition.ManualApproval{}, ""))
		}
		p.Stages = append(p.Stages, stage("Last", many...))
	}, "stages[3].actions", "1 to 50"},
	{"no source", func(p *definition.Pipeline) {
		p.Stages[0].Actions = append(p.Stages[0].Actions, action("Wait", definition.ManualApproval{}, ""))
	}, "stages[0].actions[4].actionTypeId.category", "source actions only"},
	{"late source", func(p *definition.Pipeline) {
		late := definition.Action{Name: "Late", Outputs: definition.Artifacts("Late"), Provider: definition.ECRSource{RepositoryName: "late"}}
		p.Stages[2].Actions = append(p.Stages[2].Actions, late)
	}, "stages[2].actions[6].actionTypeId.category", "only the first stage"},

	// Actions.
	{"two actions of a name", func(p *definition.Pipeline) { p.Stages[1].Actions[2].Name = "Lint" }, "stages[1].actions[2].name", "rename one"},
	{"name of an action", func(p *definition.Pipeline) { p.Stages[1].Actions[2].Name = "a/b" }, "stages[1].actions[2].name", "cannot be the name of an action"},
	{"no provider", func(p *definition.Pipeline) { p.Stages[2].Actions[5].Provider = nil }, "stages[2].actions[5].actionTypeId", "has no type"},
	{"nil provider", func(p *definition.Pipeline) { p.Stages[2].Actions[5].Provider = (*definition.PipelineInvoke)(nil) }, "stages[2].actions[5].actionTypeId", "has no type"},
	{"run order", func(p *definition.Pipeline) { p.Stages[1].Actions[2].RunOrder = 1000 }, "stages[1].actions[2].runOrder", "1 to 999"},
	{"odd Region", func(p *definition.Pipeline) { p.Stages[2].Actions[5].Region = "Ireland" }, "stages[2].actions[5].region", "no Region"},
	{"role of an action", func(p *definition.Pipeline) { p.Stages[2].Actions[2].RoleARN = "deploy" }, "stages[2].actions[2].roleArn", "no ARN of a role"},
	{"timeout of a build", func(p *definition.Pipeline) { p.Stages[1].Actions[0].TimeoutInMinutes = 30 }, "stages[1].actions[0].timeoutInMinutes", "only a manual approval"},
	{"short timeout", func(p *definition.Pipeline) { p.Stages[2].Actions[0].TimeoutInMinutes = 4 }, "stages[2].actions[0].timeoutInMinutes", "5 to 86400"},
	{"unknown category", func(p *definition.Pipeline) {
		p.Stages[2].Actions[5].Provider = definition.Custom{Type: definition.ActionType{Category: "Invok", Owner: "AWS", Provider: "CodePipeline", Version: "1"}}
	}, "stages[2].actions[5].actionTypeId.category", "Invoke"},

	// The catalogue.
	{"unknown provider", func(p *definition.Pipeline) {
		p.Stages[2].Actions[5].Provider = definition.Custom{Type: definition.ActionType{Category: "Invoke", Owner: "AWS", Provider: "StepFunction", Version: "1"}}
	}, "stages[2].actions[5].actionTypeId", "did you mean AWS/Invoke/StepFunctions/1? If AWS has added it since, give Check the types of the account, from actiontype.List or the output of aws codepipeline list-action-types"},
	{"provider in another case", func(p *definition.Pipeline) {
		p.Stages[2].Actions[5].Provider = definition.Custom{Type: definition.ActionType{Category: "Deploy", Owner: "AWS", Provider: "Ecs", Version: "1"}}
	}, "stages[2].actions[5].actionTypeId", "did you mean AWS/Deploy/ECS/1?"},
	{"custom type", func(p *definition.Pipeline) {
		p.Stages[2].Actions[5].Provider = definition.Custom{Type: definition.ActionType{Category: "Test", Owner: "Custom", Provider: "Lint", Version: "1"}}
	}, "stages[2].actions[5].actionTypeId", "the catalogue of " + actiontype.CatalogueDate},
	{"unknown key", func(p *definition.Pipeline) { setKey(p, 2, 3, "UserParameter", "x") }, "stages[2].actions[3].configuration.UserParameter", "did you mean UserParameters?"},
	{"key in another case", func(p *definition.Pipeline) { setKey(p, 2, 3, "USERPARAMETERS", "x") }, "stages[2].actions[3].configuration.USERPARAMETERS", "did you mean UserParameters?"},
	{"missing key", func(p *definition.Pipeline) {
		p.Stages[2].Actions[3].Provider = definition.LambdaInvoke{UserParameters: "x"}
	}, "stages[2].actions[3].configuration.FunctionName", "needs the key FunctionName: set it to the name of the function"},
	{"empty key", func(p *definition.Pipeline) {
		p.Stages[2].Actions[3].Provider = definition.LambdaInvoke{FunctionName: "f", Other: map[string]string{"UserParameters": ""}}
	}, "stages[2].actions[3].configuration.UserParameters", "has no value"},
	{"long value", func(p *definition.Pipeline) { setKey(p, 2, 3, "UserParameters", strings.Repeat("x", 1001)) }, "stages[2].actions[3].configuration.UserParameters", "shorten it to 1000"},
	{"boolean", func(p *definition.Pipeline) { setKey(p, 0, 1, "DetectChanges", "yes") }, "stages[0].actions[1].configuration.DetectChanges", "use true or false"},
	{"value outside the set", func(p *definition.Pipeline) { setKey(p, 2, 2, "ActionMode", "UPDATE") }, "stages[2].actions[2].configuration.ActionMode", "CREATE_UPDATE"},
	{"element outside the set", func(p *definition.Pipeline) { setKey(p, 2, 2, "Capabilities", "CAPABILITY_IAM,IAM") }, "stages[2].actions[2].configuration.Capabilities", `"IAM" is no value`},
	{"empty element", func(p *definition.Pipeline) { setKey(p, 2, 2, "Capabilities", "CAPABILITY_IAM,") }, "stages[2].actions[2].configuration.Capabilities", "remove a comma"},
	{"no JSON", func(p *definition.Pipeline) { setKey(p, 2, 2, "ParameterOverrides", `{"A":1`) }, "stages[2].actions[2].configuration.ParameterOverrides", "no JSON"},
	{"another JSON", func(p *definition.Pipeline) { setKey(p, 2, 2, "ParameterOverrides", `[]`) }, "stages[2].actions[2].configuration.ParameterOverrides", "give it a JSON object"},
	{"variables of a build", func(p *definition.Pipeline) { setKey(p, 1, 0, "EnvironmentVariables", `[{"name":"A"}]`) }, "stages[1].actions[0].configuration.EnvironmentVariables", "no text value"},
	{"type of a variable of a build", func(p *definition.Pipeline) {
		setKey(p, 1, 0, "EnvironmentVariables", `[{"name":"A","value":"#{variables.Level}","type":"SECRET"}]`)
	}, "stages[1].actions[0].configuration.EnvironmentVariables", "PARAMETER_STORE"},
	{"template of no input", func(p *definition.Pipeline) { setKey(p, 2, 2, "TemplatePath", "Source::template.yaml") }, "stages[2].actions[2].configuration.TemplatePath", `which has "Binary"`},
	{"template of no artifact", func(p *definition.Pipeline) { setKey(p, 2, 2, "TemplatePath", "template.yaml") }, "stages[2].actions[2].configuration.TemplatePath", "write Artifact::path"},
	{"primary source of no input", func(p *definition.Pipeline) { setKey(p, 1, 0, "PrimarySource", "Other") }, "stages[1].actions[0].configuration.PrimarySource", "no input artifact"},
	{"no primary source", func(p *definition.Pipeline) { setKey(p, 1, 0, "PrimarySource", "") }, "stages[1].actions[0].configuration.PrimarySource", "several input artifacts"},
	{"no template", func(p *definition.Pipeline) { setKey(p, 2, 2, "TemplatePath", "") }, "stages[2].actions[2].configuration.TemplatePath", "the mode CREATE_UPDATE"},
	{"no change set", func(p *definition.Pipeline) { setKey(p, 2, 2, "ActionMode", "CHANGE_SET_REPLACE") }, "stages[2].actions[2].configuration.ChangeSetName", "the mode CHANGE_SET_REPLACE"},
	{"topic", func(p *definition.Pipeline) { setKey(p, 2, 0, "NotificationArn", "approvals") }, "stages[2].actions[0].configuration.NotificationArn", "SNS topic"},
	{"connection", func(p *definition.Pipeline) { setKey(p, 0, 1, "ConnectionArn", "connection/1") }, "stages[0].actions[1].configuration.ConnectionArn", "ARN of a connection"},
	{"repository", func(p *definition.Pipeline) { setKey(p, 0, 1, "FullRepositoryId", "shared") }, "stages[0].actions[1].configuration.FullRepositoryId", "OWNER/NAME"},
	{"input of a machine", func(p *definition.Pipeline) { setKey(p, 2, 5, "Input", "x") }, "stages[2].actions[5].configuration.Input", "no JSON"},
	{"variables of a pipeline", func(p *definition.Pipeline) { setKey(p, 2, 4, "Variables", `[{"name":1,"value":"#{Fetch.CommitId}"}]`) }, "stages[2].actions[4].configuration.Variables", "no text name"},

	// Commands.
	{"no commands", func(p *definition.Pipeline) { p.Stages[1].Actions[1].Commands = nil }, "stages[1].actions[1].commands", "1 to 50"},
	{"commands of a build", func(p *definition.Pipeline) { p.Stages[1].Actions[0].Commands = []string{"make"} }, "stages[1].actions[0].commands", "remove them"},
	{"several lines", func(p *definition.Pipeline) { p.Stages[1].Actions[1].Commands[0] = "make\nmake lint" }, "stages[1].actions[1].commands[0]", "several lines"},
	{"long command", func(p *definition.Pipeline) { p.Stages[1].Actions[1].Commands[0] = strings.Repeat("x", 1001) }, "stages[1].actions[1].commands[0]", "a script"},
	{"16 output variables", func(p *definition.Pipeline) {
		for i := range 15 {
			p.Stages[1].Actions[1].OutputVariables = append(p.Stages[1].Actions[1].OutputVariables, strings.Repeat("v", i+1))
		}
	}, "stages[1].actions[1].outputVariables", "1 to 15"},
	{"output variables of a build", func(p *definition.Pipeline) { p.Stages[1].Actions[0].OutputVariables = []string{"A"} }, "stages[1].actions[0].outputVariables", "remove them"},
	{"files of a build", func(p *definition.Pipeline) { p.Stages[1].Actions[0].Outputs[0].Files = []string{"bin"} }, "stages[1].actions[0].outputArtifacts[0].files", "remove them"},
	{"eleven files", func(p *definition.Pipeline) { p.Stages[1].Actions[1].Outputs[0].Files = make11() }, "stages[1].actions[1].outputArtifacts[0].files", "1 to 10"},
	{"environment variable", func(p *definition.Pipeline) { p.Stages[1].Actions[1].EnvironmentVariables[1].Name = "A-B" }, "stages[1].actions[1].environmentVariables[1].name", "cannot be the name"},
	{"two environment variables of a name", func(p *definition.Pipeline) { p.Stages[1].Actions[1].EnvironmentVariables[1].Name = "TOKEN" }, "stages[1].actions[1].environmentVariables[1].name", "remove one"},
	{"type of an environment variable", func(p *definition.Pipeline) { p.Stages[1].Actions[1].EnvironmentVariables[1].Type = "SECRET" }, "stages[1].actions[1].environmentVariables[1].type", "SECRETS_MANAGER"},
	{"environment variables of a build", func(p *definition.Pipeline) {
		p.Stages[1].Actions[0].EnvironmentVariables = []definition.EnvironmentVariable{{Name: "A", Value: "b"}}
	}, "stages[1].actions[0].environmentVariables", "remove them"},
	{"small Windows", func(p *definition.Pipeline) {
		p.Stages[1].Actions[1].Provider = definition.Commands{EnvironmentType: "WINDOWS_SERVER_2022_CONTAINER"}
	}, "stages[1].actions[1].configuration.ComputeType", "BUILD_GENERAL1_MEDIUM"},
	{"half a VPC", func(p *definition.Pipeline) {
		p.Stages[1].Actions[1].Provider = definition.Commands{VPCID: "vpc-1", Subnets: "subnet-1"}
	}, "stages[1].actions[1].configuration.SecurityGroupIds", "the commands in a VPC"},

	// Artifacts.
	{"unknown artifact", func(p *definition.Pipeline) { p.Stages[2].Actions[1].Inputs[0].Name = "Binarie" }, "stages[2].actions[1].inputArtifacts[0].name", "did you mean Binary?"},
	{"artifact too early", func(p *definition.Pipeline) { p.Stages[1].Actions[2].RunOrder = 1 }, "stages[1].actions[2].inputArtifacts[0].name", "used too early"},
	{"artifact made twice", func(p *definition.Pipeline) {
		p.Stages[1].Actions[2].Outputs = definition.Artifacts("Binary")
	}, "stages[1].actions[2].outputArtifacts[0].name", "rename it"},
	{"input twice", func(p *definition.Pipeline) { p.Stages[1].Actions[0].Inputs[3].Name = "Source" }, "stages[1].actions[0].inputArtifacts[3].name", "there twice"},
	{"files of an input", func(p *definition.Pipeline) { p.Stages[1].Actions[0].Inputs[0].Files = []string{"a"} }, "stages[1].actions[0].inputArtifacts[0].files", "remove them"},
	{"own artifact", func(p *definition.Pipeline) {
		p.Stages[1].Actions[2].Outputs = definition.Artifacts("Own")
		p.Stages[1].Actions[2].Inputs[0].Name = "Own"
	}, "stages[1].actions[2].inputArtifacts[0].name", "itself"},
	{"name of an artifact", func(p *definition.Pipeline) { p.Stages[1].Actions[2].Outputs = definition.Artifacts("a.b") }, "stages[1].actions[2].outputArtifacts[0].name", "cannot be the name of an artifact"},
	{"no input", func(p *definition.Pipeline) { p.Stages[2].Actions[1].Inputs = nil }, "stages[2].actions[1].inputArtifacts", "takes exactly 1"},
	{"output of a deployment", func(p *definition.Pipeline) { p.Stages[2].Actions[1].Outputs = definition.Artifacts("Log") }, "stages[2].actions[1].outputArtifacts", "takes exactly 0"},
	{"unknown artifact of a rule", func(p *definition.Pipeline) {
		p.Stages[1].OnSuccess.Conditions[0].Rules[1].Inputs[0].Name = "Nothing at all"
	}, "stages[1].onSuccess.conditions[0].rules[1].inputArtifacts[0].name", "no action makes"},
	{"artifact of a rule too early", func(p *definition.Pipeline) {
		p.Stages[1].BeforeEntry.Conditions[0].Rules[1].Inputs = definition.Artifacts("Binary")
	}, "stages[1].beforeEntry.conditions[0].rules[1].inputArtifacts[0].name", "used too early"},

	// Conditions.
	{"result before the entry", func(p *definition.Pipeline) { p.Stages[2].BeforeEntry.Conditions[0].Result = "ROLLBACK" }, "stages[2].beforeEntry.conditions[0].result", "use FAIL or SKIP"},
	{"result on success", func(p *definition.Pipeline) { p.Stages[1].OnSuccess.Conditions[0].Result = "SKIP" }, "stages[1].onSuccess.conditions[0].result", "use FAIL or ROLLBACK"},
	{"result on failure", func(p *definition.Pipeline) { p.Stages[2].OnFailure.Conditions[0].Result = "FAIL" }, "stages[2].onFailure.conditions[0].result", "use ROLLBACK"},
	{"no result", func(p *definition.Pipeline) { p.Stages[1].OnSuccess.Conditions[0].Result = "" }, "stages[1].onSuccess.conditions[0].result", "set it to"},
	{"nothing on failure", func(p *definition.Pipeline) { p.Stages[2].OnFailure = &definition.OnFailure{} }, "stages[2].onFailure", "neither result nor conditions"},
	{"retry without the result", func(p *definition.Pipeline) { p.Stages[1].OnFailure.Result = "SKIP" }, "stages[1].onFailure.retryConfiguration", "result RETRY"},
	{"mode of a retry", func(p *definition.Pipeline) { p.Stages[1].OnFailure.Retry.Mode = "ALL" }, "stages[1].onFailure.retryConfiguration.retryMode", "ALL_ACTIONS"},
	{"rollback of the source", func(p *definition.Pipeline) { p.Stages[0].OnFailure = &definition.OnFailure{Result: "ROLLBACK"} }, "stages[0].onFailure.result", "cannot be rolled back"},
	{"rollback in parallel", func(p *definition.Pipeline) { p.ExecutionMode = pipeline.ModeParallel }, "stages[2].onFailure.conditions[0].result", "mode PARALLEL"},
	{"two conditions", func(p *definition.Pipeline) {
		list := &p.Stages[2].BeforeEntry.Conditions
		*list = append(*list, (*list)[0])
	}, "stages[2].beforeEntry.conditions", "exactly one"},
	{"six rules", func(p *definition.Pipeline) {
		rules := &p.Stages[2].OnFailure.Conditions[0].Rules
		for i := range 5 {
			r := (*rules)[0]
			r.Name += strings.Repeat("x", i+1)
			*rules = append(*rules, r)
		}
	}, "stages[2].onFailure.conditions[0].rules", "1 to 5"},
	{"two rules of a name", func(p *definition.Pipeline) { p.Stages[2].BeforeEntry.Conditions[0].Rules[1].Name = "Office" }, "stages[2].beforeEntry.conditions[0].rules[1].name", "rename one"},
	{"rule without a type", func(p *definition.Pipeline) { p.Stages[2].BeforeEntry.Conditions[0].Rules[1].Provider = nil }, "stages[2].beforeEntry.conditions[0].rules[1].ruleTypeId", "has no type"},
	{"unknown rule", func(p *definition.Pipeline) {
		setRule(p, definition.Custom{Type: definition.ActionType{Category: "Rule", Owner: "AWS", Provider: "DeployWindow", Version: "1"}})
	}, "stages[2].beforeEntry.conditions[0].rules[0].ruleTypeId", "did you mean AWS/Rule/DeploymentWindow/1?"},
	{"action as a rule", func(p *definition.Pipeline) { setRule(p, definition.LambdaInvoke{FunctionName: "f"}) }, "stages[2].beforeEntry.conditions[0].rules[0].ruleTypeId.category", "use Rule"},
	{"key of a rule", func(p *definition.Pipeline) { setRule(p, definition.DeploymentWindowRule{TimeZone: "UTC"}) }, "stages[2].beforeEntry.conditions[0].rules[0].configuration.Cron", "needs the key Cron"},
	{"fields of cron", func(p *definition.Pipeline) { setRule(p, definition.DeploymentWindowRule{Cron: "0 9 * * MON"}) }, "stages[2].beforeEntry.conditions[0].rules[0].configuration.Cron", "5 fields"},
	{"seconds of cron", func(p *definition.Pipeline) { setRule(p, definition.DeploymentWindowRule{Cron: "0 0 9 ? * MON"}) }, "stages[2].beforeEntry.conditions[0].rules[0].configuration.Cron", "the seconds"},
	{"time zone", func(p *definition.Pipeline) {
		setRule(p, definition.DeploymentWindowRule{Cron: "* * 9 ? * MON", TimeZone: "+2"})
	}, "stages[2].beforeEntry.conditions[0].rules[0].configuration.TimeZone", "time zone"},
	{"state of an alarm", func(p *definition.Pipeline) {
		setRule(p, definition.CloudWatchAlarmRule{AlarmName: "a", AlarmStates: "ALERT"})
	}, "stages[2].beforeEntry.conditions[0].rules[0].configuration.AlarmStates", "INSUFFICIENT_DATA"},
	{"wait of an alarm", func(p *definition.Pipeline) {
		setRule(p, definition.CloudWatchAlarmRule{AlarmName: "a", WaitTime: "5m"})
	}, "stages[2].beforeEntry.conditions[0].rules[0].configuration.WaitTime", "no number"},
	{"operator", func(p *definition.Pipeline) {
		setRule(p, definition.VariableCheckRule{Variable: "#{Fetch.BranchName}", Value: "x", Operator: "LT"})
	}, "stages[2].beforeEntry.conditions[0].rules[0].configuration.Operator", "EQ, NE, CONTAINS or MATCHES"},
	{"regular expression", func(p *definition.Pipeline) {
		setRule(p, definition.VariableCheckRule{Variable: "#{Fetch.BranchName}", Value: "(main", Operator: "MATCHES"})
	}, "stages[2].beforeEntry.conditions[0].rules[0].configuration.Value", "no regular expression"},
	{"timeout of a rule", func(p *definition.Pipeline) { p.Stages[2].BeforeEntry.Conditions[0].Rules[0].TimeoutInMinutes = 1 }, "stages[2].beforeEntry.conditions[0].rules[0].timeoutInMinutes", "5 to 86400"},
	{"commands of a rule", func(p *definition.Pipeline) {
		p.Stages[2].BeforeEntry.Conditions[0].Rules[0].Commands = []string{"true"}
	}, "stages[2].beforeEntry.conditions[0].rules[0].commands", "remove them"},
	{"rule that cannot skip", func(p *definition.Pipeline) {
		p.Stages[2].BeforeEntry.Conditions[0].Result = "SKIP"
		p.Stages[2].BeforeEntry.Conditions[0].Rules = p.Stages[2].BeforeEntry.Conditions[0].Rules[:1]
	}, "stages[2].beforeEntry.conditions[0].rules[0].ruleTypeId", "LambdaInvoke and VariableCheck only"},

	// What starts the pipeline.
	{"polling beside a rule", func(p *definition.Pipeline) { setKey(p, 0, 0, "PollForSourceChanges", "true") }, "stages[0].actions[0].configuration.PollForSourceChanges", "starts the pipeline twice"},
	{"polling by default", func(p *definition.Pipeline) { setKey(p, 0, 3, "PollForSourceChanges", "") }, "stages[0].actions[3].configuration.PollForSourceChanges", "starts the pipeline twice"},
}

func make11() []string { return strings.Split("a b c d e f g h i j k", " ") }

// setKey sets a key of an action's configuration, or removes it.
func setKey(p *definition.Pipeline, stage, action int, key, value string) {
	a := &p.Stages[stage].Actions[action]
	configuration, err := definition.Configuration(a.Provider)
	if err != nil {
		panic(err)
	}
	configuration[key] = value
	if value == "" {
		delete(configuration, key)
	}
	a.Provider = definition.Custom{Type: a.Provider.ActionType(), Configuration: configuration}
}

// setRule replaces the first rule of the last stage.
func setRule(p *definition.Pipeline, rule definition.Provider) {
	p.Stages[2].BeforeEntry.Conditions[0].Rules[0].Provider = rule
}

// v1 is the pipeline of web(), as one of type V1.
func v1(definition.Pipeline) definition.Pipeline {
	p := *web()
	p.Type = definition.PipelineTypeV1
	return p
}

func TestBroken(t *testing.T) {
	t.Parallel()
	if len(broken) < 60 {
		t.Errorf("there are %d variants", len(broken))
	}
	rules, err := everything().EventRules()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range broken {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := everything()
			test.spoil(p)
			var errors []definition.Finding
			for _, f := range p.Check(inIreland, func(o *definition.CheckOptions) { o.EventRules = rules }) {
				if f.Severity == definition.SeverityError {
					errors = append(errors, f)
				}
			}
			if !slices.ContainsFunc(errors, func(f definition.Finding) bool {
				return f.Path == test.path && strings.Contains(f.Message, test.say)
			}) {
				t.Errorf("want the error %q at %s, got:\n%s", test.say, test.path, strings.Join(messages(errors), "\n"))
			} else if len(errors) > 1 {
				t.Errorf("one error is enough:\n%s", strings.Join(messages(errors), "\n"))
			}
			for _, f := range errors {
				if f.Path == "" || !strings.Contains(f.Message, ":") {
					t.Errorf("the error %q has no path or does not say what to do", f)
				}
			}
		})
	}
}

// Names are guessed for the first of many that are not there, so that a check of a
// large structure ends soon.
func TestManyUnknownNames(t *testing.T) {
	t.Parallel()
	p := web()
	long := strings.Repeat("o", 90)
	for i := range 300 {
		p.Stages[1].Actions = append(p.Stages[1].Actions, definition.Action{
			Name: fmt.Sprintf("Compile%d", i), Provider: definition.CodeBuild{ProjectName: "web", EnvironmentVariables: "#{x.y}"},
			Inputs: definition.Artifacts(fmt.Sprintf("%s-%d", long, i), "Source"), Outputs: definition.Artifacts(fmt.Sprintf("%s_%d", long, i)),
		})
	}
	unknown, guessed := 0, 0
	for _, f := range p.Check() {
		if strings.Contains(f.Message, "no action makes the artifact") {
			unknown++
			if strings.Contains(f.Message, "did you mean "+long) {
				guessed++
			}
		}
	}
	if unknown != 300 || guessed != 100 {
		t.Errorf("%d artifacts unknown, %d guessed, want 300 and 100", unknown, guessed)
	}
}
