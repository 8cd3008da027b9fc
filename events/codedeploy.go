package events

// DeploymentStateChange says that a deployment has a new state (AWS
// CodeDeploy, "CodeDeploy Deployment State-change Notification").
type DeploymentStateChange struct {
	Header

	Application      string `event:"detail/application"`
	DeploymentID     string `event:"detail/deploymentId,id"`
	DeploymentGroup  string `event:"detail/deploymentGroup"`
	InstanceGroupID  string `event:"detail/instanceGroupId"`
	DeploymentRegion string `event:"detail/region"`
	// State is START, SUCCESS, FAILURE, STOP or READY.
	State string `event:"detail/state,id"`
}

// DeploymentInstanceStateChange says that a deployment has a new state on one
// instance (AWS CodeDeploy, "CodeDeploy Instance State-change Notification").
type DeploymentInstanceStateChange struct {
	Header

	Application      string `event:"detail/application"`
	DeploymentID     string `event:"detail/deploymentId,id"`
	DeploymentGroup  string `event:"detail/deploymentGroup"`
	InstanceGroupID  string `event:"detail/instanceGroupId"`
	InstanceID       string `event:"detail/instanceId,id"`
	DeploymentRegion string `event:"detail/region"`
	// State is START, SUCCESS, FAILURE or READY.
	State string `event:"detail/state,id"`
}

// IdempotencyKey is made from deployment, state and time.
func (e *DeploymentStateChange) IdempotencyKey() string {
	return joinKey("deployment", e.Account, e.Region, e.DeploymentID, e.State, string(e.Time))
}

// IdempotencyKey is made from deployment, instance, state and time.
func (e *DeploymentInstanceStateChange) IdempotencyKey() string {
	return joinKey("deployment-instance", e.Account, e.Region, e.DeploymentID, e.InstanceID, e.State, string(e.Time))
}

// MarshalJSON encodes the event; see [Event].
func (e DeploymentStateChange) MarshalJSON() ([]byte, error) { return marshal(&e) }

// UnmarshalJSON decodes any payload that holds exactly one event of this type.
func (e *DeploymentStateChange) UnmarshalJSON(data []byte) error { return unmarshal(data, e) }

// MarshalJSON encodes the event; see [Event].
func (e DeploymentInstanceStateChange) MarshalJSON() ([]byte, error) { return marshal(&e) }

// UnmarshalJSON decodes any payload that holds exactly one event of this type.
func (e *DeploymentInstanceStateChange) UnmarshalJSON(data []byte) error { return unmarshal(data, e) }
