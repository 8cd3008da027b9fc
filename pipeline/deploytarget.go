package pipeline

import "time"

// DeployTarget is an instance that an EC2 deployment deploys to.
type DeployTarget struct {
	ID     string // of the instance or the managed node
	Type   string // in the spelling of the API
	Status string // in the spelling of the API, an open set
	// Started and Ended are zero while the deployment to the target has not.
	Started, Ended time.Time
	Events         []DeployTargetEvent // in the order of the API
}

// DeployTargetEvent is a step of the deployment to a target, such as the download
// of the artifact or a script.
type DeployTargetEvent struct {
	Name, Status   string
	Started, Ended time.Time
	Message        string // such as the end of a script's output
	SSMCommandID   string // of the command of Systems Manager that ran it
}
