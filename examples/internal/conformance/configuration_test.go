package conformance_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestConfiguration starts runs against AWS in environments that lack something, and
// checks that they say so soon.
func TestConfiguration(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		env  []string
		args []string
		want string
	}{
		{"no Region", []string{"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test"}, nil, "there is no AWS Region: set AWS_REGION"},
		{"no credentials", []string{"AWS_REGION=eu-west-1"}, nil, "there are no AWS credentials: sign in and choose a profile with AWS_PROFILE"},
		{"no profile", []string{"AWS_REGION=eu-west-1", "AWS_PROFILE=nobody"}, nil, "load the AWS configuration"},
		{"no time", []string{"AWS_REGION=eu-west-1", "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test"}, []string{"-test.timeout=3m"}, errNoTime.Error()},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, os.Args[0], append(test.args, "-test.run=^TestAWS$")...)
			home := t.TempDir()
			for _, v := range os.Environ() {
				if !strings.HasPrefix(v, "AWS_") && !strings.HasPrefix(v, "CODESUITE_") {
					cmd.Env = append(cmd.Env, v)
				}
			}
			cmd.Env = append(cmd.Env, "CODESUITE_AWS_TEST=1", "HOME="+home, "USERPROFILE="+home, "AWS_EC2_METADATA_DISABLED=true")
			cmd.Env = append(cmd.Env, test.env...)
			output, err := cmd.CombinedOutput()
			if err == nil || ctx.Err() != nil || !strings.Contains(string(output), test.want) {
				t.Errorf("the run ends with %v, want %q:\n%s", err, test.want, output)
			}
		})
	}
}
