package repotest_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/internal/gittest"
)

// installed are the commands of the examples that users install, below examples,
// with arguments that make them print their manual.
var installed = map[string][]string{
	"archive":  {"-h"},
	"pipeline": {"-h"},
}

// TestWorkspace checks that the workspace stands for the version of the library
// that the examples require, so that a clone needs no published one, and that the
// published examples need nothing but published modules.
func TestWorkspace(t *testing.T) {
	t.Parallel()
	version := requiredVersion(t)
	if want := "\nreplace " + module + " " + version + " => .\n"; !strings.Contains(read(t, "go.work"), want) {
		t.Errorf("go.work lacks the line%q", want)
	}
	var work struct{ Go string }
	goJSON(t, &work, "work", "edit", "-json")
	for _, dir := range []string{"", "examples"} {
		var mod struct {
			Go      string
			Replace []struct{ Old struct{ Path string } }
			Exclude []struct{ Path string }
		}
		goJSON(t, &mod, "mod", "edit", "-json", filepath.Join(dir, "go.mod"))
		if len(mod.Replace) > 0 || len(mod.Exclude) > 0 {
			t.Errorf("go.mod of %q has a replace or exclude directive, with which nobody can install its commands", dir)
		}
		if mod.Go != work.Go {
			t.Errorf("go.work asks for Go %s, go.mod of %q for %s", work.Go, dir, mod.Go)
		}
	}
}

// requiredVersion returns the version of the library that the examples require.
func requiredVersion(t *testing.T) string {
	t.Helper()
	var mod struct {
		Require []struct{ Path, Version string }
	}
	goJSON(t, &mod, "mod", "edit", "-json", "examples/go.mod")
	for _, r := range mod.Require {
		if r.Path == module {
			return r.Version
		}
	}
	t.Fatalf("examples/go.mod does not require %s", module)
	return ""
}

func goJSON(t *testing.T, v any, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v", strings.Join(args, " "), err)
	}
	if err := json.Unmarshal(out, v); err != nil {
		t.Fatal(err)
	}
}

// TestInstall publishes the work tree as a release does, with the tags of both
// modules: Go itself makes the modules of them, in a proxy of modules on this
// machine. The commands of the examples are then installed from there, and run.
func TestInstall(t *testing.T) {
	t.Parallel()
	if os.Getenv("CODESUITE_INSTALL") == "" {
		t.Skip("set CODESUITE_INSTALL: it compiles the AWS SDK anew")
	}
	version := requiredVersion(t)
	repo := gittest.New(t)
	for _, name := range files(t, "--cached", "--others", "--exclude-standard") {
		repo.Write(name, read(t, name))
	}
	repo.Commit("release")
	repo.Git("tag", version)
	repo.Git("tag", "examples/"+version)
	// A proxy answers "latest" with the latest release.
	repo.Git("commit", "--quiet", "--allow-empty", "--message=later")

	proxy := publish(t, repo.Dir, module+"@"+version, module+"/examples@"+version)

	dir := t.TempDir()
	bin, cache := filepath.Join(dir, "bin"), filepath.Join(dir, "modules")
	for name, args := range installed {
		// With -trimpath, Go's cache has packages of any cache of modules: .ci/run has
		// compiled most of them.
		run(t, dir, []string{
			"GOBIN=" + bin, "GOMODCACHE=" + cache, "GOFLAGS=-modcacherw -trimpath",
			"GOPROXY=" + proxy + "," + fileURL(filepath.Join(goEnv(t, "GOMODCACHE"), "cache", "download")) + "," + goEnv(t, "GOPROXY"),
		}, "go", "install", module+"/examples/"+name+"@latest")
		program := filepath.Join(bin, name)
		if runtime.GOOS == "windows" {
			program += ".exe"
		}
		if manual := run(t, dir, nil, program, args...); !strings.Contains(manual, name) {
			t.Errorf("%s prints as its manual: %s", name, manual)
		}
		if info := run(t, dir, nil, "go", "version", "-m", program); !strings.Contains(info, "\tmod\t"+module+"/examples\t"+version+"\t") ||
			!strings.Contains(info, "\tdep\t"+module+"\t"+version+"\t") {
			t.Errorf("%s is not made of the modules of %s:\n%s", name, version, info)
		}
	}
	// The command does its work, too.
	run(t, dir, nil, filepath.Join(bin, "archive"), "-local", repo.Dir, "-o", "installed.tar", version)
	want, err := gittest.Run(repo.Dir, nil, nil, "-c", "tar.umask=0002", "archive", "--format=tar", version)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(dir, "installed.tar"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("the installed command makes another archive than git")
	}
}

// publish lets Go fetch the modules from the tags of the repository, as it does
// from GitHub, and returns the URL of a proxy that has them.
func publish(t *testing.T, repository string, versions ...string) string {
	t.Helper()
	cache := t.TempDir()
	for _, v := range versions {
		run(t, t.TempDir(), []string{
			"GOMODCACHE=" + cache, "GOFLAGS=-modcacherw", "GOPROXY=direct", "GOVCS=*:git",
			"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=url." + fileURL(repository) + ".insteadOf", "GIT_CONFIG_VALUE_0=https://" + module,
			"GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_SYSTEM=" + os.DevNull, "GIT_ALLOW_PROTOCOL=file",
		}, "go", "mod", "download", v)
	}
	proxy := filepath.Join(cache, "cache", "download")
	// What Go has found out about a repository is no part of a proxy.
	if err := os.RemoveAll(filepath.Join(cache, "cache", "vcs")); err != nil {
		t.Fatal(err)
	}
	for _, v := range versions {
		name, version, _ := strings.Cut(v, "@")
		for _, ending := range []string{".info", ".mod", ".zip"} {
			if _, err := os.Stat(filepath.Join(proxy, filepath.FromSlash(name), "@v", version+ending)); err != nil {
				t.Errorf("the proxy lacks a file of %s: %v", v, err)
			}
		}
	}
	return fileURL(proxy)
}

func fileURL(dir string) string {
	dir = filepath.ToSlash(dir)
	if !strings.HasPrefix(dir, "/") {
		dir = "/" + dir
	}
	return "file://" + dir
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	return strings.TrimSpace(run(t, root, nil, "go", "env", name))
}

// run runs a program and returns its standard output.
func run(t *testing.T, dir string, env []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	// The checksums of modules that nobody has published are in no database.
	cmd.Env = append(append(os.Environ(), "GOWORK=off", "GOSUMDB=off"), env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, stderr.Bytes())
	}
	return string(out)
}
