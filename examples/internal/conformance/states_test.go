package conformance_test

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssfn "github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
	awsssm "github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// waitingMachine is the definition of a state machine that waits until it is stopped.
const waitingMachine = `{"StartAt":"Wait","States":{"Wait":{"Type":"Wait","Seconds":3600,"End":true}}}`

// makeMachine makes a state machine. Its executions end with it.
func (a *account) makeMachine(ctx context.Context) (string, error) {
	out, err := a.states.CreateStateMachine(ctx, &awssfn.CreateStateMachineInput{
		Name: &a.name, Definition: aws.String(waitingMachine), RoleArn: &a.role, Tags: []sfntypes.Tag{{Key: aws.String(tagKey), Value: aws.String(tagValue)}},
	})
	if err != nil {
		return "", err
	}
	a.later("state machine "+a.name, func(ctx context.Context) error {
		_, err := a.states.DeleteStateMachine(ctx, &awssfn.DeleteStateMachineInput{StateMachineArn: out.StateMachineArn})
		return err
	})
	return aws.ToString(out.StateMachineArn), nil
}

func (a *account) makeDocument(ctx context.Context, name, content string) error {
	_, err := a.ssm.CreateDocument(ctx, &awsssm.CreateDocumentInput{
		Name: &name, Content: &content, DocumentType: ssmtypes.DocumentTypeCommand, DocumentFormat: ssmtypes.DocumentFormatJson,
		Tags: []ssmtypes.Tag{{Key: aws.String(tagKey), Value: aws.String(tagValue)}},
	})
	if err == nil {
		a.later("document "+name, func(ctx context.Context) error {
			_, err := a.ssm.DeleteDocument(ctx, &awsssm.DeleteDocumentInput{Name: &name})
			return err
		})
	}
	return err
}

func (a *account) documents(ctx context.Context) ([]string, error) {
	p := awsssm.NewListDocumentsPaginator(a.ssm, &awsssm.ListDocumentsInput{Filters: []ssmtypes.DocumentKeyValuesFilter{
		{Key: aws.String("Owner"), Values: []string{"Self"}},
	}})
	return pages(ctx, p.HasMorePages, func(ctx context.Context) (*awsssm.ListDocumentsOutput, error) { return p.NextPage(ctx) },
		func(out *awsssm.ListDocumentsOutput) (names []string) {
			for _, d := range out.DocumentIdentifiers {
				names = append(names, aws.ToString(d.Name))
			}
			return names
		})
}

func (a *account) machines(ctx context.Context) ([]string, error) {
	p := awssfn.NewListStateMachinesPaginator(a.states, &awssfn.ListStateMachinesInput{})
	return pages(ctx, p.HasMorePages, func(ctx context.Context) (*awssfn.ListStateMachinesOutput, error) { return p.NextPage(ctx) },
		func(out *awssfn.ListStateMachinesOutput) (names []string) {
			for _, m := range out.StateMachines {
				names = append(names, aws.ToString(m.Name))
			}
			return names
		})
}

func (a *account) validateDefinition(ctx context.Context, definition string) ([]string, error) {
	out, err := a.states.ValidateStateMachineDefinition(ctx, &awssfn.ValidateStateMachineDefinitionInput{
		Definition: &definition, Severity: sfntypes.ValidateStateMachineDefinitionSeverityWarning,
	})
	if err != nil {
		return nil, err
	}
	var problems []string
	for _, d := range out.Diagnostics {
		problems = append(problems, fmt.Sprintf("%s %s at %s: %s", d.Severity, aws.ToString(d.Code), aws.ToString(d.Location), aws.ToString(d.Message)))
	}
	if len(problems) == 0 && out.Result != sfntypes.ValidateStateMachineDefinitionResultCodeOk {
		problems = append(problems, string(out.Result))
	}
	return problems, nil
}

func (a *account) testState(ctx context.Context, state string) (name, cause string, err error) {
	out, err := a.states.TestState(ctx, &awssfn.TestStateInput{Definition: &state, RoleArn: &a.role, Input: aws.String("{}")})
	if err != nil {
		return "", "", err
	}
	return aws.ToString(out.Error), aws.ToString(out.Cause), nil
}
