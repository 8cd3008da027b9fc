package main

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/flate"
)

// module is the path of the module of the examples.
const module = "github.com/codesuite-go/codesuite/examples"

// bootstrap is the name of the program in the archive: Lambda's runtime
// provided.al2023 starts it.
const bootstrap = "bootstrap"

// example is one with a Lambda function.
type example struct {
	name, dir string
}

// handler matches the line of a template whose function is a compiled program.
var handler = regexp.MustCompile(`(?m)^ +Handler: ` + bootstrap + ` *$`)

// find returns the examples with a Lambda function, sorted by name: those whose
// template has a function that is a compiled program.
func find(ctx context.Context) ([]example, error) {
	out, err := output(exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", module))
	if err != nil {
		return nil, fmt.Errorf("this is no clone of the repository: %w", err)
	}
	root := strings.TrimSpace(string(out))
	templates, err := filepath.Glob(filepath.Join(root, "*", "template.yaml"))
	if err != nil {
		return nil, err
	}
	var examples []example
	for _, file := range templates {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		if handler.Match(text) {
			dir := filepath.Dir(file)
			examples = append(examples, example{filepath.Base(dir), dir})
		}
	}
	return examples, nil
}

// choose returns the examples with the names, or all if there are no names.
func choose(examples []example, names []string) ([]example, error) {
	if len(names) == 0 {
		return examples, nil
	}
	var chosen []example
	for _, name := range names {
		i := slices.IndexFunc(examples, func(e example) bool { return e.name == name })
		if i < 0 {
			var known []string
			for _, e := range examples {
				known = append(known, e.name)
			}
			return nil, fmt.Errorf("there is no Lambda function %q: the examples have %s", name, strings.Join(known, ", "))
		}
		chosen = append(chosen, examples[i])
	}
	return chosen, nil
}

// archive returns the path of the example's archive: in the folder, or beside the
// template if the folder is "".
func (e example) archive(folder string) string {
	if folder != "" {
		return filepath.Join(folder, e.name+".zip")
	}
	return filepath.Join(e.dir, bootstrap+".zip")
}

// compile compiles the functions of the examples for the architecture, into programs
// of their names in the folder. The flags of the compiler change its output.
func compile(ctx context.Context, examples []example, folder, arch, gcflags string) error {
	args := []string{
		"build", "-o", folder + string(filepath.Separator),
		"-trimpath", "-buildvcs=false", // nothing of this machine, and nothing of the clone
		"-tags=lambda.norpc", // without the protocol of the runtime go1.x
		"-ldflags=-s -w -buildid=",
	}
	if gcflags != "" {
		args = append(args, "-gcflags="+gcflags)
	}
	for _, e := range examples {
		args = append(args, "./"+e.name)
	}
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = filepath.Dir(examples[0].dir)
	cmd.Env = environment(arch)
	_, err := output(cmd)
	return err
}

// write puts the program into the example's archive and returns the archive's SHA-256.
func write(program, file string) (sum [sha256.Size]byte, err error) {
	content, err := os.ReadFile(program)
	if err != nil {
		return sum, err
	}
	zipped, err := pack(content)
	if err != nil {
		return sum, err
	}
	// A deployment never sees half of an archive.
	part := file + ".part"
	if err := os.WriteFile(part, zipped, 0o666); err != nil {
		return sum, errors.Join(err, os.Remove(part))
	}
	if err := os.Rename(part, file); err != nil {
		return sum, errors.Join(err, os.Remove(part))
	}
	return sha256.Sum256(zipped), nil
}

// fixed are the variables on which the bytes of a program depend, as far as this
// command sets them.
var fixed = []string{"CGO_ENABLED=0", "GOOS=linux", "GOFLAGS=", "GOEXPERIMENT=", "GOFIPS140=off", "GOAMD64=v1", "GOARM64=v8.0"}

// environment returns the environment of the compiler.
func environment(arch string) []string {
	env := slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return name == "GOARCH" || slices.ContainsFunc(fixed, func(f string) bool { return strings.HasPrefix(f, name+"=") })
	})
	return append(append(env, fixed...), "GOARCH="+arch)
}

// modified is the time of the program in each archive: the first that zip has.
var modified = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// pack returns the zip archive with the program.
func pack(program []byte) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	// Not that of the standard library, whose output differs between versions of Go.
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(w, flate.BestCompression)
	})
	h := &zip.FileHeader{Name: bootstrap, Method: zip.Deflate, Modified: modified}
	h.SetMode(0o755)
	w, err := z.CreateHeader(h)
	if err == nil {
		_, err = w.Write(program)
	}
	if err := errors.Join(err, z.Close()); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// output runs a command and returns its standard output. The error has what it
// printed as an error.
func output(cmd *exec.Cmd) ([]byte, error) {
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args[:min(2, len(cmd.Args))], " "), err, bytes.TrimSpace(stderr.Bytes()))
	}
	return out, nil
}
