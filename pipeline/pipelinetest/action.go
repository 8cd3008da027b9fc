package pipelinetest

import "time"

// Action is one action of a stage. [GitHubSource], [CodeBuildAction] and the
// like return actions with the configuration and artifacts that are usual for
// their provider; all fields may be changed. In the name of an output artifact, such as
// <name>Artifact, "_" stands for "." and "@" of the action's name.
type Action struct {
	Name          string
	Type          ActionType
	RunOrder      int // 1 to 999; default 1. Actions with the same number run in parallel
	Configuration map[string]string
	// Secrets are the keys of Configuration whose values the API shows as ****.
	Secrets   []string
	Namespace string   // of the output variables, for #{namespace.key}; "" is none
	Region    string   // default us-east-1
	RoleARN   string   // of the role that the action takes on; "" for that of the pipeline
	Inputs    []string // names of input artifacts
	Outputs   []string // names of output artifacts

	// Commands are those of the provider Commands, OutputVariables the variables
	// that they export, and Files the patterns of the files in the output artifacts, by
	// the artifact's name. Environment is for some other providers, too.
	Commands, OutputVariables []string
	Files                     map[string][]string
	Environment               []EnvironmentVariable

	// Timeout is how long a manual approval waits by the clock of
	// [Server.SetClock], in whole minutes from 5 minutes to 60 days; default 7
	// days. Other actions have none.
	Timeout time.Duration

	// Run decides how the action ends; see [Outcome]. It is called once the action has
	// started, and again later as long as it answers [StateInProgress]. It may use
	// the server: no lock is held.
	//
	// Without Run an action succeeds with the results that are usual for its
	// provider: output artifacts, output variables, external execution, log and
	// targets. An action that deploys to S3 extracts its artifact. Four kinds wait:
	//
	//   - a manual approval for PutApprovalResult,
	//   - a Lambda invoke action for the function's PutJobSuccessResult or
	//     PutJobFailureResult,
	//   - an action that is not of the catalogue of package actiontype for a job
	//     worker,
	//   - an action that starts another pipeline for its execution.
	//
	// [Server.Finish] ends any of them, and [Server.SetSimulation] lets actions without
	// Run take their time or wait for nobody.
	Run func(ActionRun) Outcome

	// Revision is what a source action finds; missing parts are made up. nil is
	// a revision that stays the same. [Server.SetRevision] changes it.
	Revision *Revision

	connection *Connection
}

// EnvironmentVariable is a variable of an action's environment.
type EnvironmentVariable struct {
	Name, Value string
	Type        string // PLAINTEXT or SECRETS_MANAGER; "" is PLAINTEXT
}

// ActionType names the kind of an action and its provider.
type ActionType struct {
	Category string // Source, Build, Deploy, Test, Invoke, Approval or Compute
	Owner    string // AWS, ThirdParty or Custom; default AWS
	Provider string // such as CodeBuild
	Version  string // default "1"
}

// String returns the parts with a slash between them, such as
// "Custom/Build/Make/1", in the order of ARNs.
func (t ActionType) String() string {
	return t.Owner + "/" + t.Category + "/" + t.Provider + "/" + t.Version
}

// CodeBuildAction returns an action that builds a project with CodeBuild, with the
// output artifact <name>Artifact. The inputs are names of artifacts, as in all of these
// functions.
func CodeBuildAction(name, project string, inputs ...string) Action {
	return Action{
		Name:          name,
		Type:          ActionType{"Build", "AWS", "CodeBuild", "1"},
		Configuration: map[string]string{"ProjectName": project},
		Inputs:        inputs,
		Outputs:       []string{artifactName(name)},
	}
}

// CommandsAction returns an action that runs commands, with the output artifact
// <name>Artifact of all files. GetLogEvents returns the log of the commands.
func CommandsAction(name string, commands []string, inputs ...string) Action {
	return Action{
		Name:     name,
		Type:     ActionType{"Compute", "AWS", "Commands", "1"},
		Commands: commands,
		Inputs:   inputs,
		Outputs:  []string{artifactName(name)},
		Files:    map[string][]string{artifactName(name): {"**/*"}},
	}
}

// EC2DeployAction returns an action that deploys to the instances with the tag.
// ListDeployActionExecutionTargets lists them; see [Target].
func EC2DeployAction(name, tagKey, tagValue, input string) Action {
	return Action{
		Name: name,
		Type: ActionType{"Deploy", "AWS", "EC2", "1"},
		Configuration: map[string]string{
			"InstanceTagKey": tagKey, "InstanceTagValue": tagValue, "InstanceType": "EC2", "DeploySpec": "deployspec.yml",
		},
		Inputs: []string{input},
	}
}

// CodeDeployAction returns an action that deploys to a deployment group of CodeDeploy.
func CodeDeployAction(name, application, deploymentGroup, input string) Action {
	return Action{
		Name:          name,
		Type:          ActionType{"Deploy", "AWS", "CodeDeploy", "1"},
		Configuration: map[string]string{"ApplicationName": application, "DeploymentGroupName": deploymentGroup},
		Inputs:        []string{input},
	}
}

// ApprovalAction returns a manual approval, which waits for PutApprovalResult.
func ApprovalAction(name string) Action {
	return Action{Name: name, Type: ActionType{"Approval", "AWS", "Manual", "1"}}
}

// LambdaAction returns an action that invokes a function, with user parameters unless
// they are "". [Server.OnInvoke] receives the function's event; the action waits for the
// result of its job.
func LambdaAction(name, function, userParameters string, inputs ...string) Action {
	configuration := map[string]string{"FunctionName": function}
	if userParameters != "" {
		configuration["UserParameters"] = userParameters
	}
	return Action{
		Name:          name,
		Type:          ActionType{"Invoke", "AWS", "Lambda", "1"},
		Configuration: configuration,
		Inputs:        inputs,
	}
}

// CustomAction returns an action of a custom action type, which waits for a
// job worker.
func CustomAction(name, category, provider, version string, configuration map[string]string, inputs ...string) Action {
	return Action{
		Name:          name,
		Type:          ActionType{category, "Custom", provider, version},
		Configuration: configuration,
		Inputs:        inputs,
	}
}

// ThirdPartyAction returns an action of a partner's action type, which waits
// for the partner's job worker.
func ThirdPartyAction(name, category, provider, version string, configuration map[string]string, inputs ...string) Action {
	a := CustomAction(name, category, provider, version, configuration, inputs...)
	a.Type.Owner = "ThirdParty"
	return a
}

// artifactName returns the name of the output artifact of an action, as the
// console makes it. Action names may have characters that artifact names
// must not have.
func artifactName(action string) string {
	b := []byte(action)
	for i, c := range b {
		if c == '.' || c == '@' {
			b[i] = '_'
		}
	}
	return string(b) + "Artifact"
}
