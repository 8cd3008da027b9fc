package ec2build

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/codesuite-go/codesuite/internal/apierror"
)

// instance is an instance that is not terminated, or about to be.
type instance struct {
	id       string
	launched time.Time
	tags     map[string]string
}

// alive are the states of instances that cost or may cost again.
var alive = []string{"pending", "running", "stopping", "stopped"}

// instances returns the instances that are alive and have the tag.
func (h *Handler) instances(ctx context.Context, key, value string) ([]instance, error) {
	return h.find(ctx, &awsec2.DescribeInstancesInput{Filters: []ec2types.Filter{
		{Name: aws.String("tag:" + key), Values: []string{value}},
		{Name: aws.String("instance-state-name"), Values: alive},
	}})
}

func (h *Handler) find(ctx context.Context, in *awsec2.DescribeInstancesInput) ([]instance, error) {
	var found []instance
	for range maxPages {
		out, err := h.clients.EC2.DescribeInstances(ctx, in)
		if err != nil {
			return nil, callError("DescribeInstances", "ec2", "", err)
		}
		for _, r := range out.Reservations {
			for _, i := range r.Instances {
				tags := make(map[string]string, len(i.Tags))
				for _, t := range i.Tags {
					tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
				}
				found = append(found, instance{aws.ToString(i.InstanceId), aws.ToTime(i.LaunchTime), tags})
			}
		}
		if in.NextToken = out.NextToken; aws.ToString(in.NextToken) == "" {
			return found, nil
		}
	}
	return nil, fmt.Errorf("ec2build: describe instances: over %d pages", maxPages)
}

// terminateOf terminates the instances of an execution.
func (h *Handler) terminateOf(ctx context.Context, execution string) error {
	found, err := h.instances(ctx, TagExecution, execution)
	if err != nil {
		return err
	}
	return h.terminateAll(ctx, found)
}

func (h *Handler) terminateAll(ctx context.Context, found []instance) error {
	var errs []error
	for _, i := range found {
		errs = append(errs, h.terminate(ctx, i))
	}
	return errors.Join(errs...)
}

// terminate terminates one instance: a call for several fails for all if one is
// gone.
func (h *Handler) terminate(ctx context.Context, i instance) error {
	_, err := h.clients.EC2.TerminateInstances(ctx, &awsec2.TerminateInstancesInput{InstanceIds: []string{i.id}})
	if err != nil && apierror.Code(err) != "InvalidInstanceID.NotFound" {
		return callError("TerminateInstances", "ec2", i.id, err)
	}
	h.options.Logger.InfoContext(ctx, "ec2build: instance terminated", "instance", i.id, "execution", i.tags[TagExecution])
	return nil
}
