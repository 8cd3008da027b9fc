package ec2test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// Programs are those that a [Shell] needs, for tests that skip without them.
var Programs = []string{"bash", "zip", "unzip", "tar", "od", "grep"}

// Shell runs scripts as the agent of Systems Manager does on an instance.
type Shell struct {
	S3   string // URL
	Temp string // a folder
	Path string // where programs are
}

// Output is what a script gave.
type Output struct {
	Code           int
	Stdout, Stderr string
}

// Run runs a script. Its program aws is the one of the test, see [Aws], or the AWS
// CLI if the environment has CODESUITE_AWSCLI.
func (s *Shell) Run(ctx context.Context, script string) (Output, error) {
	bin, err := os.MkdirTemp(s.Temp, "bin")
	if err != nil {
		return Output{}, err
	}
	if os.Getenv("CODESUITE_AWSCLI") == "" {
		self, err := os.Executable()
		if err != nil {
			return Output{}, err
		}
		wrapper := fmt.Sprintf("#!/bin/sh\n%s='%s' exec '%s' \"$@\"\n", awsVariable, s.S3, self)
		if err := os.WriteFile(filepath.Join(bin, "aws"), []byte(wrapper), 0o700); err != nil { //nolint:gosec // a program
			return Output{}, err
		}
	}
	file := filepath.Join(bin, "_script.sh")
	if err := os.WriteFile(file, []byte(script), 0o700); err != nil { //nolint:gosec // a program
		return Output{}, err
	}
	cmd := exec.CommandContext(ctx, "sh", "-c", file) // as the agent does
	cmd.Env = []string{
		"PATH=" + bin + string(filepath.ListSeparator) + s.Path, "TMPDIR=" + s.Temp, "HOME=" + s.Temp,
		"AWS_ENDPOINT_URL=" + s.S3, "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=test", "AWS_DEFAULT_REGION=" + awsjson.Region,
	}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		return Output{}, err
	}
	return Output{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}, nil
}

// awsVariable in the environment makes a test's program the command aws. Its value is
// the URL of S3.
const awsVariable = "EC2TEST_AWS"

// Aws makes the program of a test the command aws of a [Shell] and ends it, if a Shell
// has called it. Call it first in TestMain.
func Aws() {
	url := os.Getenv(awsVariable)
	if url == "" {
		return
	}
	if err := copyObject(url, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// copyObject is "aws s3 cp" as the script calls it. It refuses all else, as the AWS
// CLI refuses options that it does not know.
func copyObject(url string, args []string) error {
	if len(args) < 3 || !slices.Equal(args[:3], []string{"s3", "cp", "--only-show-errors"}) {
		return fmt.Errorf("unexpected call: %q", args)
	}
	args = args[3:]
	if len(args) < 2 {
		return errors.New("two paths are needed")
	}
	from, to, options := args[0], args[1], args[2:]
	client := awss3.NewFromConfig(awsjson.Config(url), func(o *awss3.Options) { o.UsePathStyle = true })
	object := func(uri string) (bucket, key *string, ok bool) {
		path, ok := strings.CutPrefix(uri, "s3://")
		b, k, _ := strings.Cut(path, "/")
		return &b, &k, ok
	}
	ctx := context.Background()
	if bucket, key, ok := object(from); ok {
		if len(options) > 0 {
			return fmt.Errorf("unexpected options: %q", options)
		}
		out, err := client.GetObject(ctx, &awss3.GetObjectInput{Bucket: bucket, Key: key})
		if err != nil {
			return err
		}
		defer out.Body.Close()
		content, err := io.ReadAll(out.Body)
		if err != nil {
			return err
		}
		return os.WriteFile(to, content, 0o600)
	}
	bucket, key, ok := object(to)
	if !ok {
		return fmt.Errorf("unexpected paths: %q and %q", from, to)
	}
	in := &awss3.PutObjectInput{Bucket: bucket, Key: key}
	for len(options) > 1 {
		switch options[0] {
		case "--sse":
			in.ServerSideEncryption = types.ServerSideEncryption(options[1])
		case "--sse-kms-key-id":
			in.SSEKMSKeyId = aws.String(options[1])
		default:
			return fmt.Errorf("unexpected option %q", options[0])
		}
		options = options[2:]
	}
	if len(options) > 0 {
		return fmt.Errorf("unexpected options: %q", options)
	}
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	in.Body = bytes.NewReader(content)
	_, err = client.PutObject(ctx, in)
	return err
}
