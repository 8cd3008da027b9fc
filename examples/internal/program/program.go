// Package program compiles the programs that the examples' tests run.
package program

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// Program is a compiled program. It is safe for concurrent use.
type Program struct {
	path    string
	sources []string
}

// sourceList lists the source files of a program, without the standard
// library's.
const sourceList = `{{if not .Standard}}{{range .GoFiles}}{{$.Dir}}/{{.}}
{{end}}{{end}}`

// Build compiles the package in the working directory into the folder.
func Build(folder, name string) (*Program, error) {
	p := &Program{path: filepath.Join(folder, name)}
	if runtime.GOOS == "windows" {
		p.path += ".exe"
	}
	if out, err := exec.Command("go", "build", "-o", p.path, ".").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build: %w\n%s", err, out)
	}
	files, err := exec.Command("go", "list", "-deps", "-f", sourceList, ".").Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	p.sources = strings.Split(strings.TrimSpace(string(files)), "\n")
	return p, nil
}

// Path returns the path of the program, for a test that runs it.
//
// It looks at each source file: "go test" does not know by itself what the
// program is made of, and would take the result from its cache after a change.
func (p *Program) Path(t testing.TB) string {
	t.Helper()
	for _, file := range p.sources {
		if _, err := os.Stat(file); err != nil {
			t.Fatal(err)
		}
	}
	return p.path
}

// Main compiles the package in the working directory, sets binary, runs the
// tests and ends the program. The tests are a *testing.M, or what runs one.
//
// Signals that are ignored here, as by nohup, have their default in programs that the
// tests start: a signal with a handler has its default again in a new process.
func Main(tests interface{ Run() int }, name string, binary **Program) {
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		if signal.Ignored(s) {
			signal.Notify(make(chan os.Signal, 1), s)
		}
	}
	dir, err := os.MkdirTemp("", name+"-test-")
	if err == nil {
		err = os.Chmod(dir, 0o755) // for programs that run as other users
	}
	if err == nil {
		*binary, err = Build(dir, name)
	}
	status := 1
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	} else {
		status = tests.Run()
	}
	os.RemoveAll(dir)
	os.Exit(status)
}
