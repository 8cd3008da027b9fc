package main_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/codesuite-go/codesuite/examples/internal/program"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

var binary *program.Program // the compiled command

func TestMain(m *testing.M) {
	flag.Parse()
	program.Main(m, "pipeline", &binary)
}

// command returns the command without anything that this machine knows of AWS.
func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // it must never hang
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, binary.Path(t), args...)
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "AWS_") || strings.HasPrefix(v, "NO_COLOR") || strings.HasPrefix(v, "TERM=")
	})
	cmd.Env = append(cmd.Env, "HOME="+t.TempDir(), "AWS_EC2_METADATA_DISABLED=true", "TZ=UTC")
	return cmd
}

// atServer lets the command take the server for AWS.
func atServer(cmd *exec.Cmd, server *pipelinetest.Server) *exec.Cmd {
	cmd.Env = append(cmd.Env, "AWS_ENDPOINT_URL_CODEPIPELINE="+server.URL(), "AWS_REGION=us-east-1",
		"AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=test")
	return cmd
}

type outcome struct {
	status         int
	stdout, stderr string
}

func execute(t *testing.T, cmd *exec.Cmd) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if cmd.Stdout == nil {
		cmd.Stdout = &stdout
	}
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatal(err)
	}
	return outcome{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// write writes a file into a new folder and returns its path.
func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// sample returns the sample with texts replaced, in pairs of old and new.
func sample(t *testing.T, oldNew ...string) string {
	t.Helper()
	text, err := os.ReadFile("sample.json")
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(oldNew); i += 2 {
		if !strings.Contains(string(text), oldNew[i]) {
			t.Fatalf("the sample has no %q", oldNew[i])
		}
		text = []byte(strings.ReplaceAll(string(text), oldNew[i], oldNew[i+1]))
	}
	return string(text)
}

var (
	timePattern = regexp.MustCompile(`(?m)^\d\d:\d\d:\d\d `)
	tookPattern = regexp.MustCompile(`after [0-9.]+s`)
	flagPattern = regexp.MustCompile(`(?:f|flags)\.[A-Za-z0-9]+\((?:&[a-z.A-Z]+, )?"([a-z-]+)"`)
	idPattern   = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
)

// timeless returns the lines of a watch without what differs between runs.
func timeless(text string) string {
	text = timePattern.ReplaceAllString(text, "")
	text = tookPattern.ReplaceAllString(text, "after TIME")
	return idPattern.ReplaceAllString(text, "ID")
}

func lines(text string) []string {
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}
