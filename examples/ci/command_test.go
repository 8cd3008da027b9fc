package main_test

import (
	"os/exec"
	"strings"
	"testing"
)

// The usage needs no environment.
func TestUsage(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-h"}, {"rules", "all"}, {"start"}, {"start", "a", "b", "c"}} {
		cmd := exec.CommandContext(t.Context(), binary.Path(t), args...)
		cmd.Env = []string{}
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState.ExitCode() != 2 || !strings.HasPrefix(string(out), "usage: ci rules") {
			t.Errorf("%q: %v: %s", args, err, out)
		}
	}
}
