package conformance_test

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
)

// server starts moto and prints its address.
const server = `
import sys
from moto.server import ThreadedMotoServer
s = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
s.start()
print("http://%s:%d" % s.get_host_and_port(), flush=True)
sys.stdin.read()
`

// TestResources makes the resources of a run in moto, finds them as those of an
// earlier run, and removes them.
func TestResources(t *testing.T) {
	t.Parallel()
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
	url, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	cfg := aws.Config{
		Region: "eu-west-1", BaseEndpoint: aws.String(strings.TrimSpace(url)),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	}
	ctx := t.Context()
	a := newAccount(cfg)
	a.role = "arn:aws:iam::123456789012:role/conformance"
	for _, name := range []string{a.name, a.empty()} {
		// The dates of moto's reply are not those of the service, and no client reads
		// them. The repository is there.
		if err := a.makeRepository(ctx, name); err != nil && !strings.Contains(err.Error(), "deserialization failed") {
			t.Fatal(err)
		}
	}
	if err := a.makeTopic(ctx); err != nil {
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
	for _, want := range []string{"topic " + a.name, "bucket " + a.name} {
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
