package repotest_test

import (
	"go/ast"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	code         = regexp.MustCompile("(?m)^(?: {4,}|```(?:sh|console)\n)(?s:.*?)(?:\n\n|```)|`[^`\n]+`")
	continuation = regexp.MustCompile(`\\\n\s*`)
	ends         = regexp.MustCompile(`[|<>#;&]| -- `)
	quoted       = regexp.MustCompile(`'[^']*'|"[^"]*"`)
	flagOf       = regexp.MustCompile(`(?:^|[\s\[])-([a-z][a-z0-9-]*)`)
)

// commandLines returns what a document tells its readers to type: the lines of its
// shell blocks, and what is in backquotes.
func commandLines(text string) []string {
	var lines []string
	for _, block := range code.FindAllString(continuation.ReplaceAllString(text, " "), -1) {
		for line := range strings.Lines(strings.Trim(block, "`")) {
			lines = append(lines, strings.TrimPrefix(strings.TrimSpace(line), "$ "))
		}
	}
	return lines
}

// manuals are the files that have the flags of the commands, and how a flag is there.
var manuals = map[string]struct{ file, flag string }{
	"archive":        {"examples/archive/manual.go", `(?m)(?:^|[\s,(\[|])-FLAG\b`},
	"pipeline":       {"examples/pipeline/manual.go", `(?m)(?:^|[\s,(\[|])-FLAG\b`},
	"worker":         {"examples/worker/manual.go", `(?m)(?:^|[\s,(\[|])-FLAG\b`},
	"internal/build": {"examples/internal/build/main.go", `flags\.\w+\("FLAG"`},
}

var started = regexp.MustCompile(`^(?:go run \S*?(?:examples/|\.\./)(archive|pipeline|worker|internal/build)|(?:\./codesuite-)?(archive|pipeline|worker))(?: |$)(.*)$`)

// TestFlags checks that the commands of this repository have each flag with which a
// document starts them, and each that their own README.md names.
func TestFlags(t *testing.T) {
	t.Parallel()
	found := make(map[string]int)
	for name, text := range documents(t) {
		for _, line := range commandLines(text) {
			command, arguments := "", ""
			if m := started.FindStringSubmatch(line); m != nil {
				command, arguments = m[1]+m[2], m[3]
			} else if own := strings.TrimPrefix(path.Dir(name), "examples/"); strings.HasPrefix(line, "-") && manuals[own].file != "" {
				command, arguments = own, line
			} else {
				continue
			}
			arguments = quoted.ReplaceAllString(arguments, "")
			if at := ends.FindStringIndex(arguments); at != nil {
				arguments = arguments[:at[0]]
			}
			manual := read(t, manuals[command].file)
			for _, m := range flagOf.FindAllStringSubmatch(arguments, -1) {
				found[command]++
				pattern := strings.ReplaceAll(manuals[command].flag, "FLAG", regexp.QuoteMeta(m[1]))
				if m[1] != "h" && !regexp.MustCompile(pattern).MatchString(manual) {
					t.Errorf("%s: %q: the command %s has no flag -%s", name, line, command, m[1])
				}
			}
		}
	}
	for command := range manuals {
		if found[command] == 0 {
			t.Errorf("no document has a flag of %s", command)
		}
	}
}

var goCommand = regexp.MustCompile(`(?:^| )go (?:run|build|test|vet|generate|install) (.*)$`)

// TestGoCommands checks that the folders in the commands of Go that documents tell are
// there, and that -run and -bench choose a function of them.
func TestGoCommands(t *testing.T) {
	t.Parallel()
	functions := make(map[string][]string) // by folder
	for _, s := range parse(t) {
		if !s.isTest() {
			continue
		}
		for _, object := range s.Decls {
			if name := testName(object); name != "" {
				functions[s.dir()] = append(functions[s.dir()], name)
			}
		}
	}
	commands := 0
	for name, text := range documents(t) {
		for _, line := range commandLines(text) {
			m := goCommand.FindStringSubmatch(line)
			if m == nil {
				continue
			}
			commands++
			var folders []string
			chosen := make(map[string]string)
			words := strings.Fields(m[1])
			for i, word := range words {
				switch {
				case (word == "-run" || word == "-bench") && i+1 < len(words):
					chosen[word] = strings.Trim(strings.ReplaceAll(words[i+1], `\|`, "|"), "'")
				case strings.HasPrefix(word, "./") || strings.HasPrefix(word, "../"):
					folder, all := strings.CutSuffix(word, "...")
					here := path.Join(path.Dir(name), folder)
					if !exists(here) {
						here = path.Join(folder)
					}
					if !exists(here) {
						t.Errorf("%s: %q: there is no %s", name, line, word)
					} else if !all {
						folders = append(folders, here)
					}
				}
			}
			for option, pattern := range chosen {
				kind := map[string]string{"-run": "Test", "-bench": "Benchmark"}[option]
				if len(folders) == 0 || pattern == "^$" || pattern == "." || pattern == "xxx" {
					continue
				}
				matches := regexp.MustCompile(pattern).MatchString
				n := 0
				for _, folder := range folders {
					for _, f := range functions[folder] {
						if strings.HasPrefix(f, kind) && matches(f) {
							n++
						}
					}
				}
				if n == 0 {
					t.Errorf("%s: %q: %s %s chooses nothing in %q", name, line, option, pattern, folders)
				}
			}
		}
	}
	if commands < 50 {
		t.Errorf("there are %d commands of Go", commands)
	}
}

func exists(name string) bool {
	_, err := os.Stat(filepath.Join(root, name))
	return err == nil
}

// testName returns the name of a function, or "" for another declaration.
func testName(d ast.Decl) string {
	if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil {
		return f.Name.Name
	}
	return ""
}
