package main_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	awsec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	awsssm "github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/smithy-go/middleware"
)

// errStopped ends a call of the SDK after the input was validated and written.
var errStopped = errors.New("the call is stopped before it is sent")

func stopCall(stack *middleware.Stack) error {
	return stack.Serialize.Add(middleware.SerializeMiddlewareFunc("stop", func(context.Context, middleware.SerializeInput, middleware.SerializeHandler) (middleware.SerializeOutput, middleware.Metadata, error) {
		return middleware.SerializeOutput{}, middleware.Metadata{}, errStopped
	}), middleware.After)
}

// operation returns a check of arguments for one operation of the SDK: its input
// has all members, of these types and values, and the SDK misses none.
func operation[In, Out, Option any](call func(context.Context, *In, ...Option) (*Out, error)) func(context.Context, any) error {
	return func(ctx context.Context, arguments any) error {
		var in In
		if err := fill(reflect.ValueOf(&in).Elem(), arguments, "Arguments"); err != nil {
			return err
		}
		if _, err := call(ctx, &in); !errors.Is(err, errStopped) {
			return err
		}
		return nil
	}
}

// fill sets a value of the SDK, and accepts nothing that it has no place for.
func fill(to reflect.Value, from any, path string) error {
	switch to.Kind() {
	case reflect.Pointer:
		to.Set(reflect.New(to.Type().Elem()))
		return fill(to.Elem(), from, path)
	case reflect.Struct:
		members, ok := from.(map[string]any)
		if !ok {
			return fmt.Errorf("%s: %v is no object", path, from)
		}
		for _, name := range slices.Sorted(maps.Keys(members)) {
			field, ok := to.Type().FieldByName(name)
			if !ok || !field.IsExported() {
				return fmt.Errorf("%s: %s has no member %s", path, to.Type().Name(), name)
			}
			if err := fill(to.FieldByIndex(field.Index), members[name], path+"."+name); err != nil {
				return err
			}
		}
		return nil
	case reflect.Slice:
		elements, ok := from.([]any)
		if !ok || len(elements) == 0 {
			return fmt.Errorf("%s: %v is no list with elements", path, from)
		}
		to.Set(reflect.MakeSlice(to.Type(), len(elements), len(elements)))
		for i, element := range elements {
			if err := fill(to.Index(i), element, fmt.Sprintf("%s[%d]", path, i)); err != nil {
				return err
			}
		}
		return nil
	case reflect.Map:
		members, ok := from.(map[string]any)
		if !ok {
			return fmt.Errorf("%s: %v is no object", path, from)
		}
		to.Set(reflect.MakeMap(to.Type()))
		for name, member := range members {
			value := reflect.New(to.Type().Elem()).Elem()
			if err := fill(value, member, path+"."+name); err != nil {
				return err
			}
			to.SetMapIndex(reflect.ValueOf(name), value)
		}
		return nil
	case reflect.String:
		text, ok := from.(string)
		if !ok || text == "" {
			return fmt.Errorf("%s: %v is no text", path, from)
		}
		to.SetString(text)
		if values := to.MethodByName("Values"); values.IsValid() && !slices.Contains(texts(values.Call(nil)[0]), text) {
			if path != "Arguments.InstanceType" { // types appear faster than versions of the SDK
				return fmt.Errorf("%s: %q is none of %v", path, text, texts(values.Call(nil)[0]))
			}
		}
		return nil
	case reflect.Bool:
		value, ok := from.(bool)
		if !ok {
			return fmt.Errorf("%s: %v is no boolean", path, from)
		}
		to.SetBool(value)
		return nil
	case reflect.Int32, reflect.Int64:
		number, ok := from.(float64)
		if !ok || number != math.Trunc(number) {
			return fmt.Errorf("%s: %v is no integer", path, from)
		}
		to.SetInt(int64(number))
		return nil
	}
	return fmt.Errorf("%s: the type %s is not known", path, to.Type())
}

func texts(list reflect.Value) []string {
	all := make([]string, list.Len())
	for i := range all {
		all[i] = list.Index(i).String()
	}
	return all
}

// operations are those of the SDK, by the resource of a task.
func operations() map[string]func(context.Context, any) error {
	cfg := aws.Config{Region: "eu-central-1", APIOptions: []func(*middleware.Stack) error{stopCall}}
	ec2, ssm := awsec2.NewFromConfig(cfg), awsssm.NewFromConfig(cfg)
	s3, codepipeline := awss3.NewFromConfig(cfg), awscodepipeline.NewFromConfig(cfg)
	return map[string]func(context.Context, any) error{
		"aws-sdk:ec2:runInstances":                 operation(ec2.RunInstances),
		"aws-sdk:ec2:describeInstances":            operation(ec2.DescribeInstances),
		"aws-sdk:ec2:terminateInstances":           operation(ec2.TerminateInstances),
		"aws-sdk:ssm:sendCommand":                  operation(ssm.SendCommand),
		"aws-sdk:ssm:getCommandInvocation":         operation(ssm.GetCommandInvocation),
		"aws-sdk:ssm:listCommandInvocations":       operation(ssm.ListCommandInvocations),
		"aws-sdk:ssm:describeInstanceInformation":  operation(ssm.DescribeInstanceInformation),
		"aws-sdk:s3:getObject":                     operation(s3.GetObject),
		"aws-sdk:codepipeline:putJobSuccessResult": operation(codepipeline.PutJobSuccessResult),
		"aws-sdk:codepipeline:putJobFailureResult": operation(codepipeline.PutJobFailureResult),
	}
}

// TestMachineArguments hands the arguments of all tasks to the SDK.
func TestMachineArguments(t *testing.T) {
	t.Parallel()
	m := machine(t)
	known := operations()
	seen := map[string]bool{}
	for name, s := range scenarios() {
		if name == "success" { // everything that a launch may have
			s.in.Instance.LaunchTemplateID, s.in.Instance.LaunchTemplateVersion = "lt-0a1b2c3d4e5f60718", "$Latest"
			s.in.Instance.RootDevice, s.in.Instance.RootSize = "/dev/xvda", 60
			s.in.Launches[0].NoPublicIP = true
		}
		_, c := run(t, m, s.plan, s.in)
		for _, call := range c.calls {
			seen[call.State] = true
			check := known[call.Resource]
			if check == nil {
				t.Fatalf("%s: the SDK has no %s", call.State, call.Resource)
			}
			if err := check(t.Context(), any(call.Arguments)); err != nil {
				t.Errorf("%s: %s: %v", name, call.State, err)
			}
		}
	}
	for name, s := range m.States {
		if s.Type == "Task" && !seen[name] {
			t.Errorf("no scenario has a call of %s", name)
		}
	}
}

// TestArgumentsAreChecked keeps TestMachineArguments from accepting anything.
func TestArgumentsAreChecked(t *testing.T) {
	t.Parallel()
	known := operations()
	for _, test := range []struct {
		resource  string
		arguments map[string]any
		want      string
	}{
		{"aws-sdk:ec2:runInstances", map[string]any{"MinCount": 1.0, "MaxCount": 1.0}, ""},
		{"aws-sdk:ec2:runInstances", map[string]any{"MinCount": 1.0}, "missing required field, RunInstancesInput.MaxCount"},
		{"aws-sdk:ec2:runInstances", map[string]any{"minCount": 1.0}, "RunInstancesInput has no member minCount"},
		{"aws-sdk:ec2:runInstances", map[string]any{"InstanceInitiatedShutdownBehavior": "end"}, `"end" is none of [stop terminate]`},
		{"aws-sdk:ec2:terminateInstances", map[string]any{"InstanceIds": "i-1"}, "is no list"},
		{"aws-sdk:ssm:sendCommand", map[string]any{}, "missing required field, SendCommandInput.DocumentName"},
		{"aws-sdk:codepipeline:putJobFailureResult", map[string]any{"JobId": "x", "FailureDetails": map[string]any{"Type": "JobFailed"}}, "missing required field, PutJobFailureResultInput.FailureDetails.Message"},
	} {
		err := known[test.resource](t.Context(), test.arguments)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s %v: %v, want %q", test.resource, test.arguments, err, test.want)
		}
	}
}
