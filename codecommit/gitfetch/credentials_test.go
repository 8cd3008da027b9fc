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
		{"dots", good, "..", func(*gitfetch.Options) {}, `".." is not the name`},
		{"line break", good, "staging\n", func(*gitfetch.Options) {}, `"staging\n" is not the name`},
		{"no name", good, "", func(*gitfetch.Options) {}, `"" is not the name`},
		{"no Region", aws.Config{Credentials: good.Credentials}, "staging", func(*gitfetch.Options) {}, "no Region"},
		{"no credentials", aws.Config{Region: "eu-west-1"}, "staging", func(*gitfetch.Options) {}, "no AWS credentials"},
		{"empty credentials", keys("", "", ""), "staging", func(*gitfetch.Options) {}, "are empty"},
		{"endpoint", good, "staging", func(o *gitfetch.Options) { o.Endpoint = "git-codecommit" }, "must be a URL"},
		{"query in the endpoint", good, "staging", func(o *gitfetch.Options) { o.Endpoint = "https://host?a=b" }, "must be a URL"},
		{"fragment in the endpoint", good, "staging", func(o *gitfetch.Options) { o.Endpoint = "https://host#top" }, "must be a URL"},
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

// sources are what a configuration was made of, in which the SDK looks for FIPS.
type sources struct{ fips aws.FIPSEndpointState }

func (s sources) GetUseFIPSEndpoint(context.Context) (aws.FIPSEndpointState, bool, error) {
	return s.fips, s.fips != aws.FIPSEndpointStateUnset, nil
}

// TestEndpoint checks which host is signed.
func TestEndpoint(t *testing.T) {
	t.Parallel()
	const enabled = aws.FIPSEndpointStateEnabled
	for _, tt := range []struct {
		name, region, base string
		fips               aws.FIPSEndpointState
		endpoint           string // of the options
		host               string
	}{
		{name: "Region", region: "eu-west-1", host: "git-codecommit.eu-west-1.amazonaws.com"},
		{name: "China", region: "cn-north-1", host: "git-codecommit.cn-north-1.amazonaws.com.cn"},
		{name: "GovCloud", region: "us-gov-west-1", host: "git-codecommit.us-gov-west-1.amazonaws.com"},
		{name: "Region of tomorrow", region: "eu-middle-7", host: "git-codecommit.eu-middle-7.amazonaws.com"},
		{name: "European Sovereign Cloud", region: "eusc-de-east-1", host: "git-codecommit.eusc-de-east-1.amazonaws.eu"},
		{name: "FIPS", region: "us-east-1", fips: enabled, host: "git-codecommit-fips.us-east-1.amazonaws.com"},
		{name: "FIPS in GovCloud", region: "us-gov-west-1", fips: enabled, host: "git-codecommit-fips.us-gov-west-1.amazonaws.com"},
		{name: "FIPS of the API", region: "ca-central-1", base: "https://codecommit-fips.ca-central-1.amazonaws.com",
			host: "git-codecommit-fips.ca-central-1.amazonaws.com"},
		{name: "option and FIPS", region: "us-east-1", fips: enabled, endpoint: "https://proxy.example", host: "proxy.example"},

		{name: "the service's API", region: "eu-west-1", base: "https://codecommit.eu-west-1.amazonaws.com", host: "git-codecommit.eu-west-1.amazonaws.com"},
		{name: "dual stack of the API", region: "eu-west-1", base: "https://codecommit.eu-west-1.api.aws", host: "git-codecommit.eu-west-1.amazonaws.com"},
		{name: "the API in China", region: "cn-north-1", base: "https://codecommit.cn-north-1.amazonaws.com.cn", host: "git-codecommit.cn-north-1.amazonaws.com.cn"},
		{name: "dual stack in China", region: "cn-north-1", base: "https://codecommit.cn-north-1.api.amazonwebservices.com.cn",
			host: "git-codecommit.cn-north-1.amazonaws.com.cn"},
		{name: "the API of the European Sovereign Cloud", region: "eusc-de-east-1", base: "https://codecommit.eusc-de-east-1.amazonaws.eu",
			host: "git-codecommit.eusc-de-east-1.amazonaws.eu"},
		{name: "a VPC endpoint of the API", region: "eu-west-1", base: "https://vpce-1-x.codecommit.eu-west-1.vpce.amazonaws.com",
			host: "git-codecommit.eu-west-1.amazonaws.com"},
		{name: "another host", region: "eu-west-1", base: "http://localhost:8080/", host: "localhost"},
		{name: "a host that ends alike", region: "eu-west-1", base: "http://notamazonaws.com", host: "notamazonaws.com"},
		{name: "option", region: "eu-west-1", base: "http://localhost:8080/", endpoint: "https://vpce-1-x.git-codecommit.eu-west-1.vpce.amazonaws.com",
			host: "vpce-1-x.git-codecommit.eu-west-1.vpce.amazonaws.com"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			credentials := func(region, base, endpoint string, fips aws.FIPSEndpointState) string {
				cfg := keys("access", "secret", "")
				cfg.Region = region
				cfg.ConfigSources = []any{sources{fips}}
				if base != "" {
					cfg.BaseEndpoint = &base
				}
				_, password, err := gitfetch.Credentials(t.Context(), cfg, "", "staging", at(t, "20240102T030405"), func(o *gitfetch.Options) { o.Endpoint = endpoint })
				if err != nil {
					t.Fatal(err)
				}
				return password
			}
			got := credentials(tt.region, tt.base, tt.endpoint, tt.fips)
			if want := credentials(tt.region, "", "https://"+tt.host, aws.FIPSEndpointStateUnset); got != want {
				t.Errorf("the host signed is not %s", tt.host)
			}
		})
	}
}
