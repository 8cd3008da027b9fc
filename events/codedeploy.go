package events

// DeploymentStateChange says that a deployment has a new state (AWS
// CodeDeploy, "CodeDeploy Deployment State-change Notification").
type DeploymentStateChange struct {
	Header

	Application      string          `event:"detail/application"`
	DeploymentID     string          `event:"detail/deploymentId,id"`
	DeploymentGroup  string          `event:"detail/deploymentGroup"`
	InstanceGroupID  string          `event:"detail/instanceGroupId"`
	DeploymentRegion string          `event:"detail/region"`
	State            DeploymentState `event:"detail/state,id"`
}

// DeploymentInstanceStateChange says that a deployment has a new state on one
// instance (AWS CodeDeploy, "CodeDeploy Instance State-change Notification").
type DeploymentInstanceStateChange struct {
	Header

	Application      string          `event:"detail/application"`
	DeploymentID     string          `event:"detail/deploymentId,id"`
	DeploymentGroup  string          `event:"detail/deploymentGroup"`
	InstanceGroupID  string          `event:"detail/instanceGroupId"`
	InstanceID       string          `event:"detail/instanceId,id"`
	DeploymentRegion string          `event:"detail/region"`
	State            DeploymentState `event:"detail/state,id"`
}

// DeploymentHook is the payload with which AWS CodeDeploy calls the Lambda
// function of a life cycle event, such as BeforeAllowTraffic. The function
// answers with PutLifecycleEventHookExecutionStatus and both IDs.
type DeploymentHook struct {
	Origin

	DeploymentID string `event:"DeploymentId,id"`
	// HookExecutionID is lifecycleEventHookExecutionId of the API.
	HookExecutionID string `event:"LifecycleEventHookExecutionId,id"`
}

// Name is "CodeDeploy Lifecycle Event Hook".
func (e *DeploymentHook) Name() string { return "CodeDeploy Lifecycle Event Hook" }

// IdempotencyKey is made from deployment and hook.
func (e *DeploymentHook) IdempotencyKey() string {
	return joinKey("deployment-hook", e.DeploymentID, hexHash([]byte(e.HookExecutionID)))
}

// MarshalJSON encodes the event; see [Event].
func (e DeploymentHook) MarshalJSON() ([]byte, error) { return marshal(&e) }

// UnmarshalJSON decodes any payload that holds exactly one event of this type.
func (e *DeploymentHook) UnmarshalJSON(data []byte) error { return unmarshal(data, e) }

// DeploymentState is the state of a deployment, or of a deployment on one
// instance.
type DeploymentState string

// The states of deployments.
const (
	DeploymentStateStart   DeploymentState = "START"
	DeploymentStateSuccess DeploymentState = "SUCCESS"
	DeploymentStateFailure DeploymentState = "FAILURE"
	DeploymentStateStop    DeploymentState = "STOP" // not of instances
	DeploymentStateReady   DeploymentState = "READY"
)

// IdempotencyKey is made from deployment, state and time.
func (e *DeploymentStateChange) IdempotencyKey() string {
	return joinKey("deployment", e.Account, e.Region, e.DeploymentID, string(e.State), string(e.Time))
}

// IdempotencyKey is made from deployment, instance, state and time.
func (e *DeploymentInstanceStateChange) IdempotencyKey() string {
	return joinKey("deployment-instance", e.Account, e.Region, e.DeploymentID, e.InstanceID, string(e.State), string(e.Time))
}

// MarshalJSON encodes the event; see [Event].
func (e DeploymentStateChange) MarshalJSON() ([]byte, error) { return marshal(&e) }

// UnmarshalJSON decodes any payload that holds exactly one event of this type.
func (e *DeploymentStateChange) UnmarshalJSON(data []byte) error { return unmarshal(data, e) }

// MarshalJSON encodes the event; see [Event].
func (e DeploymentInstanceStateChange) MarshalJSON() ([]byte, error) { return marshal(&e) }

// UnmarshalJSON decodes any payload that holds exactly one event of this type.
func (e *DeploymentInstanceStateChange) UnmarshalJSON(data []byte) error { return unmarshal(data, e) }
