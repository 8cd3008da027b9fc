package conformance_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
)

// server starts moto with the role of a run, and prints its address. moto's dates of
// CodeCommit are not those of the service, and no client reads them.
const server = `
import json, sys
import boto3
import moto.codecommit.models
from moto.server import ThreadedMotoServer
moto.codecommit.models.iso_8601_datetime_with_milliseconds = lambda *ignored: 1709210096.0
s = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
s.start()
url = "http://%s:%d" % s.get_host_and_port()
trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
boto3.client("iam", "eu-west-1", endpoint_url=url, aws_access_key_id="test", aws_secret_access_key="test").create_role(
    RoleName="conformance", AssumeRolePolicyDocument=json.dumps(trust))
print(url, flush=True)
sys.stdin.read()
`

// startMoto starts moto and returns its address. It ends with the test, which is
// skipped without moto.
func startMoto(t *testing.T) (url string) {
	t.Helper()
	if os.Getenv("CODESUITE_BOTO3") == "" {
		t.Skip("CODESUITE_BOTO3 is not set")
	}
	if err := exec.CommandContext(t.Context(), "python3", "-c", "import moto.server").Run(); err != nil {
		t.Skip("python3 has no moto")
	}
	cmd := exec.CommandContext(t.Context(), "python3", "-c", server)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = stdin.Close(), cmd.Wait() })
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line)
}

// motoConfig returns the configuration of clients of moto.
func motoConfig(url string) aws.Config {
	return aws.Config{
		Region: "eu-west-1", BaseEndpoint: &url,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	}
}

// TestResources makes the resources of a run in moto, finds them as those of an
// earlier run, and removes them.
func TestResources(t *testing.T) {
	t.Parallel()
	cfg := motoConfig(startMoto(t))
	ctx := t.Context()
	a := newAccount(cfg)
	a.role = "arn:aws:iam::123456789012:role/conformance"
	for _, name := range []string{a.name, a.empty()} {
		if err := a.makeRepository(ctx, name); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.makeTopic(ctx); err != nil {
		t.Fatal(err)
	}
	if err := a.makeQueue(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := a.makeFunction(ctx); err != nil {
		t.Fatal(err)
	}
	if err := a.makeDocument(ctx, a.name, `{"schemaVersion":"2.2","mainSteps":[]}`); err != nil {
		t.Fatal(err)
	}
	if _, err := a.makeMachine(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := a.makeBucket(ctx); err != nil {
		t.Fatal(err)
	}
	// moto wants a source also of a project without one.
	if _, err := a.makeProject(ctx); err != nil && !strings.Contains(err.Error(), "Project source location is required") {
		t.Fatal(err)
	}
	found := newAccount(cfg).find(ctx)
	for _, want := range []string{"topic " + a.name, "bucket " + a.name, "queue " + a.name, "rule " + a.name, "function " + a.name, "state machine " + a.name, "document " + a.name} {
		if !slices.Contains(found, want) {
			t.Errorf("a later run finds %q, which lacks %q", found, want)
		}
	}
	// Also when the run has been interrupted.
	ended, cancel := context.WithCancel(ctx)
	cancel()
	a.close(ended)
	if len(a.problems) > 0 {
		t.Errorf("not removed: %q", a.problems)
	}
	for _, left := range newAccount(cfg).find(ctx) {
		// moto does not list repositories and action types.
		if strings.Contains(left, a.name) {
			t.Errorf("%s is left", left)
		}
	}
	for _, name := range []string{a.name, a.empty()} {
		_, err := a.codecommit.GetRepository(ctx, &awscodecommit.GetRepositoryInput{RepositoryName: &name})
		if code, _ := answer(err); code != "RepositoryDoesNotExistException" {
			t.Errorf("repository %s is left: %v", name, err)
		}
	}
}

// TestInterruptedRun interrupts a run of TestAWS in another process, as Ctrl-C does,
// and checks that it removes what it has made, and says what it has left out.
func TestInterruptedRun(t *testing.T) {
	t.Parallel()
	url := startMoto(t)
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.v", "-test.run=^TestAWS$")
	cmd.Env = append(os.Environ(), "CODESUITE_AWS_TEST=1", "CODESUITE_AWS_ROLE=arn:aws:iam::123456789012:role/conformance", "CODESUITE_AWS_REPORT=",
		"AWS_ENDPOINT_URL="+url, "AWS_REGION=eu-west-1", "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var output bytes.Buffer
	lines := bufio.NewReader(io.TeeReader(stdout, &output))
	for line := ""; !strings.Contains(line, "build token"); { // of the first check
		if line, err = lines.ReadString('\n'); err != nil {
			t.Fatalf("no check has ended: %v\n%s", err, output.Bytes())
		}
	}
	found := newAccount(motoConfig(url)).find(t.Context())
	if !slices.ContainsFunc(found, func(name string) bool { return strings.HasPrefix(name, "queue ") }) {
		t.Errorf("the run has made %q, and no queue", found)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, lines); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Error("the run succeeds")
	}
	if text := output.String(); !strings.Contains(text, "| skipped | "+errInterrupted.Error()) || strings.Contains(text, "not removed") {
		t.Errorf("the run has not been interrupted as it should:\n%s", text)
	}
	for _, left := range newAccount(motoConfig(url)).find(t.Context()) {
		if !strings.Contains(left, "not known") { // what moto does not list
			t.Errorf("%s is left", left)
		}
	}
}
