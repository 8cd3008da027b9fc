package gitfetch_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/codesuite-go/codesuite/codecommit/gitfetch"
)

// keys returns a configuration with these credentials.
func keys(id, secret, token string) aws.Config {
	return aws.Config{Region: "eu-west-1", Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: id, SecretAccessKey: secret, SessionToken: token}, nil
	})}
}

// at returns an option with the clock at the time.
func at(t *testing.T, text string) func(*gitfetch.Options) {
	t.Helper()
	now, err := time.Parse("20060102T150405", text)
	if err != nil {
		t.Fatal(err)
	}
	return func(o *gitfetch.Options) { o.Now = func() time.Time { return now.In(time.FixedZone("", 3600)) } }
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, id, secret, token, region, repository, now string
		user, password                                   string
	}{
		{
			"example", "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "", "us-east-1", "MyDemoRepo", "20240102T030405",
			"AKIDEXAMPLE", "20240102T030405Z0f588bef74e2ac4b70b72a0ebf8baa7cf6bcc51c76b85e8a76837044b6fb5ade",
		},
		{
			"documented", "access", "secret", "", "us-west-2", "test_repo", "20171224T115320",
			"access", "20171224T115320Zb6df2d758a8023b2f000a546417007b65494f3ce8ad0300fd45fcfa173f1959a",
		},
		{
			"session", "access", "secret", "tok/en+b==", "us-west-2", "test_repo", "20171224T115320",
			"access%tok/en+b==", "20171224T115320Zb6df2d758a8023b2f000a546417007b65494f3ce8ad0300fd45fcfa173f1959a",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			user, password, err := gitfetch.Credentials(t.Context(), keys(tt.id, tt.secret, tt.token), tt.region, tt.repository, at(t, tt.now))
			if err != nil {
				t.Fatal(err)
			}
			if user != tt.user || password != tt.password {
				t.Errorf("got %q and %q, want %q and %q", user, password, tt.user, tt.password)
			}
		})
	}
}

// TestCredentialHelper compares with the helper for git of the AWS CLI, where it is
// installed.
func TestCredentialHelper(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("aws"); err != nil {
		t.Skip("the AWS CLI is not installed")
	}
	for _, tt := range []struct{ region, host, token string }{
		{"eu-west-1", "git-codecommit.eu-west-1.amazonaws.com", ""},
		{"cn-north-1", "git-codecommit.cn-north-1.amazonaws.com.cn", "session/token="},
	} {
		t.Run(tt.region, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), "aws", "codecommit", "credential-helper", "get")
			environ := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "AWS_") })
			cmd.Env = append(environ, "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=s3cr3t/key", "AWS_SESSION_TOKEN="+tt.token,
				"AWS_EC2_METADATA_DISABLED=true", "AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull)
			cmd.Stdin = strings.NewReader("protocol=https\nhost=" + tt.host + "\npath=v1/repos/staging\n\n")
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("%v\n%s", err, stderr.Bytes())
			}
			// The helper takes the time itself.
			_, after, _ := strings.Cut(string(out), "password=")
			stamp, _, ok := strings.Cut(after, "Z")
			if !ok {
				t.Fatalf("the helper says %q", out)
			}
			user, password, err := gitfetch.Credentials(t.Context(), keys("AKIDEXAMPLE", "s3cr3t/key", tt.token), tt.region, "staging", at(t, stamp))
			if err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprintf("username=%s\npassword=%s\n", user, password); got != string(out) {
				t.Errorf("got %q, the helper says %q", got, out)
			}
		})
	}
}

func TestCredentialsRefused(t *testing.T) {
	t.Parallel()
	good := keys("access", "secret", "")
	for _, tt := range []struct {
		name       string
		cfg        aws.Config
		repository string
		optFn      func(*gitfetch.Options)
		want       string
	}{
		{"name", good, "a/../b", func(*gitfetch.Options) {}, `"a/../b" is not the name`},
		{"no name", good, "", func(*gitfetch.Options) {}, `"" is not the name`},
		{"no Region", aws.Config{Credentials: good.Credentials}, "staging", func(*gitfetch.Options) {}, "no Region"},
		{"no credentials", aws.Config{Region: "eu-west-1"}, "staging", func(*gitfetch.Options) {}, "no AWS credentials"},
		{"empty credentials", keys("", "", ""), "staging", func(*gitfetch.Options) {}, "are empty"},
		{"endpoint", good, "staging", func(o *gitfetch.Options) { o.Endpoint = "git-codecommit" }, "must be a URL"},
		{"secret in the endpoint", good, "staging", func(o *gitfetch.Options) { o.Endpoint = "https://u:pass@host" }, "must be a URL"},
		{"size", good, "staging", func(o *gitfetch.Options) { o.MaxSize = -1 }, "MaxSize is -1"},
		{"option", good, "staging", nil, "option function is nil"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, _, err := gitfetch.Credentials(t.Context(), tt.cfg, "", tt.repository, tt.optFn)
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "pass@") {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

// TestEndpoint checks which host is signed.
func TestEndpoint(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, base, endpoint, same string }{
		{"the service's API", "https://codecommit.eu-west-1.amazonaws.com", "", "https://git-codecommit.eu-west-1.amazonaws.com"},
		{"a VPC endpoint of the API", "https://vpce-1-x.codecommit.eu-west-1.vpce.amazonaws.com", "", "https://git-codecommit.eu-west-1.amazonaws.com"},
		{"another host", "http://localhost:8080/", "", "http://localhost:9090"},
		{"option", "http://localhost:8080/", "https://vpce-1-x.git-codecommit.eu-west-1.vpce.amazonaws.com", "https://vpce-1-x.git-codecommit.eu-west-1.vpce.amazonaws.com"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			passwords := make([]string, 2)
			for i, endpoint := range []string{tt.endpoint, tt.same} {
				cfg := keys("access", "secret", "")
				if i == 0 {
					cfg.BaseEndpoint = &tt.base
				}
				var err error
				_, passwords[i], err = gitfetch.Credentials(t.Context(), cfg, "", "staging", at(t, "20240102T030405"), func(o *gitfetch.Options) { o.Endpoint = endpoint })
				if err != nil {
					t.Fatal(err)
				}
			}
			if passwords[0] != passwords[1] {
				t.Errorf("the host signed is not that of %s", tt.same)
			}
		})
	}
}
