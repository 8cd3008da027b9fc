package ec2build

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	awsssm "github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/pipeline/action"
)

// compose returns the input of the execution with the name for the job. An error
// that is an [*action.Failure] is the job's result; any other is temporary.
func (h *Handler) compose(ctx context.Context, job action.Details, name string) (*Input, error) {
	c, err := parse(job.Configuration, job.Outputs)
	if err != nil {
		return nil, &action.Failure{Type: action.FailureTypeConfigurationError, Err: err}
	}
	image, err := h.image(ctx, c.image)
	if err != nil {
		return nil, err
	}
	o := &h.options
	document, err := h.document(image.platform, c.docker)
	if err != nil {
		return nil, &action.Failure{Type: action.FailureTypeConfigurationError, Err: err}
	}
	timeout := cmp.Or(c.timeout, o.Timeout)
	lifetime := o.StartTimeout + timeout + grace
	b := build{
		command: c.command, directory: c.directory, inputs: job.Inputs, outputs: c.outputs,
		encryptionKey: job.EncryptionKey, timeout: timeout, environment: h.environment(job, name),
	}
	if image.platform == PlatformLinux {
		// A form of a browser sends the line ends of Windows.
		b.command = strings.ReplaceAll(b.command, "\r\n", "\n")
	}
	in := &Input{
		JobID: job.ID, Pipeline: job.Pipeline, PipelineARN: job.PipelineARN, PipelineExecutionID: job.ExecutionID,
		Stage: job.Stage, Action: job.Action,
		Instance: Instance{
			ImageID: image.id, LaunchTemplateID: o.LaunchTemplateID, LaunchTemplateVersion: o.LaunchTemplateVersion,
			Profile: o.InstanceProfile, UserData: userData(image.platform, lifetime, o.Boot[image.platform]),
		},
		Launches: Launches(c.types, o.Network, cmp.Or(c.market, o.Market)),
		Plugin:   stepName,
		LogGroup: o.LogGroup,
		Tags: Tags{
			TagBuilder:  o.Name,
			tagLifetime: fmt.Sprint(int(lifetime.Seconds())),
			"Name":      cut("codesuite "+job.Pipeline+" "+job.Action, 256),
		},
		StartTimeout: int(o.StartTimeout.Seconds()),
		Timeout:      int(timeout.Seconds()),
		Relaunches:   max(0, o.Relaunches),
	}
	maps.Copy(in.Tags, o.Tags)
	if c.volume > 0 {
		in.Instance.RootDevice, in.Instance.RootSize = image.rootDevice, c.volume
	}
	if o.VariablesBucket != "" {
		in.Variables = &InstanceObject{Bucket: o.VariablesBucket, KeyPrefix: o.VariablesPrefix}
		b.variables = in.Variables
	}
	in.Command = Command{Document: document, DocumentVersion: o.DocumentVersion, Parameters: b.parameters()}
	if o.Input != nil {
		o.Input(in, job)
	}
	if err := in.Check(); err != nil {
		return nil, &action.Failure{Type: action.FailureTypeConfigurationError, Err: err}
	}
	return in, nil
}

// environment returns the variables of the sample, with its names, and ours.
func (h *Handler) environment(job action.Details, name string) []variable {
	variables := []variable{
		{"PipelineName", job.Pipeline},
		{"PipelineArn", job.PipelineARN},
		{"PipelineExecutionId", job.ExecutionID},
		{"CODESUITE_STAGE", job.Stage},
		{"CODESUITE_ACTION", job.Action},
		{"CODESUITE_EXECUTION", h.executionARN(name)},
	}
	if region := h.options.Region; region != "" {
		variables = append(variables, variable{"AWS_REGION", region}, variable{"AWS_DEFAULT_REGION", region})
	}
	return variables
}

func (h *Handler) document(platform Platform, docker bool) (string, error) {
	d := h.options.Documents
	name := d.Linux
	switch {
	case platform == PlatformLinux && docker:
		return "", errors.New("configuration " + keyDocker + ": Docker is installed on Windows alone: install it in the image for Linux")
	case docker:
		name = d.WindowsDocker
	case platform == PlatformWindows:
		name = d.Windows
	}
	if name == "" {
		return "", fmt.Errorf("the image is for %s, and this installation has no document of Systems Manager for it (with Docker: %v)", platform, docker)
	}
	return name, nil
}

// image is an AMI.
type image struct {
	id, rootDevice string
	platform       Platform
}

// image finds the AMI with the ID, or that of the parameter.
func (h *Handler) image(ctx context.Context, id string) (image, error) {
	alias := ""
	if !amiPattern.MatchString(id) {
		alias = id
		out, err := h.clients.SystemsManager.GetParameter(ctx, &awsssm.GetParameterInput{Name: aws.String(alias)})
		if err != nil {
			return image{}, failed("GetParameter", "ssm", alias, err, "ParameterNotFound", "ParameterVersionNotFound", "ValidationException")
		}
		if out.Parameter != nil {
			id = strings.TrimSpace(aws.ToString(out.Parameter.Value))
		}
		if !amiPattern.MatchString(id) {
			// Not the value: the parameter may be anything.
			return image{}, action.Failf(action.FailureTypeConfigurationError, "configuration %s: the value of the parameter %s is not the ID of an AMI", keyImageID, alias)
		}
	}
	out, err := h.clients.EC2.DescribeImages(ctx, &awsec2.DescribeImagesInput{ImageIds: []string{id}})
	if err != nil {
		return image{}, failed("DescribeImages", "ec2", id, err, "InvalidAMIID.NotFound", "InvalidAMIID.Malformed", "InvalidAMIID.Unavailable")
	}
	if len(out.Images) == 0 {
		return image{}, action.Failf(action.FailureTypeConfigurationError, "configuration %s: there is no image %s in this Region", keyImageID, id)
	}
	found := image{id: id, rootDevice: aws.ToString(out.Images[0].RootDeviceName), platform: PlatformLinux}
	// The API writes "windows", the SDK's constant "Windows".
	if strings.EqualFold(string(out.Images[0].Platform), string(PlatformWindows)) {
		found.platform = PlatformWindows
	}
	return found, nil
}

// failed returns the error of a call about what the action's configuration names: a
// failure of the job if the call was denied or has one of the codes.
func failed(operation, service, object string, err error, codes ...string) error {
	text := apierror.Call{Package: "ec2build", Service: service, Operation: operation, Object: object, Err: err}.Text()
	for _, code := range codes {
		if apierror.Code(err) == code {
			return action.Failf(action.FailureTypeConfigurationError, "%s", text)
		}
	}
	if apierror.Denied(err) {
		return action.Failf(action.FailureTypePermissionError, "%s", text)
	}
	return fmt.Errorf("%s: %w", text[:len(text)-len(fmt.Sprintf(": %v", err))], err)
}

func cut(text string, characters int) string {
	if runes := []rune(text); len(runes) > characters {
		return string(runes[:characters])
	}
	return text
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }
