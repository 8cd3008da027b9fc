package pipelinetest_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodeconnections "github.com/aws/aws-sdk-go-v2/service/codeconnections"
	"github.com/aws/aws-sdk-go-v2/service/codeconnections/types"

	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

func TestConnections(t *testing.T) {
	t.Parallel()
	enterprise := pipelinetest.Connection{ProviderType: "GitHubEnterpriseServer", Endpoint: "https://git.example.com:8443"}
	p := app()
	p.Stages[0].Actions[0] = pipelinetest.ConnectionSource("Source", enterprise, "octo/app", "main")
	server, _ := newServer(t, p)
	client := awscodeconnections.NewFromConfig(server.Config())
	get := func(arn string) (*types.Connection, error) {
		t.Helper()
		out, err := client.GetConnection(t.Context(), &awscodeconnections.GetConnectionInput{ConnectionArn: &arn})
		if err != nil {
			return nil, err
		}
		return out.Connection, nil
	}
	arn := p.Stages[0].Actions[0].Configuration["ConnectionArn"]
	got, err := get(arn)
	if err != nil {
		t.Fatal(err)
	}
	if *got.ConnectionArn != arn || got.ProviderType != types.ProviderTypeGithubEnterpriseServer || got.ConnectionStatus != types.ConnectionStatusAvailable ||
		*got.OwnerAccountId != "111122223333" || *got.ConnectionName != "GitHubEnterpriseServer" {
		t.Errorf("connection %+v", got)
	}
	host, err := client.GetHost(t.Context(), &awscodeconnections.GetHostInput{HostArn: got.HostArn})
	if err != nil {
		t.Fatal(err)
	}
	if *host.ProviderEndpoint != "https://git.example.com:8443" || host.ProviderType != types.ProviderTypeGithubEnterpriseServer || *host.Status != "AVAILABLE" {
		t.Errorf("host %+v", host)
	}
	if n := server.Count("GetConnection", "GetHost"); n != 2 || server.Count() != 2 {
		t.Errorf("%d calls: %v", n, server.Calls())
	}
	server.ResetCalls()
	if n := server.Count(); n != 0 {
		t.Errorf("%d calls after a reset", n)
	}

	const other = "arn:aws:codestar-connections:us-east-1:111122223333:connection/other"
	if _, err := get(other); code(err) != "ResourceNotFoundException" {
		t.Errorf("unknown connection: %v", err)
	}
	server.AddConnection(pipelinetest.Connection{ARN: other, Status: "PENDING"})
	if got, err = get(other); err != nil || got.ProviderType != types.ProviderTypeGithub || got.ConnectionStatus != types.ConnectionStatusPending || got.HostArn != nil {
		t.Errorf("connection %+v, %v", got, err)
	}
	if _, err := get("connection"); code(err) != "ValidationException" {
		t.Errorf("ARN that is none: %v", err)
	}
	for arn, want := range map[string]string{
		"arn:aws:codeconnections:us-east-1:111122223333:host/other": "ResourceNotFoundException",
		"host": "ValidationException",
	} {
		if _, err := client.GetHost(t.Context(), &awscodeconnections.GetHostInput{HostArn: aws.String(arn)}); code(err) != want {
			t.Errorf("host %s: %v", arn, err)
		}
	}
}
