package citest

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// startInput is the input of StartBuild, and of StartBuildBatch, where some members
// have another name.
type startInput struct {
	Project        *string         `json:"projectName"`
	Token          *string         `json:"idempotencyToken"`
	SourceVersion  *string         `json:"sourceVersion"`
	SourceType     *string         `json:"sourceTypeOverride"`
	SourceLocation *string         `json:"sourceLocationOverride"`
	CloneDepth     *int32          `json:"gitCloneDepthOverride"`
	Buildspec      *string         `json:"buildspecOverride"`
	Variables      []variableInput `json:"environmentVariablesOverride"`
	Environment    *string         `json:"environmentTypeOverride"`
	Image          *string         `json:"imageOverride"`
	ComputeType    *string         `json:"computeTypeOverride"`
	Privileged     *bool           `json:"privilegedModeOverride"`
	ServiceRole    *string         `json:"serviceRoleOverride"`
	QueuedTimeout  *int32          `json:"queuedTimeoutInMinutesOverride"`
	Logs           *logsInput      `json:"logsConfigOverride"`
	ReportStatus   *bool           `json:"reportBuildStatusOverride"`

	Timeout        *int32 `json:"timeoutInMinutesOverride"`
	AutoRetryLimit *int32 `json:"autoRetryLimitOverride"`

	BatchTimeout      *int32 `json:"buildTimeoutInMinutesOverride"`
	BatchReportStatus *bool  `json:"reportBuildBatchStatusOverride"`

	// What the service takes and the server does not keep.
	Artifacts          json.RawMessage `json:"artifactsOverride"`
	BatchConfig        json.RawMessage `json:"buildBatchConfigOverride"`
	Cache              json.RawMessage `json:"cacheOverride"`
	Certificate        json.RawMessage `json:"certificateOverride"`
	DebugSession       json.RawMessage `json:"debugSessionEnabled"`
	EncryptionKey      json.RawMessage `json:"encryptionKeyOverride"`
	Fleet              json.RawMessage `json:"fleetOverride"`
	PullCredentials    json.RawMessage `json:"imagePullCredentialsTypeOverride"`
	RegistryCredential json.RawMessage `json:"registryCredentialOverride"`
	SecondarySources   json.RawMessage `json:"secondarySourcesOverride"`
	SourceAuth         json.RawMessage `json:"sourceAuthOverride"`
	Submodules         json.RawMessage `json:"gitSubmodulesConfigOverride"`
}

type variableInput struct {
	Name  *string `json:"name"`
	Value *string `json:"value"`
	Type  *string `json:"type"`
}

type logsInput struct {
	CloudWatch *struct {
		Status *string `json:"status"`
		Group  *string `json:"groupName"`
		Stream *string `json:"streamName"`
	} `json:"cloudWatchLogs"`
	S3 json.RawMessage `json:"s3Logs"`
}

var (
	environmentTypes = []string{"WINDOWS_CONTAINER", "LINUX_CONTAINER", "LINUX_GPU_CONTAINER", "ARM_CONTAINER",
		"WINDOWS_SERVER_2019_CONTAINER", "WINDOWS_SERVER_2022_CONTAINER", "LINUX_LAMBDA_CONTAINER", "ARM_LAMBDA_CONTAINER",
		"LINUX_EC2", "ARM_EC2", "WINDOWS_EC2", "MAC_ARM"}
	computeTypes = []string{"BUILD_GENERAL1_SMALL", "BUILD_GENERAL1_MEDIUM", "BUILD_GENERAL1_LARGE", "BUILD_GENERAL1_XLARGE",
		"BUILD_GENERAL1_2XLARGE", "BUILD_LAMBDA_1GB", "BUILD_LAMBDA_2GB", "BUILD_LAMBDA_4GB", "BUILD_LAMBDA_8GB",
		"BUILD_LAMBDA_10GB", "ATTRIBUTE_BASED_COMPUTE", "CUSTOM_INSTANCE_TYPE"}
	sourceTypes = []string{"CODECOMMIT", "CODEPIPELINE", "GITHUB", "GITLAB", "GITLAB_SELF_MANAGED", "S3", "BITBUCKET",
		"GITHUB_ENTERPRISE", "NO_SOURCE"}
)

const noLimit = 1 << 20

func (in *startInput) validate() error {
	var v awsjson.Validation
	v.Text("projectName", in.Project, true, 1, noLimit, nil)
	v.Text("idempotencyToken", in.Token, false, 0, 64, nil)
	for i, variable := range in.Variables {
		member := fmt.Sprintf("environmentVariablesOverride.%d.member.", i+1)
		v.Text(member+"name", variable.Name, true, 1, noLimit, nil)
		v.Present(member+"value", variable.Value != nil)
		optionalEnum(&v, member+"type", variable.Type, variableTypes)
	}
	optionalEnum(&v, "sourceTypeOverride", in.SourceType, sourceTypes)
	optionalEnum(&v, "environmentTypeOverride", in.Environment, environmentTypes)
	optionalEnum(&v, "computeTypeOverride", in.ComputeType, computeTypes)
	v.Text("imageOverride", in.Image, false, 1, noLimit, nil)
	v.Text("serviceRoleOverride", in.ServiceRole, false, 1, noLimit, nil)
	v.Integer("gitCloneDepthOverride", in.CloneDepth, 0, 1<<30)
	v.Integer("timeoutInMinutesOverride", in.Timeout, 5, 2160)
	v.Integer("buildTimeoutInMinutesOverride", in.BatchTimeout, 5, 2160)
	v.Integer("queuedTimeoutInMinutesOverride", in.QueuedTimeout, 5, 480)
	v.Integer("autoRetryLimitOverride", in.AutoRetryLimit, 0, 10)
	if in.Logs != nil && in.Logs.CloudWatch != nil {
		v.Enum("logsConfigOverride.cloudWatchLogs.status", in.Logs.CloudWatch.Status, "ENABLED", "DISABLED")
		v.Text("logsConfigOverride.cloudWatchLogs.groupName", in.Logs.CloudWatch.Group, false, 1, 512, logGroupPattern)
	}
	if err := v.Err(); err != nil {
		return as("InvalidInputException", err)
	}
	for _, more := range []struct {
		member string
		given  json.RawMessage
	}{
		{"artifactsOverride", in.Artifacts}, {"buildBatchConfigOverride", in.BatchConfig}, {"cacheOverride", in.Cache},
		{"certificateOverride", in.Certificate}, {"debugSessionEnabled", in.DebugSession}, {"encryptionKeyOverride", in.EncryptionKey},
		{"fleetOverride", in.Fleet}, {"imagePullCredentialsTypeOverride", in.PullCredentials},
		{"registryCredentialOverride", in.RegistryCredential}, {"secondarySourcesOverride", in.SecondarySources},
		{"sourceAuthOverride", in.SourceAuth}, {"gitSubmodulesConfigOverride", in.Submodules},
	} {
		if len(more.given) > 0 {
			return invalid("the test server does not keep %s", more.member)
		}
	}
	if in.Logs != nil && len(in.Logs.S3) > 0 {
		return invalid("the test server does not keep logsConfigOverride.s3Logs")
	}
	return nil
}

func optionalEnum(v *awsjson.Validation, member string, value *string, values []string) {
	if value != nil {
		v.Enum(member, value, values...)
	}
}

// config returns what the call builds of the project.
func (in *startInput) config(p *project) (config, error) {
	c := p.config()
	set(&c.sourceVersion, in.SourceVersion)
	set(&c.sourceType, in.SourceType)
	set(&c.sourceLocation, in.SourceLocation)
	set(&c.cloneDepth, in.CloneDepth)
	set(&c.buildspec, in.Buildspec)
	set(&c.environment, in.Environment)
	set(&c.image, in.Image)
	set(&c.computeType, in.ComputeType)
	set(&c.privileged, in.Privileged)
	set(&c.serviceRole, in.ServiceRole)
	set(&c.timeout, in.Timeout)
	set(&c.timeout, in.BatchTimeout)
	set(&c.queuedTimeout, in.QueuedTimeout)
	set(&c.autoRetryLimit, in.AutoRetryLimit)
	if in.Logs != nil && in.Logs.CloudWatch != nil {
		c.logsOff = *in.Logs.CloudWatch.Status == "DISABLED"
		set(&c.logGroup, in.Logs.CloudWatch.Group)
		set(&c.logStream, in.Logs.CloudWatch.Stream)
	}
	var over []Variable
	for _, v := range in.Variables {
		variable := Variable{Name: *v.Name, Value: *v.Value, Type: "PLAINTEXT"}
		set(&variable.Type, v.Type)
		if slices.ContainsFunc(over, func(o Variable) bool { return o.Name == variable.Name }) {
			return c, invalid("The environment variable %s is given twice", variable.Name)
		}
		over = append(over, variable)
	}
	c.variables = merged(c.variables, over)
	if c.sourceType == "CODECOMMIT" && (in.ReportStatus != nil || in.BatchReportStatus != nil) {
		return c, invalid("The build status of a CODECOMMIT source cannot be reported")
	}
	return c, nil
}

func set[T any](to *T, value *T) {
	if value != nil {
		*to = *value
	}
}

// tokenKey is an idempotency token of an operation.
type tokenKey struct{ operation, token string }

// tokenUse is what a token stands for.
type tokenUse struct {
	request string
	id      string
	at      time.Time
}

const tokenLife = 5 * time.Minute

// used returns the ID that an earlier call with the token has got, "" if there is
// none.
func (s *Server) used(operation string, token *string, request string) (id string, err error) {
	if token == nil || *token == "" {
		return "", nil
	}
	use, ok := s.tokens[tokenKey{operation, *token}]
	if !ok || s.now().Sub(use.at) >= tokenLife {
		return "", nil
	}
	if use.request != request {
		return "", invalid("The idempotency token was used for a request with other parameters")
	}
	return use.id, nil
}

func (s *Server) use(operation string, token *string, request, id string) {
	if token != nil && *token != "" {
		s.tokens[tokenKey{operation, *token}] = tokenUse{request, id, s.now()}
	}
}

// fingerprint returns what a request asks for, without its token.
func (in *startInput) fingerprint() string {
	request := *in
	request.Token = nil
	b, _ := json.Marshal(request) // cannot fail
	return string(b)
}

// room checks the limits of builds in progress.
func (s *Server) room(p *project) error {
	if s.limit > 0 && len(s.running) >= s.limit {
		return awsjson.Errorf("AccountLimitExceededException", "Cannot have more than %d builds in queue for the account", s.limit)
	}
	n := 0
	for _, b := range s.running {
		if b.project == p {
			n++
		}
	}
	if p.ConcurrentLimit > 0 && n >= p.ConcurrentLimit {
		return awsjson.Errorf("AccountLimitExceededException", "Cannot have more than %d builds in progress for project %s", p.ConcurrentLimit, p.Name)
	}
	return nil
}

type buildOutput struct {
	Build buildJSON `json:"build"`
}

func (s *Server) startBuild(in *startInput) (*buildOutput, error) {
	if err := in.validate(); err != nil {
		return nil, err
	}
	p, err := s.projectNamed(*in.Project)
	if err != nil {
		return nil, err
	}
	request := in.fingerprint()
	id, err := s.used("StartBuild", in.Token, request)
	if err != nil {
		return nil, err
	}
	if id != "" {
		return &buildOutput{s.byID[id].json()}, nil
	}
	c, err := in.config(p)
	if err != nil {
		return nil, err
	}
	if err := s.room(p); err != nil {
		return nil, err
	}
	b := s.newBuild(p, c)
	set(&b.token, in.Token)
	s.use("StartBuild", in.Token, request, b.id)
	b.launch()
	return &buildOutput{b.json()}, nil
}
