package main_test

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rivo/uniseg"

	"github.com/codesuite-go/codesuite/examples/internal/terminaltest"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// What a view begins and ends with.
const (
	enterScreen = "\x1b[?1049h\x1b[?25l\x1b[?7l"
	leaveScreen = "\x1b[?7h\x1b[?25h\x1b[?1049l"
)

// inTerminal lets the command run in the terminal.
func inTerminal(cmd *exec.Cmd, terminal *terminaltest.Terminal, env ...string) *exec.Cmd {
	cmd.Env = append(append(cmd.Env, "TERM=xterm"), env...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = terminal.File, terminal.File, terminal.File
	return cmd
}

var colorPattern = regexp.MustCompile("\x1b\\[[0-9;]*m")

// frames returns the pictures of a view, a line each, without colors.
func frames(output string) (all [][]string) {
	_, output, _ = strings.Cut(output, enterScreen)
	output, _, _ = strings.Cut(output, leaveScreen)
	for i, frame := range strings.Split(colorPattern.ReplaceAllString(output, ""), "\x1b[H") {
		if i > 0 {
			all = append(all, strings.Split(strings.ReplaceAll(frame, "\x1b[K", ""), "\r\n"))
		}
	}
	return all
}

func wait(t *testing.T, cmd *exec.Cmd, status int, terminal *terminaltest.Terminal) string {
	t.Helper()
	cmd.Wait()
	text := terminal.Shown()
	if got := cmd.ProcessState.ExitCode(); got != status {
		t.Errorf("exit status %d, want %d: %q", got, status, text)
	}
	return text
}

func start(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
}

func TestLive(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name          string
		width, height int
		env           []string
		args          []string
		key           string
		status        int
		want          []string // lines of some frame, or of what stays
		colors        bool
	}{
		{"approve", 110, 30, nil, nil, "y", 0, []string{
			"  ● Unit      CodeBuild       running", "  ✓ Lint      Commands        succeeded", "  ? Approve   Manual          waits",
			"    condition before entry: succeeded; Wanted succeeded", "✓ sample  succeeded"}, true},
		{"reject", 110, 30, []string{"NO_COLOR=1"}, nil, "n", 1, []string{
			"  ✗ Approve   Manual          failed", "✗ sample  failed"}, false},
		{"a retry in a narrow terminal", 50, 30, nil, []string{"-no-color", "-fail", "Build/Unit"}, "y", 0, []string{
			"    attempt 2 (AutomatedStageRetry)", "  ✓ Unit      succeeded", "✓ sample  succeeded"}, false},
		{"a low terminal", 110, 12, nil, nil, "y", 0, []string{
			"✓ Source  succeeded  2 actions", "  ? Approve   Manual          waits", "○ Production  3 actions", "✓ sample  succeeded"}, true},
		{"leave", 110, 30, nil, nil, "q", 130, []string{"  ? Approve   Manual          waits"}, true},
		{"Ctrl-C", 110, 30, nil, nil, "\x03", 130, []string{"  ? Approve   Manual          waits"}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			terminal := terminaltest.New(t)
			terminal.Resize(t, tt.width, tt.height)
			cmd := inTerminal(command(t, append([]string{"-local", "sample.json", "-speed", "400", "start", "-watch"}, tt.args...)...), terminal, tt.env...)
			start(t, cmd)
			terminal.Wait(t, 0, "Approve Staging/Approve? y")
			terminal.Type(t, tt.key)
			text := wait(t, cmd, tt.status, terminal)
			if strings.Count(text, enterScreen) != 1 || strings.Count(text, leaveScreen) != 1 || strings.Contains(text[strings.Index(text, leaveScreen):], "\x1b[?25l") {
				t.Errorf("the screen and the cursor are not as before: %q", text)
			}
			if got := colorPattern.MatchString(text); got != tt.colors {
				t.Errorf("colors %v, want %v", got, tt.colors)
			}
			all := frames(text)
			for i, frame := range all {
				if len(frame) != tt.height {
					t.Errorf("frame %d has %d lines", i, len(frame))
				}
				for _, line := range frame {
					if w := uniseg.StringWidth(line); w > tt.width {
						t.Errorf("frame %d has the line %q of %d columns", i, line, w)
					}
				}
			}
			rest := strings.Split(colorPattern.ReplaceAllString(text[strings.Index(text, leaveScreen)+len(leaveScreen):], ""), "\r\n")
			all = append(all, rest)
			for _, want := range tt.want {
				if !slices.ContainsFunc(all, func(frame []string) bool {
					return slices.ContainsFunc(frame, func(line string) bool { return strings.HasPrefix(line, want) })
				}) {
					t.Errorf("no frame has the line %q: %q", want, text)
				}
			}
		})
	}
}

// Names and messages of strangers move no cursor, and wide characters fit.
func TestLiveOfStrangers(t *testing.T) {
	t.Parallel()
	source := pipelinetest.CodeCommitSource("Fetch", "web", "main")
	source.Revision = &pipelinetest.Revision{ID: strings.Repeat("a1", 20), Message: "修正\x1b[2J\x1b]0;title\x07 构建构建构建构建构建构建构建 👩‍👩‍👧 done\nand more"}
	server := pipelinetest.NewServer(t, pipelinetest.Pipeline{Name: "web", Stages: []pipelinetest.Stage{
		{Name: "Source", Actions: []pipelinetest.Action{source}},
		{Name: "Review", Actions: []pipelinetest.Action{pipelinetest.ApprovalAction("Approve")}},
	}})
	terminal := terminaltest.New(t)
	terminal.Resize(t, 110, 12)
	cmd := inTerminal(atServer(command(t, "start", "-watch", "-interval", "20ms", "web"), server), terminal)
	server.OnCall(func(operation string) {
		if operation == "GetPipelineExecution" {
			server.Advance()
		}
	})
	start(t, cmd)
	at := terminal.Wait(t, 0, "waits for: pipeline approve web")
	terminal.Resize(t, 40, 12)
	at = terminal.Wait(t, at, "…")
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	text := wait(t, cmd, 130, terminal)
	if end := text[at:]; !strings.Contains(end, leaveScreen) || !strings.Contains(end, "pipeline: interrupted") {
		t.Errorf("the terminal is not as before: %q", end)
	}
	for _, s := range []string{"\x1b[2J", "\x1b]0", "\x07"} {
		if strings.Contains(text, s) {
			t.Errorf("%q reaches the terminal", s)
		}
	}
	all := frames(text)
	for _, line := range all[len(all)-1] {
		if w := uniseg.StringWidth(line); w > 40 {
			t.Errorf("after the resize the line %q has %d columns", line, w)
		}
	}
	if !strings.Contains(text, "修正 构建") {
		t.Errorf("the message is not shown: %q", text)
	}
}

// Without a terminal that can show it, the view is lines, and a prompt asks.
func TestPromptOfLines(t *testing.T) {
	t.Parallel()
	terminal := terminaltest.New(t)
	cmd := inTerminal(command(t, "-local", "sample.json", "-speed", "400", "start", "-watch"), terminal, "TERM=dumb")
	start(t, cmd)
	at := terminal.Wait(t, 0, "Approve it? (y/n) ")
	terminal.Type(t, "what?\n")
	terminal.Wait(t, at, "Approve it? (y/n) ")
	terminal.Type(t, "yes\n")
	text := wait(t, cmd, 0, terminal)
	if strings.Contains(text, "\x1b") || !strings.Contains(timeless(strings.ReplaceAll(text, "\r\n", "\n")), "\nexecution ID of sample: Succeeded\n") {
		t.Errorf("%q", text)
	}
}

// A user types commands, of which one that fails ends nothing.
func TestTypedCommands(t *testing.T) {
	t.Parallel()
	terminal := terminaltest.New(t)
	terminal.Resize(t, 110, 40)
	cmd := inTerminal(command(t, "-local", "sample.json", "-speed", "400"), terminal)
	start(t, cmd)
	at := terminal.Wait(t, 0, "pipeline> ")
	terminal.Type(t, "nope\n")
	at = terminal.Wait(t, at, `"nope" is none of its commands`)
	at = terminal.Wait(t, at, "pipeline> ")
	terminal.Type(t, "start -watch\n")
	at = terminal.Wait(t, at, "Approve Staging/Approve? y")
	terminal.Type(t, "n")
	at = terminal.Wait(t, at, leaveScreen)
	at = terminal.Wait(t, at, "pipeline> ")
	terminal.Type(t, "retry -watch -approve\n")
	at = terminal.Wait(t, at, leaveScreen)
	terminal.Wait(t, at, "pipeline> ")
	terminal.Type(t, "quit\n")
	text := wait(t, cmd, 0, terminal)
	if !strings.Contains(text, "succeeded") {
		t.Errorf("%q", text)
	}
}

// SIGTERM restores the terminal in raw mode, too.
func TestTerminated(t *testing.T) {
	t.Parallel()
	terminal := terminaltest.New(t)
	terminal.Resize(t, 110, 30)
	cmd := inTerminal(command(t, "-local", "sample.json", "start", "-watch"), terminal)
	start(t, cmd)
	terminal.Wait(t, 0, "q: leave")
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	text := wait(t, cmd, 130, terminal)
	if !strings.Contains(text, leaveScreen) || !strings.Contains(text, "pipeline: interrupted\r\n") {
		t.Errorf("the terminal is not as before: %q", text)
	}
}

// A second signal ends the program although the terminal takes nothing, and restores the
// mode of the terminal.
func TestTerminatedTwice(t *testing.T) {
	t.Parallel()
	terminal := terminaltest.New(t)
	terminal.Resize(t, 110, 30)
	before := terminal.Mode(t)
	cmd := inTerminal(command(t, "-local", "sample.json", "start", "-watch"), terminal)
	start(t, cmd)
	terminal.Wait(t, 0, "q: leave")
	if diff := cmp.Diff(before, terminal.Mode(t)); diff == "" {
		t.Error("the mode of the terminal is that of before")
	}
	terminal.Stall(t)
	for _, signal := range []os.Signal{syscall.SIGTERM, syscall.SIGHUP} { // of one kind, two may become one
		if err := cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
	}
	cmd.Wait()
	if got := cmd.ProcessState.ExitCode(); got != 130 {
		t.Errorf("exit status %d, want 130", got)
	}
	if diff := cmp.Diff(before, terminal.Mode(t)); diff != "" {
		t.Errorf("the mode of the terminal (-want +got):\n%s", diff)
	}
}
