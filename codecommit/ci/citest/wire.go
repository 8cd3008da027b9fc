package citest

import (
	"errors"
	"strings"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// initiator is who starts all builds.
const initiator = "codesuite/test"

// The structures that several replies have.
type (
	buildJSON struct {
		ID              string             `json:"id"`
		ARN             string             `json:"arn"`
		Number          int                `json:"buildNumber"`
		StartTime       *awsjson.Timestamp `json:"startTime"`
		EndTime         *awsjson.Timestamp `json:"endTime,omitempty"`
		CurrentPhase    string             `json:"currentPhase"`
		Status          Status             `json:"buildStatus"`
		SourceVersion   string             `json:"sourceVersion,omitempty"`
		ResolvedVersion string             `json:"resolvedSourceVersion,omitempty"`
		ProjectName     string             `json:"projectName"`
		Phases          []phaseJSON        `json:"phases"`
		Source          sourceJSON         `json:"source"`
		Artifacts       *artifactsJSON     `json:"artifacts,omitempty"`
		Cache           eventType          `json:"cache"`
		Environment     environmentJSON    `json:"environment"`
		ServiceRole     string             `json:"serviceRole"`
		Logs            *logsJSON          `json:"logs,omitempty"`
		Timeout         int32              `json:"timeoutInMinutes"`
		QueuedTimeout   int32              `json:"queuedTimeoutInMinutes"`
		Complete        bool               `json:"buildComplete"`
		Initiator       string             `json:"initiator"`
		EncryptionKey   string             `json:"encryptionKey"`
		Exported        []exportedJSON     `json:"exportedEnvironmentVariables,omitempty"`
		ReportARNs      []string           `json:"reportArns,omitempty"`
		BatchARN        string             `json:"buildBatchArn,omitempty"`
		AutoRetry       *autoRetryJSON     `json:"autoRetryConfig,omitempty"`
	}
	phaseJSON struct {
		Type     string             `json:"phaseType"`
		Status   Status             `json:"phaseStatus,omitempty"`
		Start    *awsjson.Timestamp `json:"startTime"`
		End      *awsjson.Timestamp `json:"endTime,omitempty"`
		Seconds  *int64             `json:"durationInSeconds,omitempty"`
		Contexts []contextJSON      `json:"contexts,omitempty"`
	}
	contextJSON struct {
		Code    string `json:"statusCode"`
		Message string `json:"message"`
	}
	sourceJSON struct {
		Type       string `json:"type"`
		Location   string `json:"location,omitempty"`
		CloneDepth int32  `json:"gitCloneDepth"`
		Buildspec  string `json:"buildspec,omitempty"`
		Insecure   bool   `json:"insecureSsl"`
	}
	artifactsJSON struct {
		Location string `json:"location"`
	}
	environmentJSON struct {
		Type        string         `json:"type"`
		Image       string         `json:"image"`
		ComputeType string         `json:"computeType"`
		Variables   []variableJSON `json:"environmentVariables"`
		Privileged  bool           `json:"privilegedMode"`
		Credentials string         `json:"imagePullCredentialsType"`
	}
	variableJSON struct {
		Name  string `json:"name"`
		Value string `json:"value"`
		Type  string `json:"type"`
	}
	exportedJSON struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	logsJSON struct {
		Group    string          `json:"groupName,omitempty"`
		Stream   string          `json:"streamName,omitempty"`
		DeepLink string          `json:"deepLink,omitempty"`
		ARN      string          `json:"cloudWatchLogsArn,omitempty"`
		Settings logSettingsJSON `json:"cloudWatchLogs"`
	}
	logSettingsJSON struct {
		Status string `json:"status"`
		Group  string `json:"groupName,omitempty"`
		Stream string `json:"streamName,omitempty"`
	}
	autoRetryJSON struct {
		Limit    int32  `json:"autoRetryLimit"`
		Number   int    `json:"autoRetryNumber"`
		Next     string `json:"nextAutoRetry,omitempty"`
		Previous string `json:"previousAutoRetry,omitempty"`
	}
	batchJSON struct {
		ID              string             `json:"id"`
		ARN             string             `json:"arn"`
		Number          int                `json:"buildBatchNumber"`
		StartTime       *awsjson.Timestamp `json:"startTime"`
		EndTime         *awsjson.Timestamp `json:"endTime,omitempty"`
		CurrentPhase    string             `json:"currentPhase"`
		Status          Status             `json:"buildBatchStatus"`
		SourceVersion   string             `json:"sourceVersion,omitempty"`
		ResolvedVersion string             `json:"resolvedSourceVersion,omitempty"`
		ProjectName     string             `json:"projectName"`
		Phases          []phaseJSON        `json:"phases"`
		Source          sourceJSON         `json:"source"`
		Environment     environmentJSON    `json:"environment"`
		ServiceRole     string             `json:"serviceRole"`
		LogConfig       *logConfigJSON     `json:"logConfig,omitempty"`
		Timeout         int32              `json:"buildTimeoutInMinutes"`
		QueuedTimeout   int32              `json:"queuedTimeoutInMinutes"`
		Complete        bool               `json:"complete"`
		Initiator       string             `json:"initiator"`
		Groups          []groupJSON        `json:"buildGroups"`
		ReportARNs      []string           `json:"reportArns,omitempty"`
	}
	logConfigJSON struct {
		Settings logSettingsJSON `json:"cloudWatchLogs"`
	}
	groupJSON struct {
		Identifier    string       `json:"identifier"`
		DependsOn     []string     `json:"dependsOn"`
		IgnoreFailure bool         `json:"ignoreFailure"`
		Current       *summaryJSON `json:"currentBuildSummary,omitempty"`
	}
	summaryJSON struct {
		ARN       string             `json:"arn"`
		Requested *awsjson.Timestamp `json:"requestedOn"`
		Status    Status             `json:"buildStatus"`
		Artifact  *eventType         `json:"primaryArtifact,omitempty"`
	}
)

func variablesJSON(variables []Variable) []variableJSON {
	list := make([]variableJSON, 0, len(variables))
	for _, v := range variables {
		if v.Type == "" {
			v.Type = "PLAINTEXT"
		}
		list = append(list, variableJSON(v))
	}
	return list
}

func (c *config) sourceJSON() sourceJSON {
	return sourceJSON{Type: c.sourceType, Location: c.sourceLocation, CloneDepth: c.cloneDepth, Buildspec: c.buildspec}
}

func (c *config) environmentJSON() environmentJSON {
	return environmentJSON{c.environment, c.image, c.computeType, variablesJSON(c.variables), c.privileged, "CODEBUILD"}
}

func (c *config) logSettings() logSettingsJSON {
	if c.logsOff {
		return logSettingsJSON{Status: "DISABLED"}
	}
	settings := logSettingsJSON{Status: "ENABLED", Stream: c.logStream}
	if c.logGroup != "" {
		settings.Group = c.logGroup
	}
	return settings
}

func phasesJSON(phases []phase) []phaseJSON {
	list := make([]phaseJSON, 0, len(phases))
	for _, p := range phases {
		shown := phaseJSON{Type: p.name, Status: p.status, Start: awsjson.At(p.start), End: awsjson.At(p.end)}
		if p.status != "" {
			seconds := p.seconds()
			shown.Seconds = &seconds
			for range p.context() {
				shown.Contexts = append(shown.Contexts, contextJSON{p.code, p.message})
			}
		}
		list = append(list, shown)
	}
	return list
}

func (b *build) json() buildJSON {
	c := &b.config
	out := buildJSON{
		ID: b.id, ARN: b.arn, Number: b.number, StartTime: awsjson.At(b.start), EndTime: awsjson.At(b.end), CurrentPhase: b.current().name,
		Status: b.status, SourceVersion: c.sourceVersion, ResolvedVersion: b.commit, ProjectName: b.project.Name,
		Phases: phasesJSON(b.phases), Source: c.sourceJSON(), Artifacts: &artifactsJSON{}, Cache: eventType{"NO_CACHE"},
		Environment: c.environmentJSON(), ServiceRole: c.serviceRole, Logs: &logsJSON{Settings: c.logSettings()},
		Timeout: c.timeout, QueuedTimeout: c.queuedTimeout, Complete: b.ended(), Initiator: initiator,
		EncryptionKey: "arn:aws:kms:" + region + ":" + accountID + ":alias/aws/s3", ReportARNs: append([]string(nil), b.reportARNs...),
	}
	if l := b.stream; l != nil {
		out.Logs.Group, out.Logs.Stream, out.Logs.DeepLink = l.Group, l.Name, l.DeepLink()
		out.Logs.ARN = l.ARN()
	}
	if b.ended() {
		for _, v := range b.outcome.Exported {
			out.Exported = append(out.Exported, exportedJSON{v.Name, v.Value})
		}
	}
	if b.batch != nil {
		out.BatchARN = b.batch.arn
	}
	if c.autoRetryLimit > 0 {
		out.AutoRetry = &autoRetryJSON{Limit: c.autoRetryLimit, Number: b.retryNumber}
		if b.following != nil {
			out.AutoRetry.Next = b.following.arn
		}
		if b.previous != nil {
			out.AutoRetry.Previous = b.previous.arn
		}
	}
	return out
}

func (b *batch) json() batchJSON {
	c := &b.config
	out := batchJSON{
		ID: b.id, ARN: b.arn, Number: b.number, StartTime: awsjson.At(b.start), EndTime: awsjson.At(b.end), CurrentPhase: b.current().name,
		Status: b.status, SourceVersion: c.sourceVersion, ProjectName: b.project.Name, Phases: phasesJSON(b.phases),
		Source: c.sourceJSON(), Environment: c.environmentJSON(), ServiceRole: c.serviceRole, LogConfig: &logConfigJSON{c.logSettings()},
		Timeout: c.timeout, QueuedTimeout: c.queuedTimeout, Complete: b.ended(), Initiator: initiator,
	}
	for _, g := range b.groups {
		shown := groupJSON{Identifier: g.Identifier, DependsOn: append([]string{}, g.DependsOn...), IgnoreFailure: g.IgnoreFailure}
		if g.build != nil {
			shown.Current = &summaryJSON{g.build.arn, awsjson.At(g.build.start), g.build.status, &eventType{"NO_ARTIFACTS"}}
			out.ReportARNs = append(out.ReportARNs, g.build.reportARNs...)
			if g.build.commit != "" {
				out.ResolvedVersion = g.build.commit
			}
		}
		out.Groups = append(out.Groups, shown)
	}
	return out
}

// bare returns the ID of a build or a batch, which may be given as ARN.
func bare(id, kind string) string {
	return strings.TrimPrefix(id, "arn:aws:codebuild:"+region+":"+accountID+":"+kind+"/")
}

// as gives an error of validation the code that the service has for it.
func as(code string, err error) error {
	var e *awsjson.Error
	if !errors.As(err, &e) {
		return err
	}
	return awsjson.Errorf(code, "%s", e.Message)
}

func invalid(format string, args ...any) error {
	return awsjson.Errorf("InvalidInputException", format, args...)
}

// projectNamed returns the project that a call names.
func (s *Server) projectNamed(name string) (*project, error) {
	if p := s.projects[name]; p != nil {
		return p, nil
	}
	return nil, awsjson.Errorf("ResourceNotFoundException", "Project cannot be found: arn:aws:codebuild:%s:%s:project/%s", region, accountID, name)
}
