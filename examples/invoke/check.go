package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/codesuite-go/codesuite/examples/internal/glob"
)

// maxFindings is how many findings are kept. The message has room for less.
const maxFindings = 1000

// finding is something that the rules do not allow.
type finding struct {
	path string
	line int // 0 for the file as a whole
	text string
}

func (f finding) String() string {
	if f.line > 0 {
		return fmt.Sprintf("%s:%d: %s", printable(f.path), f.line, f.text)
	}
	return fmt.Sprintf("%s: %s", printable(f.path), f.text)
}

// printable quotes names that would not be read as what they are.
func printable(name string) string {
	if strings.ContainsFunc(name, func(c rune) bool { return !strconv.IsPrint(c) }) {
		return strconv.Quote(name)
	}
	return name
}

// report is what a check found and counted.
type report struct {
	findings []finding // by path and line, at most maxFindings
	total    int
	files    int
	links    int
	bytes    int64
	largest  int64
}

func (r *report) add(path string, line int, format string, args ...any) {
	r.total++
	if len(r.findings) < maxFindings {
		r.findings = append(r.findings, finding{path, line, fmt.Sprintf(format, args...)})
	}
}

// check walks the content and applies the rules. Links are not followed.
func check(ctx context.Context, content fs.FS, rules *rules) (*report, error) {
	r := new(report)
	missing := make(map[string]bool)
	for _, pattern := range rules.Required {
		missing[pattern] = true
	}
	buffer := make([]byte, scanWindow)
	err := fs.WalkDir(content, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if d.IsDir() {
			if rules.caseConflicts() {
				return r.compareCase(content, name)
			}
			return nil
		}
		for pattern := range missing {
			if glob.Match(pattern, name) {
				delete(missing, pattern)
			}
		}
		for _, pattern := range rules.Forbidden {
			if glob.Match(pattern, name) {
				r.add(name, 0, "forbidden by %q", pattern)
				break
			}
		}
		if !d.Type().IsRegular() {
			r.links++
			return nil
		}
		return r.file(ctx, content, name, d, rules, buffer)
	})
	if err != nil {
		return nil, err
	}
	for _, pattern := range slices.Sorted(slices.Values(rules.Required)) {
		if missing[pattern] {
			r.add(pattern, 0, "required, but missing")
			delete(missing, pattern)
		}
	}
	slices.SortStableFunc(r.findings, func(a, b finding) int {
		return cmp.Or(strings.Compare(a.path, b.path), cmp.Compare(a.line, b.line))
	})
	return r, nil
}

func (r *report) file(ctx context.Context, content fs.FS, name string, d fs.DirEntry, rules *rules, buffer []byte) error {
	info, err := d.Info()
	if err != nil {
		return err
	}
	size := info.Size()
	r.files++
	r.bytes += size
	r.largest = max(r.largest, size)
	if glob.MatchAny(rules.Ignore, name) {
		return nil
	}
	if rules.MaxFileSize > 0 && size > rules.MaxFileSize {
		r.add(name, 0, "%d bytes, over the limit of %d", size, rules.MaxFileSize)
	}
	if !rules.secrets() {
		return nil
	}
	file, err := content.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	return scan(&contextReader{ctx, file}, buffer, func(line int, what string) { r.add(name, line, "%s", what) })
}

// compareCase finds names of a folder that differ in case alone. It holds those
// of one folder at a time.
func (r *report) compareCase(content fs.FS, folder string) error {
	entries, err := fs.ReadDir(content, folder)
	if err != nil {
		return err
	}
	seen := make(map[string]string) // the first name by its lower case
	for _, e := range entries {
		key := strings.ToLower(e.Name())
		other, ok := seen[key]
		if !ok {
			seen[key] = e.Name()
			continue
		}
		r.add(path.Join(folder, e.Name()), 0, "differs only in case from %s", printable(path.Join(folder, other)))
	}
	return nil
}

// contextReader ends a scan when the context has ended.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (r *contextReader) Read(p []byte) (int, error) {
	if r.ctx.Err() != nil {
		return 0, context.Cause(r.ctx)
	}
	return r.r.Read(p)
}
